from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.geo.schematic import Box, fit_into, lay_out, slots

SPACE = Box(121.4, 31.2, 121.5, 31.26)


@st.composite
def forests(draw: st.DrawFn) -> list[tuple[int | None, list[int]]]:
    sizes = draw(st.lists(st.integers(0, 40), min_size=1, max_size=60).filter(any))
    number, groups = 1000, []
    for key, size in enumerate(sizes):
        groups.append((key, list(range(number, number + size))))
        number += size
    return groups


def apart(one: Box, other: Box) -> bool:
    near = 1e-9
    return (
        one.east <= other.west + near
        or other.east <= one.west + near
        or one.north <= other.south + near
        or other.north <= one.south + near
    )


def within(inner: Box, outer: Box, slack: float = 1e-6) -> bool:
    return (
        outer.west - slack <= inner.west < inner.east <= outer.east + slack
        and outer.south - slack <= inner.south < inner.north <= outer.north + slack
    )


@given(forests())
def test_lay_out__every_area_once__in_its_group_and_clear_of_all_others(groups) -> None:
    sheet = lay_out(groups)
    assert set(sheet.tiles) == {number for _, numbers in groups for number in numbers}
    assert set(sheet.frames) == {key for key, numbers in groups if numbers}
    frames = list(sheet.frames.values())
    assert all(apart(one, other) for one, other in combinations(frames, 2))
    assert all(within(frame, sheet.box) for frame in frames)
    for key, numbers in groups:
        tiles = [sheet.tiles[number] for number in numbers]
        assert all(within(tile, sheet.frames[key]) for tile in tiles)
        assert all(apart(one, other) for one, other in combinations(tiles[:12], 2))
        places = [(-round(tile.north, 6), round(tile.west, 6)) for tile in tiles]
        assert places == sorted(places)
        for tile in tiles:
            assert sheet.heads[key][1] > tile.north


@given(forests())
def test_fit_into__fills_the_space_and_stays_in_it(groups) -> None:
    sheet = fit_into(lay_out(groups), SPACE)
    assert within(sheet.box, SPACE)
    wide = (sheet.box.east - sheet.box.west) / (SPACE.east - SPACE.west)
    high = (sheet.box.north - sheet.box.south) / (SPACE.north - SPACE.south)
    assert max(wide, high) == pytest.approx(1, abs=1e-3)
    assert all(within(tile, sheet.box) for tile in sheet.tiles.values())


def test_lay_out__street_of_twelve_communities__about_as_wide_as_a_map() -> None:
    sheet = lay_out([(key, range(100 * key, 100 * key + 12)) for key in range(12)])
    assert 1.1 < (sheet.box.east - sheet.box.west) / (sheet.box.north - sheet.box.south) < 2.6


def test_lay_out__nothing__is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        lay_out([(1, [])])


@given(st.integers(0, 200))
def test_slots__as_many_as_asked__in_the_lower_part_of_the_tile(n: int) -> None:
    tile = Box(0, 0, 1, 0.62)
    places = slots(tile, n)
    assert len(places) == len(set(places)) == n
    assert all(0 < x < 1 and 0 < y < 0.31 for x, y in places)
