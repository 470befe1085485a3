"""The formula of suggestions, part by part, and the reasons that go with it."""

from datetime import date, time, timedelta

import pytest

from lib.domain import matching
from lib.domain.matching import Opening, Part, Reason, Volunteer, Wanted, mask, occasions
from lib.domain.vocab import DayPart, ServiceKind, Skill

SATURDAY = date(2026, 11, 21)
K, S = ServiceKind, Skill
TUTORING = Opening(Wanted.NEED, 1, 10, K.TUTORING)
LIN = Volunteer(1, 10)


def test_weights__are_out_of_a_hundred_and_of_every_part() -> None:
    assert set(matching.WEIGHTS) == set(Part)
    assert sum(matching.WEIGHTS.values()) == 100


def test_suits__says_something_of_every_kind() -> None:
    assert set(matching.SUITS) == set(ServiceKind)


@pytest.mark.parametrize(
    ("skills", "known", "asked", "kind", "share"),
    [
        ({S.TEACHING}, set(), set(), K.TUTORING, 1),
        (set(), {K.TUTORING}, set(), K.TUTORING, 0),
        (set(), set(), set(), K.TUTORING, None),
        (set(), set(), set(), K.VISIT, 1),
        ({S.LAW}, set(), {S.LAW, S.DRIVING}, K.VISIT, None),
        ({S.LAW, S.DRIVING}, set(), {S.LAW}, K.VISIT, 1),
    ],
)
def test_skill__asked_by_name_or_by_the_kind(skills, known, asked, kind, share) -> None:
    assert matching.skill_share(skills, known, asked, kind) == share


def test_occasions__hours_over_noon_need_both_parts_free() -> None:
    morning, afternoon = mask([(5, DayPart.MORNING)]), mask([(5, DayPart.AFTERNOON)])
    when = occasions(SATURDAY, SATURDAY, time(9), time(11))
    assert when == (morning,)
    over_noon = occasions(SATURDAY, SATURDAY, time(11), time(13))
    assert over_noon == (morning | afternoon,)
    assert matching.time_share(morning, over_noon) is None
    assert matching.time_share(morning | afternoon, over_noon) == 1
    assert occasions(SATURDAY, SATURDAY, time(12), time(18)) == (afternoon,)


def test_occasions__without_hours_any_part_of_any_day() -> None:
    assert len(occasions(SATURDAY, SATURDAY)) == 3
    assert len(occasions(SATURDAY, SATURDAY + timedelta(days=60))) == 21


def test_time__unknown_is_half_and_times_that_do_not_fit_rule_out() -> None:
    when = occasions(SATURDAY, SATURDAY)
    assert matching.time_share(0, when) == matching.UNKNOWN
    assert matching.time_share(mask([(5, DayPart.EVENING)]), ()) == matching.UNKNOWN
    assert matching.time_share(mask([(4, DayPart.EVENING)]), when) is None


def test_distance__falls_evenly_and_ends_at_the_radius() -> None:
    assert matching.distance_share(0, 500) == 1
    assert matching.distance_share(1000, None) == 0.5
    assert matching.distance_share(9000, None) == 0
    assert matching.distance_share(501, 500) is None
    assert matching.distance_share(None, 500) == matching.UNKNOWN


def test_load__fewer_promises_are_better_and_the_limit_rules_out() -> None:
    found = [matching.load_share(n) for n in range(matching.OPEN_CLAIMS_MAX + 1)]
    assert found == [1, 1 / 2, 1 / 3, None]


def test_fairness__the_longer_ago_the_better() -> None:
    assert matching.fairness_share(None, SATURDAY) == 1
    assert matching.fairness_share(SATURDAY, SATURDAY) == 0
    assert matching.fairness_share(SATURDAY - timedelta(days=90), SATURDAY) == 0.5
    assert matching.fairness_share(SATURDAY - timedelta(days=900), SATURDAY) == 1


def test_score__everything_fits_is_a_hundred() -> None:
    free = mask([(5, DayPart.MORNING)])
    opening = Opening(Wanted.NEED, 1, 10, K.TUTORING, occasions=occasions(SATURDAY, SATURDAY))
    able = Volunteer(1, 10, 500, frozenset({S.TEACHING}), free, frozenset({K.TUTORING}))
    assert matching.score(matching.shares(opening, able, 0, SATURDAY)) == 100


def test_score__one_share_that_rules_out_is_enough() -> None:
    assert matching.score(matching.shares(TUTORING, LIN, 0, SATURDAY)) is None


def test_score__among_equals_whoever_was_asked_less_recently() -> None:
    visit = Opening(Wanted.NEED, 1, 10, K.VISIT)
    rested = Volunteer(1, 10, claimed_on=SATURDAY - timedelta(days=100))
    asked = Volunteer(2, 10, claimed_on=SATURDAY - timedelta(days=1))
    first, second = (
        matching.score(matching.shares(visit, one, 300, SATURDAY)) for one in (rested, asked)
    )
    assert first is not None
    assert second is not None
    assert 0 < first - second <= matching.WEIGHTS[Part.FAIRNESS]


def test_reasons__say_what_speaks_for_them() -> None:
    opening = Opening(Wanted.NEED, 1, 10, K.TUTORING, occasions=occasions(SATURDAY, SATURDAY))
    able = Volunteer(
        1,
        11,
        skills=frozenset({S.TEACHING, S.DRIVING}),
        free=mask([(5, DayPart.MORNING), (0, DayPart.EVENING)]),
        gave=frozenset({K.TUTORING}),
        open_claims=2,
        claimed_on=SATURDAY - timedelta(days=200),
    )
    assert matching.reasons(opening, able, 431, SATURDAY) == (
        Reason("skill", {"skills": (S.TEACHING,)}),
        Reason("gave", {"kind": K.TUTORING}),
        Reason("metres", {"metres": 400}),
        Reason("free", {"times": ((5, DayPart.MORNING),)}),
        Reason("open_claims", {"n": 2}),
        Reason("rested", {"day": SATURDAY - timedelta(days=200)}),
    )
    assert matching.reasons(opening, LIN, 0, SATURDAY) == (
        Reason("here"),
        Reason("no_claim"),
        Reason("never_asked"),
    )


def test_times__come_back_from_the_mask() -> None:
    times = [(0, DayPart.MORNING), (2, DayPart.EVENING), (6, DayPart.AFTERNOON)]
    assert list(matching.times_of(mask(times))) == times
