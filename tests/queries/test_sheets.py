"""Which sheet of shapes a map shows for a place."""

import pytest
from sqlalchemy import Engine

from lib.domain.permissions import Role
from lib.queries import areas, sheets
from tests.factories import Tree, actor, plant

ADMIN = actor()


@pytest.fixture
def tree(database: Engine) -> Tree:
    return plant()


def test_own__several_roots__the_one_with_most_below_it(tree: Tree) -> None:
    assert sheets.own(ADMIN)["area_id"].tolist() == [tree.s]


def test_root__grid__the_widest_area_seen_above_it(tree: Tree) -> None:
    assert sheets.root_id(ADMIN, area_id=tree.g1) == tree.s
    secretary = actor(Role.COMMUNITY_SECRETARY, tree.c2)
    assert sheets.root_id(secretary, area_id=tree.g3) == tree.c2


def test_root__street_by_itself__is_shown_among_its_neighbours(tree: Tree) -> None:
    assert sheets.root_id(ADMIN, area_id=tree.t) is None


def test_root__area_out_of_scope__the_whole_of_what_is_seen(tree: Tree) -> None:
    secretary = actor(Role.COMMUNITY_SECRETARY, tree.c2)
    assert sheets.root_id(secretary, area_id=tree.g1) is None


@pytest.mark.parametrize("code", [None, "no such code", "310109001001", "' OR 1=1 --"])
def test_first_address__is_the_one_that_the_map_asks_for(tree: Tree, code: str | None) -> None:
    version = areas.shapes_version(ADMIN, root_id=tree.s)
    assert sheets.first_address(ADMIN, code=code) == f"/map/shapes/{tree.s}-{version}.json"


def test_first_address__whole_tree__no_root(tree: Tree) -> None:
    version = areas.shapes_version(ADMIN, root_id=None)
    assert sheets.first_address(ADMIN, code=sheets.WHOLE) == f"/map/shapes/0-{version}.json"


def test_first_address__nothing_has_a_border__tiles(tree: Tree) -> None:
    secretary = actor(Role.GRID_SECRETARY, tree.t)
    version = areas.shapes_version(secretary, root_id=tree.t)
    assert sheets.first_address(secretary, code=None) == f"/map/tiles/{tree.t}-{version}.json"


def test_first_address__nothing_to_show__none(database: Engine) -> None:
    assert sheets.first_address(ADMIN, code=None) is None
