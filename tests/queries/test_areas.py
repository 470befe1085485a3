import json
from datetime import date

import pytest
from sqlalchemy import Engine, update

from lib.domain.calendar import today
from lib.domain.permissions import Role
from lib.domain.vocab import Level, Net, Topic, UnitKind
from lib.persistence.engine import Writes
from lib.persistence.models import (
    Area,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Estate,
    Organisation,
)
from lib.persistence.transaction import transaction
from lib.queries import areas
from tests.factories import SIDE, SOUTH, WEST, Tree, actor, plant

ADMIN = actor()


@pytest.fixture
def tree(database: Engine) -> Tree:
    return plant()


def codes(frame) -> list[str]:
    return frame["code"].tolist()


def close(area_id: int, day: date) -> None:
    with Writes.begin() as session:
        session.execute(update(Area).where(Area.id == area_id).values(valid_until=day))


def test_roots__whole_tree__areas_without_parent(tree: Tree) -> None:
    roots = areas.roots(ADMIN)
    assert tuple(roots.columns) == areas.AREA_COLUMNS
    assert roots["area_id"].tolist() == [tree.s, tree.t]
    assert roots["children"].tolist() == [2, 0]
    assert roots["name_en"].tolist() == ["Linjiang", None]
    assert roots["has_shape"].tolist() == [True, False]


def test_roots__scope_of_a_community__the_community(tree: Tree) -> None:
    secretary = actor(Role.COMMUNITY_SECRETARY, tree.c2)
    assert areas.roots(secretary)["area_id"].tolist() == [tree.c2]
    assert areas.path(secretary, area_id=tree.g3)["area_id"].tolist() == [tree.c2, tree.g3]
    assert areas.area(secretary, area_id=tree.c1).empty
    assert areas.by_code(secretary, code="310109001001").empty
    assert areas.children(secretary, area_id=tree.s)["area_id"].tolist() == [tree.c2]


def test_path__grid__from_street_to_grid(tree: Tree) -> None:
    assert areas.path(ADMIN, area_id=tree.g1)["level"].tolist() == ["street", "community", "grid"]


def test_children__closed_area__only_on_its_days(tree: Tree) -> None:
    close(tree.g2, date(2024, 5, 1))
    assert areas.children(ADMIN, area_id=tree.c1)["area_id"].tolist() == [tree.g1]
    then = areas.children(ADMIN, area_id=tree.c1, day=date(2024, 5, 1))
    assert then["area_id"].tolist() == [tree.g1, tree.g2]
    assert areas.area(ADMIN, area_id=tree.c1)["children"].tolist() == [1]


def test_by_code__known_and_unknown(tree: Tree) -> None:
    assert areas.by_code(ADMIN, code="310109001")["area_id"].tolist() == [tree.s]
    assert areas.by_code(ADMIN, code="x' or 1=1").empty


def test_painted__leaves_of_any_level_by_code(tree: Tree) -> None:
    painted = areas.painted(ADMIN, root_id=None)
    assert tuple(painted.columns) == areas.PAINTED_COLUMNS
    assert codes(painted) == sorted(codes(painted))
    assert set(painted["area_id"]) == {tree.t, tree.g1, tree.g2, tree.g3, tree.g4}
    assert areas.painted(ADMIN, root_id=tree.t)["area_id"].tolist() == [tree.t]
    assert areas.painted(ADMIN, root_id=tree.c1)["area_id"].tolist() == [tree.g1, tree.g2]
    secretary = actor(Role.GRID_SECRETARY, tree.g3)
    assert areas.painted(secretary, root_id=None)["area_id"].tolist() == [tree.g3]
    assert areas.painted(secretary, root_id=tree.c1).empty


def test_painted__all_grids_closed__the_community_is_the_leaf(tree: Tree) -> None:
    close(tree.g1, date(2024, 5, 1))
    close(tree.g2, date(2024, 5, 1))
    assert areas.painted(ADMIN, root_id=tree.c1)["area_id"].tolist() == [tree.c1]


def test_bounds__box_of_the_shapes(tree: Tree) -> None:
    (south, west), (north, east) = areas.bounds(ADMIN, root_id=tree.c2)
    expected = (SOUTH, WEST + 2 * SIDE, SOUTH + SIDE, WEST + 4 * SIDE)
    assert (south, west, north, east) == pytest.approx(expected)
    assert areas.bounds(ADMIN, root_id=tree.t) is None


def test_locate__point__path_widest_first(tree: Tree) -> None:
    middle = (WEST + 2.5 * SIDE, SOUTH + 0.5 * SIDE)
    found = areas.locate(ADMIN, lon=middle[0], lat=middle[1])
    assert found["area_id"].tolist() == [tree.s, tree.c2, tree.g3]
    beside_grids = areas.locate(None, lon=WEST + 3.5 * SIDE, lat=middle[1])
    assert beside_grids["area_id"].tolist() == [tree.s, tree.c2]
    assert areas.locate(ADMIN, lon=0, lat=0).empty
    other = actor(Role.COMMUNITY_SECRETARY, tree.c1)
    assert areas.locate(other, lon=middle[0], lat=middle[1]).empty


