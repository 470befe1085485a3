"""The demonstration town: one street that is whole, full, repeatable and paintable."""

import gzip
from collections import Counter
from xml.etree import ElementTree

import pytest
import shapely

from lib.demo.ground import render_ground
from lib.demo.town import RESIDENTIAL_USES, Town, build_town
from lib.demo.town_names import town_names
from tests.demo.conftest import SEED

SVG = "{http://www.w3.org/2000/svg}"


def _bytes(town: Town) -> list[bytes]:
    areas = [town.polygon, *(c.polygon for c in town.communities), *(g.polygon for g in town.grids)]
    return [shapely.to_wkb(area) for area in (*areas, *(b.footprint for b in town.buildings))]


def test_one_seed_gives_the_same_town_to_the_byte(town: Town) -> None:
    again = build_town(SEED)
    assert _bytes(again) == _bytes(town)
    assert (again.estates, again.places, again.bounds) == (town.estates, town.places, town.bounds)
    assert again.buildings == town.buildings
    assert render_ground(again, "light", "zh") == render_ground(town, "light", "zh")


def test_another_seed_gives_another_town_as_good(town: Town) -> None:
    other = build_town(SEED + 1)
    assert not other.polygon.equals(town.polygon)
    _assert_areas_fit(other)
    _assert_buildings_stand_inside(other)


def test_counts_are_those_of_a_street(town: Town) -> None:
    assert len(town.communities) == 20
    assert 90 <= len(town.grids) <= 112
    assert 60 <= len(town.estates) <= 90
    assert 1500 <= len(town.buildings) <= 4000
    assert 60 <= len(town.places) <= 80
    held = Counter(grid.community for grid in town.grids)
    assert set(held) == {c.index for c in town.communities}
    assert min(held.values()) >= 3
    assert max(held.values()) <= 8


def _assert_areas_fit(town: Town) -> None:
    grids = [grid.polygon for grid in town.grids]
    assert shapely.coverage_is_valid(grids)
    assert all(polygon.geom_type == "Polygon" and polygon.is_valid for polygon in grids)
    for community in town.communities:
        parts = [g.polygon for g in town.grids if g.community == community.index]
        assert community.polygon.equals(shapely.coverage_union_all(parts))
        assert community.polygon.geom_type == "Polygon"
        assert community.polygon.contains(shapely.Point(community.label))
    assert town.polygon.equals(shapely.coverage_union_all(grids))
    assert town.polygon.geom_type == "Polygon"
    assert len(town.polygon.interiors) == 0


def test_grids_share_borders_and_make_communities_and_the_street(town: Town) -> None:
    _assert_areas_fit(town)
    assert all(g.polygon.contains(shapely.Point(g.label)) for g in town.grids)


def test_grids_are_numbered_inside_their_community(town: Town) -> None:
    assert [g.index for g in town.grids] == list(range(len(town.grids)))
    for community in town.communities:
        numbers = [g.number for g in town.grids if g.community == community.index]
        assert numbers == list(range(1, len(numbers) + 1))


def test_coordinates_are_degrees_with_seven_decimals(town: Town) -> None:
    (south, west), (north, east) = town.bounds
    for lon, lat in shapely.get_coordinates(town.polygon).tolist():
        assert (lon, lat) == (round(lon, 7), round(lat, 7))
        assert west < lon < east
        assert south < lat < north


def _assert_buildings_stand_inside(town: Town) -> None:
    homes = [town.grids[b.grid].polygon for b in town.buildings]
    assert shapely.covers(homes, [b.footprint for b in town.buildings]).all()


def test_every_building_stands_inside_its_grid(town: Town) -> None:
    _assert_buildings_stand_inside(town)
    assert all(b.footprint.is_valid for b in town.buildings)
    assert all(b.footprint.covers(shapely.Point(b.label)) for b in town.buildings)
    assert {b.grid for b in town.buildings} == {g.index for g in town.grids}


def test_only_homes_hold_households_and_a_grid_holds_200_to_500(town: Town) -> None:
    total: Counter[int] = Counter()
    for building in town.buildings:
        assert (building.households > 0) == (building.use in RESIDENTIAL_USES)
        total[building.grid] += building.households
    for grid in town.grids:
        assert 200 <= total[grid.index] <= 500
        assert total[grid.index] == grid.households


def test_estates_are_compounds_and_some_lie_in_several_grids(town: Town) -> None:
    grids: dict[int, set[int]] = {e.index: set() for e in town.estates}
    households: Counter[int] = Counter()
    numbers: dict[int, list[int]] = {e.index: [] for e in town.estates}
    for building in town.buildings:
        if building.estate is not None:
            grids[building.estate].add(building.grid)
            households[building.estate] += building.households
            numbers[building.estate].append(building.number)
    for estate in town.estates:
        assert set(estate.grids) == grids[estate.index] != set()
        assert estate.households == households[estate.index]
        assert {town.grids[g].community for g in estate.grids} == {estate.community}
        assert sorted(numbers[estate.index]) == list(range(1, len(numbers[estate.index]) + 1))
    across = Counter(len(estate.grids) for estate in town.estates)
    assert across[2] + across[3] >= 15
    shared = Counter(g for estate in town.estates for g in estate.grids)
    assert any(count > 1 for count in shared.values())


def test_names_are_invented_once_each_in_both_languages(town: Town) -> None:
    for things in (town.communities, town.estates, town.places):
        assert len({thing.name.zh for thing in things}) == len(things)
        assert len({thing.name.en for thing in things}) == len(things)


def test_places_stand_in_their_grid_and_suit_many_kinds_of_unit(town: Town) -> None:
    for place in town.places:
        assert town.grids[place.grid].polygon.contains(shapely.Point(place.label))
    kinds = Counter(place.kind for place in town.places)
    assert kinds["station"] == 1
    assert {"school", "clinic", "office", "shop_centre", "works", "museum", "government"} <= set(
        kinds
    )
    assert len({place.grid for place in town.places}) >= 40


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ground_is_a_small_picture_without_script(town: Town, theme: str, lang: str) -> None:
    picture = render_ground(town, theme, lang)  # type: ignore[arg-type]
    root = ElementTree.fromstring(picture)  # noqa: S314 - our own output
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "style", "rect", "path", "text", "textPath"}
    assert not any(
        name.startswith("on") or value.startswith(("http:", "javascript:"))
        for element in root.iter()
        for name, value in element.attrib.items()
    )
    assert len(picture) <= 1_000_000
    assert len(gzip.compress(picture)) <= 300_000
    names = town_names().single
    words = {element.text for element in root.iter(f"{SVG}textPath")}
    for key in ("river", "park", "station", "square", "creek"):
        assert getattr(names[key], lang) in words
        assert getattr(names[key], "en" if lang == "zh" else "zh") not in words


def test_ground_covers_its_bounds_in_proportion(town: Town) -> None:
    root = ElementTree.fromstring(render_ground(town, "light", "zh"))  # noqa: S314 - our own output
    _, _, width, height = (float(n) for n in root.attrib["viewBox"].split())
    (south, west), (north, east) = town.bounds
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    assert town.polygon.envelope.contains(middle)
    assert width / height == pytest.approx(
        (east - west) * 95_420 / ((north - south) * 110_870), 1e-3
    )
