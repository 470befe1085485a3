import json
from datetime import date

import pytest
import shapely
from sqlalchemy import Engine, func, select

from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.permissions import Role
from lib.domain.vocab import Level, Topic
from lib.geo.shapes import from_geojson_geometry
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Area, AreaBoundary, AuditEntry, ChangeCounter
from lib.queries import drawing
from lib.queries.areas import shapes_version
from lib.services.boundaries import draw_area, draw_new_area, restore_boundary
from lib.services.tree import AreaEntry
from tests.factories import SIDE, SOUTH, WEST, Tree, actor, enrol, plant, square

ADMIN = actor()
DAY = date(2024, 5, 1)


@pytest.fixture
def tree(database: Engine) -> Tree:
    planted = plant()
    enrol()
    return planted


def drawn(shape: shapely.Polygon) -> dict[str, object]:
    return dict(json.loads(shapely.to_geojson(shape)))


def line_of(*points: tuple[float, float]) -> dict[str, object]:
    ring = [[WEST + x * SIDE, SOUTH + y * SIDE] for x, y in (*points, points[0])]
    return {"type": "Polygon", "coordinates": [ring]}


def stored(area_id: int) -> Area:
    with Reads() as session:
        found = session.get(Area, area_id)
        assert found is not None
        return found


def shape_of(area_id: int) -> shapely.Polygon:
    return from_geojson_geometry(stored(area_id).geometry)


def same(one: shapely.Polygon, other: shapely.Polygon) -> bool:
    return bool(one.symmetric_difference(other).area < 1e-12)


def total(model) -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(model))


def draw(area_id: int, shape: shapely.Polygon, who=ADMIN) -> float:
    return draw_area(who, area_id=area_id, version=stored(area_id).version, drawing=drawn(shape))


def test_draw__grid_without_a_shape__on_the_map_with_its_label_and_trail(tree: Tree) -> None:
    before = shapes_version(ADMIN, root_id=tree.s)
    assert draw(tree.g4, square(3)) == pytest.approx(0, abs=1e-6)
    grid = stored(tree.g4)
    assert (grid.west, grid.south, grid.east, grid.north) == pytest.approx(square(3).bounds)
    assert shapely.Point(grid.label_lon, grid.label_lat).within(square(3))
    assert shapes_version(ADMIN, root_id=tree.s) != before
    with Reads() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject_id, entry.account_id) == ("area.draw", tree.g4, 1)
        assert entry.changes == {"hectares": [None, pytest.approx(105.7, abs=0.5)]}
        counter = session.scalars(select(ChangeCounter)).one()
        assert (counter.topic, counter.street_id, counter.n) == (Topic.AREAS, tree.s, 1)
    assert total(AreaBoundary) == 0


def test_draw__almost_on_the_neighbours_border__one_line_for_both(tree: Tree) -> None:
    sloppy = shapely.transform(square(3), lambda xy: xy - 0.00001)
    draw(tree.g4, sloppy)
    own, other = shape_of(tree.g4), shape_of(tree.g3)
    assert own.intersection(other).area == 0
    shared = own.boundary.intersection(other.boundary)
    assert shared.length == pytest.approx(SIDE, rel=1e-3)


TWO = line_of((3, 0), (4, 0))
BOW = line_of((3, 0), (4, 1), (4, 0), (3, 1))
OUTSIDE = line_of((3, 0), (5, 0), (5, 1), (3, 1))
OVER = line_of((2.5, 0), (4, 0), (4, 1), (2.5, 1))


