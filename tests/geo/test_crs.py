import math

import prcoords
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lib.geo.crs import (
    Crs,
    from_wgs84,
    geometry_from_wgs84,
    geometry_to_wgs84,
    reread,
    to_wgs84,
)
from tests.geo.made import square

METRE = 1 / 111_000
IN_CHINA = st.tuples(st.floats(75, 134), st.floats(18, 53))


def test_gcj02_of_a_known_place_matches_the_published_algorithm():
    # Tiananmen as eviltransform's own test states it: 39.9042, 116.4074 within two metres.
    lon, lat = from_wgs84(116.4074, 39.9042, Crs.GCJ02)
    assert (lon, lat) == pytest.approx((116.413641, 39.905604), abs=2 * METRE)


@pytest.mark.parametrize(
    ("crs", "least", "most"), [(Crs.WGS84, 0, 0), (Crs.GCJ02, 300, 800), (Crs.BD09, 700, 1800)]
)
def test_systems_differ_by_as_much_as_they_are_known_to(crs: Crs, least: float, most: float):
    lon, lat = to_wgs84(120.38, 36.08, crs)
    east = (lon - 120.38) * math.cos(math.radians(36.08)) / METRE
    assert least <= math.hypot(east, (lat - 36.08) / METRE) <= most


@given(IN_CHINA, st.sampled_from(Crs))
def test_there_and_back_is_within_centimetres(place: tuple[float, float], crs: Crs):
    promise = {Crs.WGS84: 0.0, Crs.GCJ02: 0.01, Crs.BD09: 0.05}[crs]
    back = to_wgs84(*from_wgs84(*place, crs), crs)
    assert back == pytest.approx(place, abs=promise * METRE, rel=0)


@given(
    st.one_of(
        st.tuples(st.floats(-180, 71), st.floats(-90, 90)),
        st.tuples(st.floats(139, 180), st.floats(-90, 90)),
        st.tuples(st.floats(-180, 180), st.floats(-90, 0)),
    ),
    st.sampled_from(Crs),
)
def test_places_abroad_stay_exactly(place: tuple[float, float], crs: Crs):
    assert to_wgs84(*place, crs) == place
    assert from_wgs84(*place, crs) == place


@pytest.mark.parametrize("crs", list(Crs))
def test_a_geometry_moves_vertex_by_vertex_and_keeps_its_holes(crs: Crs):
    hole = square(0.4, 0.4, 0.2)
    shape = shapely.MultiPolygon([shapely.difference(square(), hole), square(3)])
    moved = geometry_to_wgs84(shape, crs)
    assert moved.geom_type == "MultiPolygon"
    expected = [to_wgs84(lon, lat, crs) for lon, lat in shapely.get_coordinates(shape).tolist()]
    assert [tuple(place) for place in shapely.get_coordinates(moved).tolist()] == expected


def test_the_geometry_given_is_left_as_it_was():
    shape = square()
    before = shape.wkt
    geometry_to_wgs84(shape, Crs.GCJ02)
    assert shape.wkt == before


def test_rereading_undoes_a_wrong_statement():
    right = square()
    wrong = geometry_from_wgs84(right, Crs.GCJ02)
    assert not shapely.equals_exact(wrong, right, tolerance=100 * METRE)
    again = reread(wrong, Crs.WGS84, Crs.GCJ02)
    assert shapely.equals_exact(again, right, tolerance=0.01 * METRE)
    # A file in WGS-84 that was read as BD-09.
    misread = geometry_to_wgs84(right, Crs.BD09)
    again = reread(misread, Crs.BD09, Crs.WGS84)
    assert shapely.equals_exact(again, right, tolerance=0.01 * METRE)


def test_the_inverse_is_the_exact_one_not_the_rough_one():
    gcj_lon, gcj_lat = from_wgs84(121.48, 31.28, Crs.GCJ02)
    rough = prcoords.gcj_wgs((gcj_lat, gcj_lon))
    assert abs(rough.lon - 121.48) > 0.05 * METRE
    assert to_wgs84(gcj_lon, gcj_lat, Crs.GCJ02)[0] == pytest.approx(121.48, abs=0.01 * METRE)


def test_systems_have_one_name_everywhere():
    assert [crs.label for crs in Crs] == ["WGS-84", "GCJ-02", "BD-09"]