def test_locate__on_a_border__one_path(tree: Tree) -> None:
    found = areas.locate(ADMIN, lon=WEST + SIDE, lat=SOUTH + 0.5 * SIDE)
    assert found["area_id"].tolist() == [tree.s, tree.c1, tree.g1]
    with pytest.raises(ValueError, match="finite"):
        areas.locate(ADMIN, lon=float("nan"), lat=31)


def test_listing__level__parents_by_code(tree: Tree) -> None:
    grids = areas.listing(None, level=Level.GRID)
    assert grids["parent"].tolist() == ["310109001001"] * 2 + ["310109001002"] * 2
    everything = areas.listing(None)
    assert everything["level"].tolist()[:3] == ["street", "street", "community"]
    assert everything["parent"].tolist()[:2] == [None, None]


def fill(tree: Tree) -> None:
    """A unit, a closed unit, a building in an estate and two centre households, one vacant."""
    with Writes.begin() as session:
        estate = Estate(name_zh="柳岸小区", name_en="Willow Bank")
        branch = Branch(area_id=tree.g1, name_zh="第1网格党支部")
        session.add_all([estate, branch])
        session.flush()
        for number, closed in ((1, None), (2, date(2024, 1, 1))):
            session.add(
                Organisation(
                    name_zh=f'"一号"<b>{number}</b>',
                    initials="yh",
                    kind=UnitKind.SCHOOL,
                    net=Net.ADMINISTRATIVE,
                    area_id=tree.g1,
                    lon=WEST,
                    lat=SOUTH,
                    closed_on=closed,
                )
            )
        building = Building(
            area_id=tree.g1,
            estate_id=estate.id,
            label="3号楼",
            lon=WEST,
            lat=SOUTH,
            households=40,
            counted_on=date(2026, 1, 1),
            count_source="普查",
        )
        group = BuildingGroup(branch_id=branch.id, number=1)
        session.add_all([building, group])
        session.flush()
        session.add(CentreHousehold(building_group_id=group.id, building_id=building.id))


def test_shapes__contract_of_the_map(tree: Tree) -> None:
    fill(tree)
    collection = json.loads(areas.shapes(ADMIN, root_id=tree.s))
    assert collection["type"] == "FeatureCollection"
    features = collection["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    assert kinds == ["area"] * 4 + ["border"] * 4 + ["unit", "centre", "building"]
    painted = areas.painted(ADMIN, root_id=tree.s)
    assert [f["id"] for f in features[:4]] == painted["area_id"].astype(str).tolist()
    assert all(f["geometry"] for f in features)
    borders = [str(tree.s), str(tree.c1), str(tree.c2), f"tiles-{tree.c2}"]
    assert [f["id"] for f in features[4:8]] == borders
    assert features[0]["properties"]["parent"] == str(tree.c1)
    assert features[4]["properties"]["parent"] is None
    unit, centre, building = (f["properties"] for f in features[8:])
    assert (unit["name_zh"], unit["category"]) == ('"一号"<b>1</b>', "school")
    assert (centre["name_zh"], centre["category"]) == ("柳岸小区3号楼", "vacant")
    assert building["name_en"] == "Willow Bank 3号楼"
    assert features[8]["geometry"] == {"type": "Point", "coordinates": [WEST, SOUTH]}


def test_shapes__other_scope__nothing_of_it(tree: Tree) -> None:
    fill(tree)
    other = actor(Role.COMMUNITY_SECRETARY, tree.c2)
    features = json.loads(areas.shapes(other, root_id=None))["features"]
    own = {str(tree.c2), str(tree.g3), str(tree.g4), f"tiles-{tree.c2}"}
    assert {f["id"] for f in features} == own
    assert json.loads(areas.shapes(other, root_id=tree.c1))["features"] == []


def bump(topic: Topic, area_id: int) -> None:
    with transaction(None) as tx:
        tx.record("test", "area", topic=topic, area_ids=frozenset({area_id}))


@pytest.mark.parametrize("topic", [Topic.AREAS, Topic.STRUCTURE, Topic.UNITS])
def test_shapes_version__something_drawn_changed__another(tree: Tree, topic: Topic) -> None:
    roots = (None, tree.s, tree.c1)
    before = [areas.shapes_version(ADMIN, root_id=root) for root in roots]
    assert before == [areas.shapes_version(ADMIN, root_id=root) for root in roots]
    elsewhere = areas.shapes_version(ADMIN, root_id=tree.t)
    bump(topic, tree.g1)
    after = [areas.shapes_version(ADMIN, root_id=root) for root in roots]
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert areas.shapes_version(ADMIN, root_id=tree.t) == elsewhere
    assert all(version.isalnum() for version in after)


def test_shapes_version__a_service__the_same(tree: Tree) -> None:
    before = areas.shapes_version(ADMIN, root_id=tree.s)
    bump(Topic.SERVICE, tree.g1)
    assert areas.shapes_version(ADMIN, root_id=tree.s) == before


def test_shapes_version__other_actor_or_day__another(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = areas.shapes_version(ADMIN, root_id=None)
    theirs = areas.shapes_version(actor(Role.VISITOR, tree.s), root_id=None)
    assert mine != theirs
    tomorrow = date.fromordinal(today().toordinal() + 1)
    monkeypatch.setattr(areas, "today", lambda: tomorrow)
    assert areas.shapes_version(ADMIN, root_id=None) != mine
