import json

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lib.geo.drawing import Neighbour, Surroundings, judge, knit, read_drawing
from lib.geo.shapes import area_m2, from_geojson_geometry, to_geojson_geometry

WEST, SOUTH, SIDE = 121.48, 31.27, 0.005
METRE = 1 / 95_000


def square(column: float, width: float = 1) -> shapely.Polygon:
    west = WEST + column * SIDE
    return shapely.box(west, SOUTH, west + width * SIDE, SOUTH + SIDE)


def drawn(*points: tuple[float, float]) -> dict[str, object]:
    ring = [list(one) for one in (*points, points[0])]
    return {"type": "Polygon", "coordinates": [ring]}


def codes(findings) -> list[str]:
    return [one.code for one in findings]


A, B, C = (WEST, SOUTH), (WEST + SIDE, SOUTH), (WEST + SIDE, SOUTH + SIDE)


@pytest.mark.parametrize(("points", "n"), [((A,), 1), ((A, B), 2), ((A, B, A), 2)])
def test_read__too_few_points__said_with_their_number(points, n) -> None:
    shape, flaws = read_drawing(drawn(*points))
    assert shape is None
    assert [(one.code, one.values["points"]) for one in flaws] == [("drawing.points", n)]


def test_read__three_points__a_polygon() -> None:
    shape, flaws = read_drawing(drawn(A, B, C))
    assert flaws == []
    assert shape is not None
    assert shape.area == pytest.approx(SIDE * SIDE / 2)


def test_read__bow_tie__said_where() -> None:
    shape, flaws = read_drawing(drawn(A, C, B, (WEST, SOUTH + SIDE)))
    assert shape is None
    assert codes(flaws) == ["drawing.self_intersection"]
    assert "121.48" in str(flaws[0].values["place"])


JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(JUNK | st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": JUNK}))
def test_read__anything_a_browser_sends__a_shape_or_a_reason(value) -> None:
    shape, flaws = read_drawing(value)
    assert (shape is None) == bool(flaws)


def test_judge__each_misfit__has_its_sentence() -> None:
    around = Surroundings(
        Neighbour("社区", square(0, 2)),
        [Neighbour("远", square(1.9)), Neighbour("东邻", square(1))],
        [Neighbour("下级", square(0))],
    )
    assert codes(judge(square(0), around)) == []
    assert codes(judge(square(3), around)) == ["drawing.outside_parent", "drawing.leaves_out"]
    [flaw] = judge(square(0, 1.5), around)
    assert (flaw.code, flaw.values["other"], flaw.values["percent"]) == (
        "drawing.overlap",
        "东邻",
        50,
    )


def test_judge__small_area_wholly_covered__is_an_overlap() -> None:
    small = shapely.box(WEST + SIDE / 2, SOUTH, WEST + SIDE / 2 + 10 * METRE, SOUTH + 10 * METRE)
    assert codes(judge(square(0), Surroundings(None, [Neighbour("小", small)]))) == [
        "drawing.overlap"
    ]


@given(st.lists(st.floats(-1.5, 1.5), min_size=4, max_size=4))
def test_knit__drawn_almost_on_the_border__shares_it_exactly(slips) -> None:
    """The neighbour's border has a kink that was not drawn; corners miss it by up to 2 metres."""
    east = WEST + SIDE
    kink = (round(east + 2 * METRE, 7), SOUTH + SIDE / 2)
    neighbour = shapely.Polygon(
        [
            (east, SOUTH),
            (east + SIDE, SOUTH),
            (east + SIDE, SOUTH + SIDE),
            (east, SOUTH + SIDE),
            kink,
        ]
    )
    dx, dy, ex, ey = (one * METRE for one in slips)
    drawing = shapely.Polygon(
        [
            (WEST, SOUTH),
            (east + dx, SOUTH + dy),
            (east + ex, SOUTH + SIDE + ey),
            (WEST, SOUTH + SIDE),
        ]
    )
    joined, _ = knit(drawing, Surroundings(None, [Neighbour("邻", neighbour)]))
    stored = from_geojson_geometry(to_geojson_geometry(joined))
    assert stored.is_valid
    assert area_m2(stored.intersection(neighbour)) == 0
    assert kink in stored.exterior.coords


def test_knit__a_little_over_the_border__is_cut_and_told() -> None:
    around = Surroundings(Neighbour("社区", square(0, 2)), [Neighbour("东邻", square(1))])
    joined, cut = knit(square(0, 1.04), around)
    assert joined.equals_exact(shapely.orient_polygons(square(0)), 2e-7, normalize=True)
    assert cut == pytest.approx(0.04 / 1.04, rel=0.01)


def test_knit__nobody_near__stays_as_drawn() -> None:
    joined, cut = knit(square(0), Surroundings())
    assert cut == pytest.approx(0, abs=1e-6)
    assert json.loads(to_geojson_geometry(joined))["type"] == "Polygon"
    assert joined.equals_exact(shapely.orient_polygons(square(0)), 2e-7, normalize=True)
