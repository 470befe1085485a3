"""How numbers, days and instants are written in each language (design guide, section 7)."""

from datetime import date, datetime, time

from lib.domain.calendar import local
from lib.domain.few import STEP, is_few
from lib.domain.vocab import Language

UNKNOWN = "—"
FEW = f"<{STEP}"
"""A count of people that may not be told exactly, the same in both languages."""


def count(value: float | None) -> str:
    """A whole number with thousands separated; unknown is a dash, a counted zero 0, few `FEW`."""
    if value is not None and is_few(value):
        return FEW
    return UNKNOWN if value is None else f"{value:,.0f}"


def hours(minutes: float | None) -> str:
    """Minutes as hours, one decimal below a hundred hours."""
    if minutes is None:
        return UNKNOWN
    value = minutes / 60
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"


def share(value: float | None) -> str:
    """A share of 0..1 as per cent with one decimal."""
    return UNKNOWN if value is None else f"{value * 100:.1f}%"


def money(fen: int | None, language: Language) -> str:
    """An amount of fen (1/100 yuan)."""
    if fen is None:
        return UNKNOWN
    yuan = f"{fen / 100:,.2f}".removesuffix(".00")
    return f"{yuan} 元" if language is Language.ZH else f"¥{yuan}"


def day(value: date | None, language: Language) -> str:
    """A day in full: 2026年3月5日, 5 Mar 2026."""
    if value is None:
        return UNKNOWN
    if language is Language.ZH:
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {value:%b} {value.year}"


def short_day(value: date, language: Language) -> str:
    """A day on an axis or in a list: 3/5, 5 Mar."""
    return f"{value.month}/{value.day}" if language is Language.ZH else f"{value.day} {value:%b}"


def clock_span(starts_at: time, ends_at: time) -> str:
    """A window of one day, the same in both languages."""
    return f"{starts_at:%H:%M}–{ends_at:%H:%M}"


def month(value: date, language: Language) -> str:
    """A month on an axis: 3月, Mar; January carries its year."""
    if language is Language.ZH:
        return f"{value:%y}年1月" if value.month == 1 else f"{value.month}月"
    return f"Jan {value:%y}" if value.month == 1 else f"{value:%b}"


def instant(value: datetime | None, language: Language) -> str:
    """An instant on the street's clock, to the minute."""
    if value is None:
        return UNKNOWN
    at = local(value)
    separator = " " if language is Language.ZH else ", "
    return f"{day(at.date(), language)}{separator}{at:%H:%M}"
