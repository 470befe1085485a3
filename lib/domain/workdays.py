"""Working days: the week's pattern, public holidays and the days worked in their stead.

Years that the State Council has published come from the package chinesecalendar; what a street
adds or alters stands in its settings (`lib.domain.local_settings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar.constants import holidays, workdays

USUAL_WEEK = (0, 1, 2, 3, 4)
"""Monday to Friday, as `date.weekday` counts them."""

PUBLISHED = frozenset(day.year for day in holidays)
"""Years whose arrangement the State Council's notice has fixed and the package holds."""


@lru_cache(maxsize=64)
def published(year: int) -> Mapping[date, bool]:
    """The year's special days in order: False is a day off, True one worked in its stead."""
    off = {day: False for day in holidays if day.year == year}
    worked = {day: True for day in workdays if day.year == year and day.weekday() > 4}
    return dict(sorted((off | worked).items()))


@dataclass(frozen=True)
class WorkCalendar:
    """A street's working days: `week` as `date.weekday` counts, `special` days by year.

    A year that `special` leaves out is taken as published.
    """

    week: tuple[int, ...]
    special: Mapping[int, Mapping[date, bool]]

    def knows(self, year: int) -> bool:
        """Whether the year's holidays are known; else only the week's pattern speaks."""
        return year in self.special or year in PUBLISHED

    def days_of(self, year: int) -> Mapping[date, bool]:
        """The special days of a year; none where it is not known."""
        return self.special[year] if year in self.special else published(year)

    def is_working(self, day: date) -> bool:
        """Whether the street works on the day."""
        return self.days_of(day.year).get(day, day.weekday() in self.week)

    def after(self, day: date, days: int) -> date:
        """The working day that is `days` working days later, the clock of deadlines."""
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working(day)
        return day

    def passed(self, day: date, days: int) -> date:
        """The latest day whose `days` working days are all over before `day`; see `after`."""
        day -= timedelta(days=1)
        while days > 0:
            days -= self.is_working(day)
            day -= timedelta(days=1)
        return day
