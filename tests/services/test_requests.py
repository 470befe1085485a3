"""A form that is sent twice, one after the other or at one moment, adds one thing."""

from collections.abc import Callable

import pytest

from lib.domain.calendar import today
from lib.domain.vocab import Level, Net, Office, PostKind, UnitKind
from lib.persistence.models import (
    Appointment,
    Area,
    Base,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Estate,
    Organisation,
    Post,
    Service,
)
from lib.services.appointments import Holder, appoint, hand_over
from lib.services.buildings import BuildingEntry, EstateEntry, add_building, add_estate
from lib.services.service import Participant, record_service
from lib.services.structure import add_centre, add_group, add_post, set_up_branch
from lib.services.tree import AreaEntry, add_area
from lib.services.units import UnitEntry, add_unit
from tests.factories import OPENED, SmallStreet
from tests.services.test_structure import one
from tests.services.written import count, counters, entry, everything, together

Send = Callable[[SmallStreet, str], int]
WHO = "street_committee"


def _unit(street: SmallStreet, request_id: str) -> int:
    unit = UnitEntry("新单位", UnitKind.SCHOOL, Net.COMPREHENSIVE, street.areas.g1)
    return add_unit(street.actors[WHO], entry=unit, request_id=request_id)


def _service(street: SmallStreet, request_id: str) -> int:
    return record_service(
        street.actors[WHO],
        entry=entry(street.areas.g1),
        participants=[Participant(60, person_id=street.people["lin"])],
        request_id=request_id,
    )


def _area(street: SmallStreet, request_id: str) -> int:
    return add_area(
        street.actors[WHO],
        parent_id=street.areas.c1,
        level=Level.GRID,
        entry=AreaEntry("新网格", OPENED),
        request_id=request_id,
    )


def _building(street: SmallStreet, request_id: str) -> int:
    building = BuildingEntry("新楼", street.areas.g1, 3, OPENED, "入户统计")
    return add_building(street.actors[WHO], entry=building, request_id=request_id)


def _estate(street: SmallStreet, request_id: str) -> int:
    estate = EstateEntry("新小区", frozenset({street.areas.g1}))
    return add_estate(street.actors[WHO], entry=estate, request_id=request_id)


def _branch(street: SmallStreet, request_id: str) -> int:
    grid = street.areas.g2
    return set_up_branch(street.actors[WHO], area_id=grid, name_zh="新支部", request_id=request_id)


def _group(street: SmallStreet, request_id: str) -> int:
    branch = one(Branch, area_id=street.areas.g1).id
    return add_group(street.actors[WHO], branch_id=branch, request_id=request_id)


def _centre(street: SmallStreet, request_id: str) -> int:
    group, home = one(BuildingGroup, number=2).id, one(Building, label="1号楼").id
    return add_centre(street.actors[WHO], group_id=group, building_id=home, request_id=request_id)


def _post(street: SmallStreet, request_id: str) -> int:
    grid, kind = street.areas.g1, PostKind.WORKER
    return add_post(street.actors[WHO], area_id=grid, kind=kind, request_id=request_id)


def _appointed(street: SmallStreet, request_id: str) -> int:
    return appoint(
        street.actors[WHO],
        office=Office.POST,
        office_id=one(Post, area_id=street.areas.g1, kind=PostKind.WORKER).id,
        holder=Holder(new_name="新人"),
        since=today(),
        request_id=request_id,
    )


FORMS: dict[str, tuple[Send, type[Base]]] = {
    "unit": (_unit, Organisation),
    "service": (_service, Service),
    "area": (_area, Area),
    "building": (_building, Building),
    "estate": (_estate, Estate),
    "branch": (_branch, Branch),
    "group": (_group, BuildingGroup),
    "centre": (_centre, CentreHousehold),
    "post": (_post, Post),
    "appoint": (_appointed, Appointment),
}


@pytest.mark.parametrize("form", FORMS)
def test_add__one_request_twice__one_row(street: SmallStreet, form: str) -> None:
    send, model = FORMS[form]
    before, rows = counters(), count(model)
    first, second = together(2, lambda _: send(street, "one-request"))
    assert first == second
    after, moved = everything(), counters()
    assert count(model) == rows + 1
    assert send(street, "one-request") == first
    assert everything() == after
    assert {n - before.get(key, 0) for key, n in moved.items()} <= {0, 1}


def test_add__another_request__another_row(street: SmallStreet) -> None:
    assert _post(street, "one") != _post(street, "another")
    assert _group(street, "one") != _group(street, "another")


def test_hand_over__one_request_twice__one_successor(street: SmallStreet) -> None:
    head = one(Post, area_id=street.areas.g1, kind=PostKind.HEAD).id
    term = one(Appointment, office=Office.POST, office_id=head).id

    def send(_: int) -> int:
        return hand_over(
            street.actors[WHO],
            appointment_id=term,
            holder=Holder(new_name="接任人"),
            day=today(),
            request_id="one-request",
        )

    first, second = together(2, send)
    assert first == second != term
    assert count(Appointment, office=Office.POST, office_id=head) == 2


def test_add_unit__one_name_by_two_at_one_moment__one_is_told(street: SmallStreet) -> None:
    answers = together(4, lambda n: _unit(street, f"request-{n}"))
    assert sorted(map(str, answers))[1:] == ["refusal.invalid"] * 3
    assert count(Organisation, name_zh="新单位") == 1
