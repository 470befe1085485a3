import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lib.geo.locate import Locator
from tests.geo.made import KM_EAST, KM_NORTH, LAT, LON, square

AREAS = {(x, y): square(x, y) for x in range(4) for y in range(4)}


def test_a_point_inside_is_in_its_area_and_in_the_one_around_it():
    locator = Locator([("street", square(0, 0, 4)), ("grid", square(1, 1)), ("other", square(2))])
    inside = square(1, 1).centroid
    assert locator.covering(inside.x, inside.y) == ["street", "grid"]


def test_a_point_on_a_border_is_in_both():
    locator = Locator(AREAS.items())
    assert locator.covering(LON + KM_EAST, LAT + KM_NORTH / 2) == [(0, 0), (1, 0)]


def test_a_corner_is_in_four():
    assert len(Locator(AREAS.items()).covering(LON + KM_EAST, LAT + KM_NORTH)) == 4


@given(st.floats(0, 1))
def test_a_point_computed_on_a_slanting_border_is_in_both(part: float):
    left = shapely.Polygon([(113, 29), (113.1, 29.07), (113, 29.07)])
    right = shapely.Polygon([(113, 29), (113.1, 29), (113.1, 29.07)])
    lon, lat = 113 + part * 0.1, 29 + part * 0.07
    assert Locator([(1, left), (2, right)]).covering(lon, lat) == [1, 2]


def test_outside_and_without_areas_nothing_is_found():
    assert Locator(AREAS.items()).covering(0.0, 0.0) == []
    assert Locator[int]([]).covering(LON, LAT) == []
    assert Locator(AREAS.items()).covering_many([], []) == []


def test_areas_without_a_shape_are_never_found():
    locator = Locator([("none", None), ("empty", shapely.Polygon()), ("real", square())])
    assert locator.covering(LON + KM_EAST / 2, LAT + KM_NORTH / 2) == ["real"]


@given(st.lists(st.tuples(st.floats(-0.5, 4.5), st.floats(-0.5, 4.5)), max_size=30))
def test_many_at_once_say_what_each_alone_says(places: list[tuple[float, float]]):
    lons = [LON + x * KM_EAST for x, _ in places]
    lats = [LAT + y * KM_NORTH for _, y in places]
    found = Locator(AREAS.items()).covering_many(lons, lats)
    for lon, lat, ids in zip(lons, lats, found, strict=True):
        point = shapely.Point(lon, lat)
        assert ids == [key for key, area in AREAS.items() if area.distance(point) <= 1e-8]


@pytest.mark.parametrize(
    ("lons", "lats"), [([1.0], []), ([float("nan")], [1.0]), ([1.0], [float("inf")])]
)
def test_unusable_coordinates_are_refused(lons: list[float], lats: list[float]):
    with pytest.raises(ValueError, match=r"longitudes|finite"):
        Locator(AREAS.items()).covering_many(lons, lats)