@pytest.mark.parametrize(
    ("drawing", "code"),
    [
        (TWO, "drawing.points"),
        (None, "drawing.points"),
        ({}, "boundary.not_polygon"),
        (BOW, "drawing.self_intersection"),
        (OUTSIDE, "drawing.outside_parent"),
        (OVER, "drawing.overlap"),
        ({"type": "Point", "coordinates": [1, 2]}, "boundary.not_polygon"),
    ],
    ids=["two points", "nothing", "empty", "bow tie", "outside", "overlap", "a point"],
)
def test_draw__what_cannot_be_a_border__refused_and_nothing_written(
    tree: Tree, drawing: dict[str, object] | None, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        draw_area(ADMIN, area_id=tree.g4, version=1, drawing=drawing)
    assert caught.value.code == code
    with pytest.raises(Refusal) as caught:
        draw_new_area(
            ADMIN,
            parent_id=tree.c2,
            level=Level.GRID,
            entry=AreaEntry("第5网格", DAY),
            drawing=drawing,
        )
    assert caught.value.code == code
    assert stored(tree.g4).geometry is None
    assert (total(Area), total(AuditEntry)) == (8, 0)


def test_draw__community_without_room_for_its_grids__refused(tree: Tree) -> None:
    with pytest.raises(Refusal) as caught:
        draw(tree.c1, square(0))
    assert (caught.value.code, caught.value.values["other"]) == ("drawing.leaves_out", "第2网格")


def test_draw_new__added_with_its_boundary(tree: Tree) -> None:
    number = draw_new_area(
        ADMIN,
        parent_id=tree.c2,
        level=Level.GRID,
        entry=AreaEntry("第5网格", DAY),
        drawing=drawn(square(3)),
    )
    assert (stored(number).name_zh, stored(number).parent_id) == ("第5网格", tree.c2)
    assert same(shape_of(number), square(3))
    with pytest.raises(Invalid):
        draw_new_area(
            ADMIN,
            parent_id=tree.c2,
            level=Level.GRID,
            entry=AreaEntry("第5网格", DAY),
            drawing=drawn(square(3)),
        )


def test_redraw__earlier_boundary_is_kept_and_comes_back(tree: Tree) -> None:
    draw(tree.g4, square(3))
    smaller = shapely.box(*square(3).bounds[:3], SOUTH + SIDE / 2)
    draw(tree.g4, smaller)
    earlier = drawing.earlier(ADMIN, area_id=tree.g4)
    assert len(earlier) == 1
    restore_boundary(
        ADMIN,
        area_id=tree.g4,
        version=stored(tree.g4).version,
        boundary_id=int(earlier.iloc[0]["boundary_id"]),
    )
    assert same(shape_of(tree.g4), square(3))
    assert stored(tree.g4).north == pytest.approx(SOUTH + SIDE)
    assert len(drawing.earlier(ADMIN, area_id=tree.g4)) == 2
    with pytest.raises(NotFound):
        restore_boundary(
            ADMIN,
            area_id=tree.g3,
            version=stored(tree.g3).version,
            boundary_id=int(earlier.iloc[0]["boundary_id"]),
        )


def test_redraw__nothing_changed__nothing_written(tree: Tree) -> None:
    draw(tree.g4, square(3))
    version, entries = stored(tree.g4).version, total(AuditEntry)
    draw(tree.g4, square(3))
    assert (stored(tree.g4).version, total(AuditEntry), total(AreaBoundary)) == (
        version,
        entries,
        0,
    )


def test_draw__somebody_else_was_first_or_it_is_closed__refused(tree: Tree) -> None:
    draw(tree.g4, square(3))
    with pytest.raises(Refusal) as caught:
        draw_area(ADMIN, area_id=tree.g4, version=1, drawing=drawn(square(3)))
    assert caught.value.code == "refusal.changed_meanwhile"
    with Writes.begin() as session:
        session.get(Area, tree.g4).valid_until = DAY
    with pytest.raises(Refusal) as caught:
        draw(tree.g4, square(3))
    assert caught.value.code == "tree.closed"


def test_draw_permissions__other_roles_and_places__refused(tree: Tree) -> None:
    for who in (actor(Role.COMMUNITY_SECRETARY, tree.s), actor(Role.STREET_COMMITTEE, tree.t)):
        with pytest.raises(NotPermitted):
            draw(tree.g4, square(3), who)
        assert drawing.drawable(who, area_id=tree.c2).empty
        assert drawing.boundary(who, area_id=tree.g3) is None
    draw(tree.g4, square(3), actor(Role.STREET_COMMITTEE, tree.s))


def test_drawable__itself_first_then_by_code(tree: Tree) -> None:
    rows = drawing.drawable(ADMIN, area_id=tree.c2)
    assert list(rows["area_id"]) == [tree.c2, tree.g3, tree.g4]
    assert list(rows["drawn"]) == [True, True, False]
