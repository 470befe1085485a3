"""Estates and buildings: added, edited, removed, with what still stands on them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, NotPermitted, Refusal
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry, Building, Estate, EstateGrid
from lib.services.buildings import (
    BuildingEntry,
    EstateEntry,
    add_building,
    add_estate,
    edit_building,
    edit_estate,
    remove_building,
    remove_estate,
)
from tests.factories import OPENED, SIDE, SOUTH, WEST, SmallStreet
from tests.services.written import count, counters, everything


def entry_for(street: SmallStreet, **values: object) -> BuildingEntry:
    entry = BuildingEntry(
        label="9号楼",
        area_id=street.areas.g1,
        households=36,
        counted_on=OPENED,
        count_source="入户统计",
    )
    return replace(entry, **values)


def building(**values: object) -> Building:
    with Reads() as session:
        return session.scalars(select(Building).filter_by(**values)).one()


def estate() -> Estate:
    with Reads() as session:
        return session.scalars(select(Estate).order_by(Estate.id)).first()


def grids_of(estate_id: int) -> set[int]:
    with Reads() as session:
        return set(session.scalars(select(EstateGrid.area_id).filter_by(estate_id=estate_id)))


@pytest.mark.parametrize(
    "who", ["administrator", "street_committee", "community_secretary", "grid_secretary"]
)
def test_add__a_building(street: SmallStreet, who: str) -> None:
    before = counters()
    entry = entry_for(
        street,
        label=" <b>甲𠮷\n楼</b> ",
        estate_id=estate().id,
        lon=WEST + SIDE / 2,
        lat=SOUTH + SIDE / 2,
    )
    number = add_building(street.actors[who], entry=entry)
    made = building(id=number)
    assert (made.label, made.households, made.version) == ("<b>甲𠮷 楼</b>", 36, 1)
    assert (made.counted_on, made.count_source) == (OPENED, "入户统计")
    moved = ("structure", street.areas.s)
    assert counters()[moved] == before.get(moved, 0) + 1


@pytest.mark.parametrize("who", ["unit_liaison", "volunteer", "visitor", "neighbour"])
def test_commands__of_other_roles_and_places__refused(street: SmallStreet, who: str) -> None:
    before, actor = everything(), street.actors[who]
    first = building(area_id=street.areas.g1, label="1号楼").id
    home = EstateEntry("小区", frozenset({street.areas.g1}))
    for refused in (
        lambda: add_building(actor, entry=entry_for(street)),
        lambda: edit_building(actor, building_id=first, version=1, entry=entry_for(street)),
        lambda: remove_building(actor, building_id=first, version=1),
        lambda: add_estate(actor, entry=home),
        lambda: edit_estate(actor, estate_id=estate().id, version=1, entry=home),
        lambda: remove_estate(actor, estate_id=estate().id, version=1),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert everything() == before


BAD = {
    "no name": ({"label": "\u200b "}, "label", "problem.missing"),
    "ten thousand characters": ({"label": "楼" * 10_000}, "label", "problem.too_long"),
    "fewer than none": ({"households": -1}, "households", "problem.out_of_range"),
    "too many": ({"households": 10_001}, "households", "problem.out_of_range"),
    "counted tomorrow": (
        {"counted_on": today() + timedelta(days=1)},
        "counted_on",
        "problem.after",
    ),
    "counted long ago": ({"counted_on": date(1, 1, 1)}, "counted_on", "problem.before"),
    "no source": ({"count_source": ""}, "count_source", "problem.missing"),
    "half a position": ({"lon": 121.5}, "position", "problem.half_position"),
    "far away": ({"lon": 12.0, "lat": 50.0}, "position", "problem.outside_area"),
    "an estate that is not there": ({"estate_id": 404}, "estate_id", "problem.estate_elsewhere"),
}


@pytest.mark.parametrize(("values", "field", "code"), BAD.values(), ids=BAD)
def test_building__what_cannot_be_kept__named(
    street: SmallStreet, values: dict[str, object], field: str, code: str
) -> None:
    before, admin = everything(), street.actors["administrator"]
    entry, first = entry_for(street, **values), building(area_id=street.areas.g1, label="3号楼").id
    with pytest.raises(Invalid) as added:
        add_building(admin, entry=entry)
    with pytest.raises(Invalid) as edited:
        edit_building(admin, building_id=first, version=1, entry=entry)
    for caught in (added, edited):
        assert [(p.field, p.code) for p in caught.value.problems] == [(field, code)]
    assert everything() == before


def test_add__a_building_of_that_name_or_no_grid__refused(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    with pytest.raises(Invalid) as caught:
        add_building(admin, entry=entry_for(street, label="1号楼", estate_id=estate().id))
    assert [p.code for p in caught.value.problems] == ["problem.building_there"]
    add_building(admin, entry=entry_for(street, label="1号楼"))
    with pytest.raises(Refusal) as refused:
        add_building(admin, entry=entry_for(street, area_id=street.areas.c1))
    assert refused.value.code == "structure.not_a_grid"
    with pytest.raises(NotFound):
        add_building(admin, entry=entry_for(street, area_id=404_404))


def test_edit__households_counted_again(street: SmallStreet) -> None:
    secretary, first = street.actors["community_secretary"], building(label="2号楼")
    entry = entry_for(
        street,
        label="2号楼",
        households=48,
        counted_on=today(),
        estate_id=estate().id,
        lon=first.lon,
        lat=first.lat,
    )
    edit_building(secretary, building_id=first.id, version=1, entry=entry)
    assert (building(id=first.id).households, building(id=first.id).version) == (48, 2)
    with Reads() as session:
        changes = session.scalars(select(AuditEntry)).one().changes
    assert changes == {
        "households": [30, 48],
        "counted_on": ["2020-01-01", today().isoformat()],
    }
    edit_building(secretary, building_id=first.id, version=2, entry=entry)
    assert count(AuditEntry) == 1
    with pytest.raises(Changed) as caught:
        edit_building(secretary, building_id=first.id, version=1, entry=entry)
    assert (caught.value.version, caught.value.current["households"]) == (2, 48)


def test_building__with_a_centre_household__stays(street: SmallStreet) -> None:
    admin, first = street.actors["administrator"], building(area_id=street.areas.g1, label="1号楼")
    with pytest.raises(Refusal) as removed:
        remove_building(admin, building_id=first.id, version=1)
    elsewhere = entry_for(street, area_id=street.areas.g3)
    with pytest.raises(Refusal) as moved:
        edit_building(admin, building_id=first.id, version=1, entry=elsewhere)
    assert {removed.value.code, moved.value.code} == {"buildings.centre_there"}


def test_remove__a_building__leaves_its_audit(street: SmallStreet) -> None:
    admin, last = street.actors["administrator"], building(label="4号楼")
    with pytest.raises(Refusal) as caught:
        remove_building(admin, building_id=last.id, version=9)
    assert caught.value.code == "refusal.changed_meanwhile"
    remove_building(admin, building_id=last.id, version=1)
    assert count(Building, id=last.id) == 0
    assert count(AuditEntry, action="building.remove", subject_id=last.id) == 1


def test_edit__to_another_grid__both_must_be_within_reach(street: SmallStreet) -> None:
    last = building(label="4号楼")
    entry = entry_for(street, area_id=street.areas.g3)
    with pytest.raises(NotPermitted):
        edit_building(
            street.actors["community_secretary"], building_id=last.id, version=1, entry=entry
        )
    edit_building(street.actors["street_committee"], building_id=last.id, version=1, entry=entry)
    assert building(id=last.id).area_id == street.areas.g3


def test_estate__added_edited_removed(street: SmallStreet) -> None:
    committee, tree = street.actors["street_committee"], street.areas
    both = frozenset({tree.g2, tree.g3})
    number = add_estate(committee, entry=EstateEntry("<b>𠮷园</b>", both, "Garden"))
    assert grids_of(number) == both
    one = EstateEntry("<b>𠮷园</b>", frozenset({tree.g3}), "Garden")
    edit_estate(committee, estate_id=number, version=1, entry=one)
    assert grids_of(number) == {tree.g3}
    with pytest.raises(Changed) as caught:
        edit_estate(committee, estate_id=number, version=1, entry=one)
    assert (caught.value.version, caught.value.current["area_ids"]) == (2, {tree.g3})
    edit_estate(committee, estate_id=number, version=2, entry=one)
    assert count(AuditEntry, action="estate.edit") == 1
    with pytest.raises(Refusal):
        remove_estate(committee, estate_id=number, version=1)
    remove_estate(committee, estate_id=number, version=2)
    assert (count(Estate), grids_of(number)) == (1, set())


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"name_zh": " "}, "name_zh", "problem.missing"),
        ({"name_zh": "园" * 10_000}, "name_zh", "problem.too_long"),
        ({"name_en": "g" * 201}, "name_en", "problem.too_long"),
        ({"area_ids": frozenset()}, "area_ids", "problem.missing"),
        ({"name_zh": "柳岸小区"}, "name_zh", "problem.estate_there"),
    ],
)
def test_estate__what_cannot_be_kept__named(
    street: SmallStreet, values: dict[str, object], field: str, code: str
) -> None:
    entry = replace(EstateEntry("新小区", frozenset({street.areas.g1})), **values)
    with pytest.raises(Invalid) as caught:
        add_estate(street.actors["administrator"], entry=entry)
    assert [(p.field, p.code) for p in caught.value.problems] == [(field, code)]


def test_estate__with_buildings__stays(street: SmallStreet) -> None:
    admin, home = street.actors["administrator"], estate()
    left = EstateEntry("柳岸小区", frozenset({street.areas.g1}))
    for refused in (
        lambda: remove_estate(admin, estate_id=home.id, version=1),
        lambda: edit_estate(admin, estate_id=home.id, version=1, entry=left),
    ):
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.code == "buildings.estate_in_use"


def test_estate__across_communities__only_for_who_reaches_all(street: SmallStreet) -> None:
    tree = street.areas
    entry = EstateEntry("跨界小区", frozenset({tree.g2, tree.g3}))
    with pytest.raises(NotPermitted):
        add_estate(street.actors["community_secretary"], entry=entry)
    number = add_estate(street.actors["street_committee"], entry=entry)
    with pytest.raises(NotPermitted):
        edit_estate(
            street.actors["community_secretary"],
            estate_id=number,
            version=1,
            entry=EstateEntry("跨界小区", frozenset({tree.g2})),
        )
