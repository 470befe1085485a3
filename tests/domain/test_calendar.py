from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.calendar import (
    Period,
    Span,
    first_of,
    local,
    months_back,
    running,
    same_days_before,
)

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("period", "day", "first"),
    [
        (Period.WEEK, date(2026, 3, 1), date(2026, 2, 23)),
        (Period.WEEK, date(2026, 3, 2), date(2026, 3, 2)),
        (Period.MONTH, date(2024, 2, 29), date(2024, 2, 1)),
        (Period.QUARTER, date(2026, 3, 31), date(2026, 1, 1)),
        (Period.QUARTER, date(2026, 12, 1), date(2026, 10, 1)),
        (Period.YEAR, date(2026, 12, 31), date(2026, 1, 1)),
    ],
)
def test_first_of(period: Period, day: date, first: date) -> None:
    assert first_of(period, day) == first


@pytest.mark.parametrize(
    ("period", "day", "before"),
    [
        (Period.MONTH, date(2026, 3, 5), Span(date(2026, 2, 1), date(2026, 2, 5))),
        (Period.MONTH, date(2026, 3, 31), Span(date(2026, 2, 1), date(2026, 2, 28))),
        (Period.MONTH, date(2026, 1, 10), Span(date(2025, 12, 1), date(2025, 12, 10))),
        (Period.WEEK, date(2026, 3, 3), Span(date(2026, 2, 23), date(2026, 2, 24))),
        (Period.QUARTER, date(2026, 1, 1), Span(date(2025, 10, 1), date(2025, 10, 1))),
        (Period.YEAR, date(2025, 1, 2), Span(date(2024, 1, 1), date(2024, 1, 2))),
    ],
)
def test_same_days_before(period: Period, day: date, before: Span) -> None:
    assert same_days_before(period, day) == before


@given(st.sampled_from(Period), DAYS)
def test_same_days_before__ends_before_the_period_begins(period: Period, day: date) -> None:
    now, before = running(period, day), same_days_before(period, day)
    assert before.first <= before.last < now.first <= now.last == day
    assert before.days <= now.days
    assert first_of(period, before.last) == before.first


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 0, date(2026, 3, 1)),
        (date(2026, 3, 31), 3, date(2025, 12, 1)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 12, 5), 24, date(2024, 12, 1)),
    ],
)
def test_months_back(day: date, months: int, expected: date) -> None:
    assert months_back(day, months) == expected


def test_local__the_street_is_eight_hours_ahead() -> None:
    instant = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    assert local(instant).isoformat() == "2026-03-05T00:30:00+08:00"
    assert local(instant.replace(tzinfo=None)) == local(instant)
