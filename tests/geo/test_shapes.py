import json
import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon

from lib.geo.shapes import (
    LocalPlane,
    area_m2,
    bounding_box,
    from_geojson_geometry,
    label_point,
    to_geojson_geometry,
)
from tests.geo.made import LAT, LON, square


def sphere_zone_m2(west: float, south: float, east: float, north: float) -> float:
    """Area between two meridians and two parallels on the WGS-84 ellipsoid, in closed form."""
    a, e2 = 6378137.0, 0.00669437999014
    e = math.sqrt(e2)

    def q(lat: float) -> float:
        s = math.sin(math.radians(lat))
        return (1 - e2) * (s / (1 - e2 * s * s) + math.atanh(e * s) / e)

    return math.radians(east - west) * a * a * (q(north) - q(south)) / 2


@pytest.mark.parametrize(
    "bounds", [(120.3, 36.0, 120.5, 36.2), (110.0, 20.0, 110.01, 20.01), (126, 45, 126.5, 45.5)]
)
def test_areas_are_those_of_the_ellipsoid(bounds: tuple[float, float, float, float]):
    assert area_m2(shapely.box(*bounds)) == pytest.approx(sphere_zone_m2(*bounds), rel=1e-4)


def test_an_empty_shape_has_no_area_and_no_box():
    assert area_m2(Polygon()) == 0.0
    with pytest.raises(ValueError, match="empty"):
        bounding_box(Polygon())


def test_the_plane_leads_back_to_where_one_came_from():
    shape = square(side_km=8)
    plane = LocalPlane.around(shape)
    there = plane.to_metres(shape)
    assert there.bounds == pytest.approx((-4000, -4000, 4000, 4000), rel=0.01)
    assert shapely.equals_exact(plane.to_degrees(there), shape, tolerance=1e-12)


def test_the_box_is_west_south_east_north():
    west, south, east, north = bounding_box(square(side_km=2))
    assert (west, south) == (LON, LAT)
    assert west < east and south < north


def test_the_label_of_a_crescent_lies_inside_and_deep():
    crescent = square(side_km=4) - square(1, -1, 4)
    point = shapely.Point(label_point(crescent))
    assert not crescent.contains(crescent.centroid)
    assert crescent.contains(point)
    plane = LocalPlane.around(crescent)
    depth = plane.to_metres(point).distance(plane.to_metres(crescent).boundary)
    assert depth > 480


def test_the_label_stands_in_the_largest_part():
    parts = shapely.MultiPolygon([square(0), square(5, 0, 3), square(10)])
    assert square(5, 0, 3).contains(shapely.Point(label_point(parts)))


@pytest.mark.parametrize("shape", [Polygon(), shapely.Point(LON, LAT)])
def test_a_label_needs_a_polygon(shape: Polygon):
    with pytest.raises(ValueError, match="polygon"):
        label_point(shape)


@given(
    st.floats(74, 134),
    st.floats(4, 53),
    st.lists(st.floats(0.001, 0.05), min_size=3, max_size=12),
)
def test_the_label_is_inside_any_star(lon: float, lat: float, radii: list[float]):
    turn = 2 * math.pi / len(radii)
    star = Polygon(
        (lon + r * math.cos(i * turn), lat + r * math.sin(i * turn)) for i, r in enumerate(radii)
    )
    if star.is_valid and star.area > 0:
        assert star.covers(shapely.Point(label_point(star)))


@given(
    st.lists(
        st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=20, unique=True
    )
)
def test_geojson_text_comes_back_to_the_rounded_shape(places: list[tuple[float, float]]):
    shape = Polygon(places)
    text = to_geojson_geometry(shape)
    back = from_geojson_geometry(text)
    # Half a step east and half a step north, along the diagonal.
    assert shapely.equals_exact(back, shape, tolerance=7.2e-8)
    assert to_geojson_geometry(back) == text


def test_geojson_text_is_compact_and_says_no_more_than_a_centimetre():
    text = to_geojson_geometry(square(0.123456789))
    assert " " not in text
    places = json.loads(text, parse_float=str)["coordinates"][0]
    assert max(len(number.partition(".")[2]) for place in places for number in map(str, place)) <= 7
    assert "-0.0" not in to_geojson_geometry(shapely.box(-1e-9, 0, 1, 1))


def test_shared_borders_stay_shared_in_text():
    left, right = square(0, 0, 1 / 3), square(1 / 3, 0, 1 / 3)
    read = [from_geojson_geometry(to_geojson_geometry(shape)) for shape in (left, right)]
    assert read[0].intersection(read[1]).geom_type == "LineString"


@pytest.mark.parametrize("text", ["", "{", '{"type": "Nothing"}', "[1]"])
def test_other_text_is_refused(text: str):
    with pytest.raises(ValueError, match="GeoJSON"):
        from_geojson_geometry(text)
