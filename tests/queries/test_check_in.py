"""The list of check-ins, its totals, and the unit's ledger by quarter."""

from datetime import date, timedelta

import pytest

from lib.domain.calendar import today
from lib.domain.vocab import CheckInState, ServiceState, VolunteerDuty
from lib.queries import check_in as asking
from lib.queries import unit_ledger
from lib.services.check_in import MoveEntry, leave, move
from tests.factories import SmallStreet, service_given
from tests.services.pipeline import request
from tests.services.test_check_in import entered, row

YEAR = today().year - 1


def teacher(street: SmallStreet, day: date = date(YEAR, 2, 1), **values: object) -> int:
    known = {"person_id": street.people["teacher"], "new_name": "", "day": day}
    return entered(street, **known, **values)


def ledger(street: SmallStreet, by: str = "unit_liaison", unit: str = "school", year: int = YEAR):
    return unit_ledger.ledger(
        street.actors[by], organisation_id=street.units[unit], year=year
    ).to_dict("records")


def given(street: SmallStreet, day: date, minutes: int, **values: object) -> None:
    service_given(street, street.areas.g1, day=day, persons=[("teacher", minutes)], **values)


def test_listing__by_state_unit_and_words__within_reach(street: SmallStreet) -> None:
    first = teacher(street)
    second = entered(street, "street_committee", area_id=street.areas.g3, certificate_number="A-2")
    secretary, committee = street.actors["community_secretary"], street.actors["street_committee"]
    assert list(asking.listing(secretary, area_id=None)["check_in_id"]) == [first]
    assert list(asking.listing(committee, area_id=None)["check_in_id"]) == [second, first]
    for words, found in (("石新", [first]), ("A-2", [second]), ("石桥小学", [second, first])):
        assert list(asking.listing(committee, area_id=None, text=words)["check_in_id"]) == found
    leave(secretary, check_in_id=first, version=1, reason="调离")
    still = asking.listing(committee, area_id=None, states=(CheckInState.REGISTERED,))
    assert list(still["check_in_id"]) == [second]
    one = asking.check_in(secretary, check_in_id=first).iloc[0]
    assert (one["name"], one["home_zh"], one["reason"]) == ("石新", "第1网格", "调离")
    for blind in ("visitor", "volunteer", "unit_liaison", "grid_worker"):
        assert asking.listing(street.actors[blind], area_id=None).empty


def test_totals__members_once__units_communities_and_chiefs(street: SmallStreet) -> None:
    committee = street.actors["street_committee"]
    first = teacher(street, duties=frozenset({VolunteerDuty.YARD_CHIEF, VolunteerDuty.MODEL}))
    move(
        committee,
        check_in_id=first,
        version=1,
        entry=MoveEntry(street.areas.g3),
        request_id=request(),
    )
    entered(street, certificate_number="A-2", duties=frozenset({VolunteerDuty.HOUSEHOLD_CHIEF}))
    entered(street, new_name="无单位", organisation_id=None, certificate_number="")
    totals = asking.totals(committee, area_id=None).iloc[0]
    assert [totals[name] for name in asking.TOTAL_COLUMNS] == [2, 1, 2, 1, 3, 0, 2]
    nothing = asking.totals(street.actors["visitor"], area_id=None).iloc[0]
    assert nothing.sum() == 0


def test_ledger__confirmed_services_and_hours_by_quarter(street: SmallStreet) -> None:
    teacher(street, duties=frozenset({VolunteerDuty.TUTOR}))
    given(street, date(YEAR, 1, 31), 600)
    for day, minutes in (((2, 1), 60), ((3, 31), 30), ((4, 1), 45), ((12, 31), 15)):
        given(street, date(YEAR, *day), minutes)
    given(street, date(YEAR, 8, 8), 90, state=ServiceState.RECORDED)
    (one,) = ledger(street)
    quarters = [(one[f"q{n}_services"], one[f"q{n}_minutes"]) for n in unit_ledger.QUARTERS]
    assert quarters == [(2, 90), (1, 45), (0, 0), (1, 15)]
    assert (one["services"], one["minutes"]) == (4, 150)
    assert (one["name"], one["area_zh"], one["since"], one["duties"]) == (
        "石新",
        "石桥社区",
        date(YEAR, 2, 1),
        (VolunteerDuty.TUTOR,),
    )
    assert ledger(street, year=YEAR - 1) == []
    assert ledger(street, year=YEAR + 1)[0]["minutes"] == 0


def test_ledger__moved_within_the_unit__stands_once_and_counts_once(street: SmallStreet) -> None:
    first, day = teacher(street), date(YEAR, 6, 1)
    move(
        street.actors["street_committee"],
        check_in_id=first,
        version=1,
        entry=MoveEntry(street.areas.g3, day=day),
        request_id=request(),
    )
    for offset in (-1, 0, 1):
        given(street, day + timedelta(days=offset), 10)
    (one,) = ledger(street)
    assert (one["area_zh"], one["since"], one["services"]) == ("青石社区", date(YEAR, 2, 1), 3)


def test_ledger__after_leaving__nothing_more_counts(street: SmallStreet) -> None:
    number = teacher(street, today() - timedelta(days=2))
    leave(street.actors["community_secretary"], check_in_id=number, version=1, reason="调离")
    given(street, today(), 10)
    (one,) = ledger(street, year=today().year)
    assert (one["state"], one["services"]) == (CheckInState.LEFT, 1)
    assert row(number).ended_on == today()


@pytest.mark.parametrize("by", ["community_secretary", "team_leader", "volunteer", "visitor"])
def test_ledger__is_the_units_and_the_streets_alone(street: SmallStreet, by: str) -> None:
    teacher(street)
    assert ledger(street, by) == []
    assert unit_ledger.units(street.actors[by]).empty
    assert len(ledger(street, "street_committee")) == 1
    assert ledger(street, "unit_liaison", "clinic") == []
    assert list(unit_ledger.units(street.actors["unit_liaison"])["name_zh"]) == ["石桥小学"]
