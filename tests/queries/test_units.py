"""Units as listed: scope, search, and whose telephone is shown to whom."""

import pytest
from sqlalchemy import update

from lib.domain.permissions import Actor, Grant, Permission, Role
from lib.domain.vocab import Language, Net, UnitKind
from lib.persistence.engine import Writes
from lib.persistence.models import Organisation
from lib.queries import units
from tests.factories import SmallStreet

SEES = {
    "administrator": "clinic school",
    "street_committee": "clinic school",
    "community_secretary": "school",
    "grid_secretary": "school",
    "street_staff": "clinic school",
    "grid_worker": "school",
    "unit_liaison": "clinic school",
    "team_leader": "school",
    "auditor": "",
    "volunteer": "school",
    "visitor": "clinic school",
    "neighbour": "clinic",
}
CALLS = set(SEES) - {"volunteer", "visitor", "team_leader", "auditor"}
"""Who is shown the liaison officer's name and telephone, by hand."""


@pytest.mark.parametrize("who", SEES)
def test_units__scope_and_contact_of_every_role(street: SmallStreet, who: str) -> None:
    actor, seen = street.actors[who], SEES[who].split()
    rows = units.listing(actor, area_id=None)
    assert tuple(rows.columns) == units.UNIT_COLUMNS
    assert set(rows["unit_id"]) == {street.units[name] for name in seen}
    for name in ("school", "clinic", "closed"):
        one = units.unit(actor, unit_id=street.units[name])
        in_reach = name in seen or (name == "closed" and "school" in seen)
        assert len(one) == in_reach
    for column in ("liaison_name", "liaison_phone"):
        assert all(bool(value) == (who in CALLS) for value in rows[column])
    text = rows.to_csv()
    assert ("****0" in text or "555-0101" in text, "联络" in text) == (who in CALLS, who in CALLS)
    assert ("555-01" in text) == (who == "unit_liaison")


def test_contact__a_grant_elsewhere__opens_no_telephone_here(street: SmallStreet) -> None:
    grants = (Grant(Role.VISITOR, None), Grant(Role.COMMUNITY_SECRETARY, street.areas.c2))
    actor = Actor(1, "", "", Language.ZH, None, grants)
    rows = units.listing(actor, area_id=None)
    shown = dict(zip(rows["unit_id"], rows["liaison_phone"], strict=True))
    assert shown == {street.units["clinic"]: "****02", street.units["school"]: ""}
    assert units.unit(actor, unit_id=street.units["school"]).iloc[0]["liaison_name"] == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("石桥", "school"),
        ("  小学 ", "school"),
        ("shiqiao", "school"),
        ("SQXX", "school"),
        ("sq", "school"),
        ("义诊", "clinic"),
        ("操场", "school"),
        ("xx", ""),
        ("%", ""),
        ("_", ""),
        ("' or 1=1", ""),
        ("", "clinic school"),
    ],
)
def test_listing__text__in_names_initials_and_offers(
    street: SmallStreet, text: str, expected: str
) -> None:
    rows = units.listing(street.actors["administrator"], area_id=None, text=text)
    assert set(rows["unit_id"]) == {street.units[name] for name in expected.split()}


def test_listing__kinds_nets_closed_and_area(street: SmallStreet) -> None:
    admin = street.actors["administrator"]

    def found(**filters: object) -> set[int]:
        return set(units.listing(admin, **{"area_id": None, **filters})["unit_id"])

    school, clinic, closed = (street.units[name] for name in ("school", "clinic", "closed"))
    assert found(kinds=(UnitKind.SCHOOL, UnitKind.GOVERNMENT)) == {school}
    assert found(nets=(Net.COMPREHENSIVE,)) == {clinic}
    assert found(kinds=(UnitKind.SCHOOL,), nets=(Net.COMPREHENSIVE,)) == set()
    assert found(closed=True) == {closed}
    assert found(area_id=street.areas.c2) == {clinic}
    assert found(area_id=street.areas.t) == set()
    assert units.listing(street.actors["neighbour"], area_id=street.areas.g1).empty


def test_listing__by_name_with_the_area_and_without_english(street: SmallStreet) -> None:
    with Writes.begin() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.id == street.units["clinic"])
            .values(name_zh="阿诊所", address="<b>1</b>")
        )
    rows = units.listing(street.actors["administrator"], area_id=None)
    clinic = rows[rows["unit_id"] == street.units["clinic"]].iloc[0]
    assert (clinic["name_en"] is None or clinic["name_en"] != clinic["name_en"]) is True
    assert (clinic["area_zh"], clinic["area_code"], clinic["address"]) == (
        "第3网格",
        "310109001002001",
        "<b>1</b>",
    )


def test_names__of_the_whole_street__for_who_registers_in_a_part_of_it(street: SmallStreet) -> None:
    for by in ("grid_secretary", "street_committee", "administrator"):
        rows = units.names(street.actors[by], permission=Permission.CHECKIN_REGISTER)
        assert list(rows["name_zh"]) == ["石桥小学", "青石诊所"]
    assert units.names(street.actors["visitor"], permission=Permission.CHECKIN_REGISTER).empty
    assert len(units.names_around(street.areas.g4)) == 2
    assert units.names_around(street.areas.t).empty
