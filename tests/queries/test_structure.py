"""The three tiers, posts, sizes and vacancies: what is shown, and whose names to whom."""

import pytest
from sqlalchemy import update

from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import Language
from lib.persistence.engine import Writes
from lib.persistence.models import Area, Person
from lib.queries import structure
from tests.factories import SmallStreet

SEES_G1 = {
    "administrator": True,
    "street_committee": True,
    "community_secretary": True,
    "grid_secretary": True,
    "unit_liaison": True,
    "volunteer": True,
    "visitor": True,
    "neighbour": False,
}
MASKED = {"unit_liaison", "team_leader", "volunteer"}
"""Who sees the names of office holders of G1 masked, by hand; visitors see none."""


def as_shown(who: str, name: str) -> str:
    """A name as somebody may see it who looks at G1."""
    return "" if who == "visitor" else f"{name[0]}**" if who in MASKED else name


@pytest.mark.parametrize("who", SEES_G1)
def test_tiers__of_every_role(street: SmallStreet, who: str) -> None:
    rows = structure.tiers(street.actors[who], area_id=street.areas.g1)
    if not SEES_G1[who]:
        assert rows.empty
        assert tuple(rows.columns) == structure.TIER_COLUMNS
        return
    assert rows["tier"].tolist() == ["branch", "group", "group", "centre", "centre", "centre"]
    assert rows["vacant"].tolist() == [False, False, True, False, False, True]
    assert rows["name_zh"].tolist() == ["第1网格党支部", "", "", "1号楼", "2号楼", "3号楼"]
    names = [as_shown(who, "书记甲"), as_shown(who, "组长甲")]
    assert rows["person"].tolist() == [*names, "", "", "", ""]
    branch, led, unled = rows["id"].tolist()[:3]
    assert rows["parent_id"].tolist()[1:] == [branch, branch, led, led, unled]


@pytest.mark.parametrize("who", SEES_G1)
def test_posts__of_every_role(street: SmallStreet, who: str) -> None:
    rows = structure.posts(street.actors[who], area_id=street.areas.g1)
    if not SEES_G1[who]:
        assert rows.empty
        return
    assert rows["kind"].tolist() == ["head", "worker"]
    assert rows["vacant"].tolist() == [False, True]
    assert rows["person"].tolist() == [as_shown(who, "网格长甲"), ""]


@pytest.mark.parametrize(("column", "n"), [("tiers", 1), ("posts", 1)])
def test_names__a_grant_elsewhere__opens_no_names_here(
    street: SmallStreet, column: str, n: int
) -> None:
    grants = (Grant(Role.VISITOR, None), Grant(Role.COMMUNITY_SECRETARY, street.areas.c2))
    actor = Actor(1, "", "", Language.ZH, None, grants)
    with Writes.begin() as session:
        session.execute(update(Area).where(Area.id == street.areas.t).values(name_en="Wanghai"))
    rows = getattr(structure, column)(actor, area_id=street.areas.g1)
    assert len(rows) >= n
    assert set(rows["person"]) == {""}


def test_tiers__two_grids__each_below_its_own(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    rows = structure.tiers(admin, area_id=street.areas.g3)
    assert rows[["tier", "vacant", "person"]].to_numpy().tolist() == [["branch", True, ""]]
    assert structure.tiers(admin, area_id=street.areas.g4).empty
    assert len(structure.tiers(admin, area_id=street.areas.s)) == 7


SIZES = {
    "administrator": [100, 4, 2, 2, 3, 2],
    "street_committee": [100, 4, 2, 2, 3, 2],
    "community_secretary": [100, 4, 1, 2, 3, 2],
    "grid_secretary": [54, 3, 1, 2, 3, 2],
    "unit_liaison": [100, 4, 2, 2, 3, 2],
    "volunteer": [100, 4, 1, 2, 3, 2],
    "visitor": [100, 4, 2, 2, 3, 2],
    "neighbour": [0, 0, 1, 0, 0, 0],
}
"""Households, buildings, branches, groups, centre households and those held, by hand."""


@pytest.mark.parametrize("who", SIZES)
def test_size__of_every_role(street: SmallStreet, who: str) -> None:
    assert structure.size(street.actors[who], area_id=None).iloc[0].tolist() == SIZES[who]


def test_size__below_an_area(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    for place, expected in (("g2", [46, 1, 0, 0, 0, 0]), ("t", [0] * 6), ("s", SIZES["visitor"])):
        area = getattr(street.areas, place)
        assert structure.size(admin, area_id=area).iloc[0].tolist() == expected


VACANT = {
    ("head", "g2"): 1,
    ("worker", "g1"): 1,
    ("secretary", "g3"): 1,
    ("leader", "g1"): 1,
    ("centre", "g1"): 1,
}
"""Offices of the small street that nobody holds, by hand."""

SEES = {
    "administrator": "g1 g2 g3 g4",
    "street_committee": "g1 g2 g3 g4",
    "community_secretary": "g1 g2",
    "grid_secretary": "g1",
    "unit_liaison": "g1 g2 g3 g4",
    "volunteer": "g1 g2",
    "visitor": "g1 g2 g3 g4",
    "neighbour": "g3 g4",
}


@pytest.mark.parametrize("who", SEES)
def test_vacancies__of_every_role(street: SmallStreet, who: str) -> None:
    rows = structure.vacancies(street.actors[who], area_id=None)
    found = {(row["kind"], row["area_id"]): row["n"] for _, row in rows.iterrows()}
    assert found == {
        (kind, getattr(street.areas, place)): n
        for (kind, place), n in VACANT.items()
        if place in SEES[who].split()
    }


def test_vacancies__somebody_leaves__one_more(street: SmallStreet) -> None:
    with Writes.begin() as session:
        person = session.get_one(Person, street.people["leader"])
        session.execute(
            update(structure.BuildingGroup)
            .where(structure.BuildingGroup.leader_id == person.id)
            .values(leader_id=None)
        )
    rows = structure.vacancies(street.actors["administrator"], area_id=street.areas.g1)
    assert rows[rows["kind"] == "leader"]["n"].tolist() == [2]
    assert structure.vacancies(street.actors["neighbour"], area_id=street.areas.c1).empty
