import json

import pytest
import shapely
from sqlalchemy import Engine

from lib.domain.permissions import Role
from lib.domain.vocab import Net, UnitKind
from lib.persistence.engine import Writes
from lib.persistence.models import Organisation
from lib.queries import areas
from tests.factories import Tree, actor, plant, square

ADMIN = actor()


@pytest.fixture
def tree(database: Engine) -> Tree:
    return plant()


def features(tree: Tree, *, tiled: bool, root_id: int | None = None) -> dict[str, dict]:
    body = areas.shapes(ADMIN, root_id=root_id or tree.s, tiled=tiled)
    return {one["id"]: one for one in json.loads(body)["features"]}


def shape(feature: dict) -> shapely.Polygon:
    return shapely.geometry.shape(feature["geometry"])


def test_shapes__grid_without_a_boundary__a_tile_beside_what_is_drawn(tree: Tree) -> None:
    found = features(tree, tiled=False)
    tile, drawn = shape(found[str(tree.g4)]), square(0, width=4)
    assert tile.bounds[0] > drawn.bounds[2]
    assert drawn.bounds[1] <= tile.bounds[1] < tile.bounds[3] <= drawn.bounds[3]
    frame = found[f"tiles-{tree.c2}"]
    assert shape(frame).contains(tile)
    assert (frame["properties"]["level"], frame["properties"]["name_zh"]) == ("frame", "青石社区")
    assert shape(found[str(tree.g3)]).equals(square(2))
    assert "tiles-" + str(tree.c1) not in found


def test_shapes__tiled__every_grid_in_the_frame_of_its_community(tree: Tree) -> None:
    found = features(tree, tiled=True)
    painted = areas.painted(ADMIN, root_id=tree.s)["area_id"].astype(str).tolist()
    assert [key for key, one in found.items() if one["properties"]["kind"] == "area"] == painted
    for community, grids in ((tree.c1, (tree.g1, tree.g2)), (tree.c2, (tree.g3, tree.g4))):
        frame = shape(found[str(community)])
        for grid in grids:
            assert frame.contains(shape(found[str(grid)]))
            assert shapely.Point(found[str(grid)]["properties"]["at"]).within(
                shape(found[str(grid)])
            )
    assert found[str(tree.s)]["geometry"] is None


def test_shapes__tiled__units_in_the_tile_of_their_area_even_without_a_position(tree: Tree) -> None:
    with Writes.begin() as session:
        for name, area_id in (("一院", tree.g1), ("二院", tree.g1), ("三院", tree.c1)):
            session.add(
                Organisation(
                    name_zh=name,
                    initials="x",
                    kind=UnitKind.HOSPITAL,
                    net=Net.ADMINISTRATIVE,
                    area_id=area_id,
                )
            )
    body = json.loads(areas.shapes(ADMIN, root_id=tree.s, tiled=True))
    units = [one for one in body["features"] if one["properties"]["kind"] == "unit"]
    tile = shape(next(one for one in body["features"] if one["id"] == str(tree.g1)))
    assert {one["properties"]["name_zh"] for one in units} == {"一院", "二院"}
    assert all(tile.contains(shape(one)) for one in units)


def test_tile_boxes__hold_every_tile_and_frame(tree: Tree) -> None:
    assert set(areas.tile_boxes(ADMIN, root_id=tree.s, tiled=False)["area_id"]) == {
        tree.g4,
        tree.c2,
    }
    everything = areas.tile_boxes(ADMIN, root_id=tree.s, tiled=True)
    assert set(everything["area_id"]) == {tree.g1, tree.g2, tree.g3, tree.g4, tree.c1, tree.c2}
    assert areas.tile_boxes(ADMIN, root_id=tree.c1, tiled=False).empty
    stranger = actor(Role.STREET_COMMITTEE, tree.t)
    assert areas.tile_boxes(stranger, root_id=tree.s, tiled=True).empty


def test_shapes__nothing_drawn_at_all__tiles_where_no_map_is(tree: Tree) -> None:
    tile = shape(features(tree, tiled=False, root_id=tree.t)[str(tree.t)])
    assert tile.area > 0
    assert abs(tile.centroid.y) < 1
