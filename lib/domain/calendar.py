"""Days, periods and the street's clock.

A day is the street's local day, stored as a date; an instant is UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

STREET_TIME = ZoneInfo("Asia/Shanghai")
"""China keeps one legal time; every street's day begins by it."""


class Period(StrEnum):
    """The running period a screen looks at."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days the span holds."""
        return (self.last - self.first).days + 1


def now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The street's present day."""
    return datetime.now(STREET_TIME).date()


def local(instant: datetime) -> datetime:
    """The instant on the street's clock; a naive instant is UTC."""
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(STREET_TIME)


def over(day: date) -> datetime:
    """The instant when the street's day is over."""
    return datetime.combine(day + timedelta(days=1), time(), STREET_TIME)


def first_of(period: Period, day: date) -> date:
    """First day of the period that holds `day`; weeks begin on Monday."""
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    if period is Period.MONTH:
        return day.replace(day=1)
    if period is Period.QUARTER:
        return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day.replace(month=1, day=1)


def running(period: Period, day: date) -> Span:
    """The period up to and with `day`."""
    return Span(first_of(period, day), day)


def same_days_before(period: Period, day: date) -> Span:
    """As many days from the start of the period before, never more than it had.

    Comparing 5 days of March with all of February would always show a fall.
    """
    current = running(period, day)
    previous_last = current.first - timedelta(days=1)
    previous_first = first_of(period, previous_last)
    last = min(previous_first + timedelta(days=current.days - 1), previous_last)
    return Span(previous_first, last)


def months_back(day: date, months: int) -> date:
    """First day of the month `months` before the month of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
