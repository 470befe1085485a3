"""The year of voluntary service: feast days, school terms and weekends as weights of a day.

It knows days and kinds of service only; how many services a weight makes is decided in
`lib.demo.activity`.
"""

from datetime import date, timedelta
from functools import cache

from lib.domain.vocab import ServiceKind

_LUNATION_DAYS = 29.530588861
_NEW_MOON = date(2000, 1, 7)
_NEW_MOON_HOUR = 2.2 / 24
_K = ServiceKind


def _new_moon(number: int) -> date:
    """The mean new moon by the street's clock, right to a day; number 0 is January 2000."""
    return _NEW_MOON + timedelta(days=int(_NEW_MOON_HOUR + _LUNATION_DAYS * number))


def _first_new_moon(day: date) -> int:
    number = int((day - _NEW_MOON).days / _LUNATION_DAYS) - 1
    while _new_moon(number) < day:
        number += 1
    return number


@cache
def spring_festival(year: int) -> date:
    """New Year's day of the lunar calendar: the first new moon from 21 January on."""
    return _new_moon(_first_new_moon(date(year, 1, 21)))


@cache
def double_ninth(year: int) -> date:
    """The ninth day of the ninth lunar month, whose new moon is the last before 24 October."""
    return _new_moon(_first_new_moon(date(year, 10, 24)) - 1) + timedelta(days=8)


def in_term(day: date) -> bool:
    """Whether schools teach: not in summer, winter and the two long holidays."""
    winter = (day - spring_festival(day.year)).days
    if -21 <= winter <= 16 or day.month in (7, 8):
        return False
    return (day.month, day.day) not in {(10, d) for d in range(1, 8)} | {
        (5, d) for d in range(1, 6)
    }


def _near(day: date, feast: date, before: int, after: int) -> bool:
    return feast - timedelta(days=before) <= day <= feast + timedelta(days=after)


def feast(day: date) -> str | None:
    """The feast whose service falls on the day: a key of the names' ``feasts``."""
    spring = spring_festival(day.year)
    feasts = {
        "spring": (spring, 16, -1),
        "lei_feng": (date(day.year, 3, 5), 2, 2),
        "july": (date(day.year, 7, 1), 6, 0),
        "double_ninth": (double_ninth(day.year), 3, 1),
        "december": (date(day.year, 12, 5), 1, 2),
    }
    return next((key for key, span in feasts.items() if _near(day, *span)), None)


FEAST_KINDS: dict[str, dict[ServiceKind, float]] = {
    "spring": {_K.VISIT: 3.6, _K.CULTURE_SPORT: 1.8, _K.CLEAN_UP: 1.5},
    "lei_feng": {
        _K.REPAIR: 5.0,
        _K.HEALTH: 4.0,
        _K.CLEAN_UP: 3.5,
        _K.VISIT: 3.0,
        _K.CIVILITY: 3.0,
        _K.OTHER: 2.0,
    },
    "july": {_K.LECTURE: 4.0, _K.VISIT: 2.4, _K.CULTURE_SPORT: 2.0},
    "double_ninth": {_K.VISIT: 3.6, _K.HEALTH: 2.6, _K.CULTURE_SPORT: 2.2},
    "december": {_K.CIVILITY: 2.6, _K.CLEAN_UP: 2.6, _K.REPAIR: 2.4, _K.HEALTH: 2.0},
}
"""How many times its usual weight a kind has at a feast; other kinds keep theirs."""

LEI_FENG_DAY = 1.9
"""Lei Feng Day itself, 5 March, stands above the days around it."""

SPRING_REST = 0.35
"""In the festival week people stay at home; only patrols go on."""


def season(kind: ServiceKind, day: date) -> float:
    """The weight of a kind on a day of the year, 1 on a usual day."""
    if kind is ServiceKind.TUTORING and not (in_term(day) and day.weekday() < 5):
        return 0.0
    if _near(day, spring_festival(day.year), 0, 6) and kind is not ServiceKind.PATROL:
        return SPRING_REST
    key = feast(day)
    if key is None:
        return 1.0
    weight = FEAST_KINDS[key].get(kind, 1.0)
    return weight * LEI_FENG_DAY if (day.month, day.day) == (3, 5) and weight > 1 else weight
