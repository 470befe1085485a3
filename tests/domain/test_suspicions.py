"""What counts as odd about records, and what does not."""

from datetime import UTC, date, datetime, time, timedelta

from lib.domain.suspicions import AT_ONCE, Given, Rule, digest, suspicions

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOTE = "入户走访，了解老人近况，帮助打扫"


def given(number, *, minutes=60, at=None, person=None, later=0, note="", by=1, typed=True):
    """A record of the day; each has a person and an hour of recording of its own."""
    who = number if person is None else person
    recorded = NOW + timedelta(seconds=later) if later else NOW + timedelta(hours=number)
    return Given(number, DAY, at, by, recorded, note, {who: minutes}, typed)


def found(*records):
    return [(one.rule, one.service_ids) for one in suspicions(records)]


def test_at_once__as_many_as_the_limit_within_a_minute() -> None:
    burst = [given(n, later=n * 8) for n in range(1, AT_ONCE + 1)]
    assert found(*burst) == [(Rule.AT_ONCE, tuple(range(1, AT_ONCE + 1)))]
    assert found(*burst[1:]) == []


def test_at_once__slower_by_others_or_from_a_ledger_is_nothing() -> None:
    assert found(*(given(n, later=n * 20) for n in range(1, AT_ONCE + 1))) == []
    assert found(*(given(n, later=n, by=n) for n in range(1, AT_ONCE + 1))) == []
    assert found(*(given(n, later=n, typed=False) for n in range(1, AT_ONCE + 1))) == []


def test_long_day__more_than_sixteen_hours_of_one_person() -> None:
    assert found(given(1, minutes=600, person=7), given(2, minutes=360, person=7)) == []
    records = given(1, minutes=600, person=7), given(2, minutes=361, person=7)
    (one,) = suspicions(records)
    assert (one.rule, one.people, one.values) == (Rule.LONG_DAY, (7,), {"minutes": 961})


def test_two_places__overlapping_times_once_for_all_who_are_in_both() -> None:
    one = Given(1, DAY, time(9), 1, NOW, "", {7: 120, 8: 120})
    other = Given(2, DAY, time(10, 30), 2, NOW, "", {7: 60, 8: 60, 9: 60})
    (found_one,) = suspicions([one, other])
    assert (found_one.rule, found_one.service_ids) == (Rule.TWO_PLACES, (1, 2))
    assert found_one.people == (7, 8)
    assert found_one.values == {"n": 2, "times": ((540, 660), (630, 690))}


def test_two_places__one_after_the_other_or_at_no_known_time_is_nothing() -> None:
    first = given(1, person=7, at=time(9))
    assert found(first, given(2, person=7, at=time(10))) == []
    assert found(first, given(2, person=7)) == []
    assert found(first, given(2, person=8, at=time(9))) == []


def test_same_note__of_one_recorder_and_day() -> None:
    alike = [given(n, note=NOTE if n < 3 else f"{NOTE}卫生") for n in (1, 2, 3)]
    assert found(*alike) == [(Rule.SAME_NOTE, (1, 2, 3))]
    assert found(*alike[:2]) == []
    assert found(*alike[:2], given(3, note=NOTE, by=2)) == []
    assert found(*(given(n, note="巡逻") for n in (1, 2, 3))) == []


def test_same_photo__in_two_records__not_twice_in_one() -> None:
    one, other, third = (
        Given(n, DAY, None, n, NOW, "", {n: 60}, photos=photos)
        for n, photos in ((1, ("a", "a")), (2, ("b",)), (3, ("b", "c")))
    )
    assert found(one, other) == []
    assert found(one, other, third) == [(Rule.SAME_PHOTO, (2, 3))]


def test_digest__is_of_the_rule_and_the_records_in_any_order() -> None:
    assert digest(Rule.AT_ONCE, [3, 1]) == digest(Rule.AT_ONCE, (1, 3))
    assert digest(Rule.AT_ONCE, [1]) != digest(Rule.LONG_DAY, [1])
    assert digest(Rule.AT_ONCE, [1]) != digest(Rule.AT_ONCE, [1, 2])
