from datetime import date, timedelta

import pytest

from lib.demo.habits import HABITS
from lib.demo.seasons import double_ninth, feast, in_term, season, spring_festival
from lib.domain.vocab import ServiceKind

NEAR = timedelta(days=1)


@pytest.mark.parametrize(
    "day", ["2020-01-25", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2028-01-26"]
)
def test_spring_festival__known_years__right_to_a_day(day: str) -> None:
    known = date.fromisoformat(day)
    assert abs(spring_festival(known.year) - known) <= NEAR


@pytest.mark.parametrize("day", ["2020-10-25", "2023-10-23", "2025-10-29", "2026-10-18"])
def test_double_ninth__known_years__right_to_a_day(day: str) -> None:
    known = date.fromisoformat(day)
    assert abs(double_ninth(known.year) - known) <= NEAR


def test_in_term__holidays_are_free() -> None:
    assert in_term(date(2026, 4, 15))
    assert not in_term(date(2026, 7, 15))
    assert not in_term(date(2026, 2, 10))
    assert not in_term(date(2026, 10, 2))
    assert not in_term(date(2026, 5, 1))


def test_season__feasts_stand_out() -> None:
    assert (
        season(ServiceKind.REPAIR, date(2026, 3, 5))
        > season(ServiceKind.REPAIR, date(2026, 3, 4))
        > 1
    )
    assert season(ServiceKind.TUTORING, date(2026, 4, 18)) == 0
    assert season(ServiceKind.VISIT, date(2026, 2, 18)) < 1
    assert season(ServiceKind.PATROL, date(2026, 2, 18)) == 1
    assert feast(date(2026, 4, 20)) is None


def test_habits__every_kind_and_the_whole() -> None:
    assert HABITS.keys() == set(ServiceKind)
    assert sum(habit.share for habit in HABITS.values()) == pytest.approx(1)
