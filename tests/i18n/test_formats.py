from datetime import UTC, date, datetime, time

import pytest

from lib.domain.vocab import Language
from lib.i18n import formats

ZH, EN = Language.ZH, Language.EN


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "—"), (0, "0"), (1234567, "1,234,567"), (-5, "-5")]
)
def test_count(value: float | None, shown: str) -> None:
    assert formats.count(value) == shown


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (None, "—"),
        (0, "0"),
        (60, "1"),
        (90, "1.5"),
        (5990, "99.8"),
        (6010, "100"),
        (90000, "1,500"),
    ],
)
def test_hours(minutes: float | None, shown: str) -> None:
    assert formats.hours(minutes) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "—"), (0, "0.0%"), (1, "100.0%"), (0.9267, "92.7%")]
)
def test_share(value: float | None, shown: str) -> None:
    assert formats.share(value) == shown


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (None, "—", "—"),
        (0, "0 元", "¥0"),
        (5050, "50.50 元", "¥50.50"),
        (10**11, "1,000,000,000 元", "¥1,000,000,000"),
    ],
)
def test_money(fen: int | None, zh: str, en: str) -> None:
    assert (formats.money(fen, ZH), formats.money(fen, EN)) == (zh, en)


def test_days_and_instants() -> None:
    day = date(2026, 3, 5)
    assert (formats.day(day, ZH), formats.day(day, EN)) == ("2026年3月5日", "5 Mar 2026")
    assert (formats.short_day(day, ZH), formats.short_day(day, EN)) == ("3/5", "5 Mar")
    assert (formats.month(day, ZH), formats.month(day, EN)) == ("3月", "Mar")
    january = date(2026, 1, 9)
    assert (formats.month(january, ZH), formats.month(january, EN)) == ("26年1月", "Jan 26")
    instant = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    assert formats.instant(instant, ZH) == "2026年3月5日 00:30"
    assert formats.instant(instant, EN) == "5 Mar 2026, 00:30"
    assert (formats.day(None, ZH), formats.instant(None, EN)) == ("—", "—")


def test_clock_span__both_ends() -> None:
    assert formats.clock_span(time(9), time(11, 30)) == "09:00–11:30"
