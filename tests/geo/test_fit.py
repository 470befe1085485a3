import pytest
import shapely
from shapely import Polygon

from lib.geo.boundaries import Candidate
from lib.geo.crs import Crs, geometry_from_wgs84, geometry_to_wgs84
from lib.geo.findings import Finding
from lib.geo.fit import (
    Outside,
    containment,
    displacement,
    file_misfit,
    guess_crs,
    intrusion,
    misfit,
    moved,
)
from tests.geo.made import square


def candidate(geometry: Polygon | None, crs: Crs = Crs.WGS84, row: int = 4) -> Candidate:
    return Candidate(row, "云溪", None, None, None, geometry, crs)


def codes(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.code.removeprefix("boundary."), one.severity) for one in findings]


def shifted(geometry: Polygon, crs: Crs = Crs.GCJ02) -> Polygon:
    """The shape as it lands when a file in `crs` is passed as WGS-84."""
    return geometry_from_wgs84(geometry, crs)


PARENT = square(0, 0, 3)
AROUND = [square(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]


def test_a_child_inside_or_on_the_border_is_not_outside():
    assert containment(square(1, 1), PARENT) == Outside(0.0, 0.0)
    assert containment(PARENT, PARENT) == Outside(0.0, 0.0)


def test_a_child_half_outside_is_measured_in_share_and_metres():
    out = containment(square(2.5, 1), PARENT)
    assert out.share == pytest.approx(0.5, abs=0.001)
    assert out.metres == pytest.approx(500, rel=0.02)


def test_a_child_wholly_elsewhere_is_measured_to_its_far_side():
    out = containment(square(5, 0), PARENT)
    assert out.share == pytest.approx(1.0)
    assert out.metres == pytest.approx(3000, rel=0.02)


def test_the_far_point_may_lie_in_the_middle_of_an_edge():
    bay = square(0, 0, 3) - square(1, 1, 3)
    out = containment(square(0, 0, 3), bay)
    assert out.share == pytest.approx(4 / 9, abs=0.01)
    assert out.metres == pytest.approx(2000, rel=0.02)


def test_empty_shapes_are_answered():
    assert containment(Polygon(), PARENT) == Outside(0.0, 0.0)
    assert containment(PARENT, Polygon()) == Outside(1.0, 0.0)
    assert intrusion(Polygon(), [PARENT]) == Outside(0.0, 0.0)
    assert intrusion(PARENT, []) == Outside(0.0, 0.0)


def test_a_broken_parent_still_gives_an_answer():
    bow_tie = Polygon([(113, 29), (113.02, 29.02), (113.02, 29), (113, 29.02)])
    assert 0 < containment(square(), bow_tie).share < 1


def test_an_intrusion_is_measured_in_share_and_depth():
    inside = intrusion(square(0.8, 0), [square(1, 0), square(2, 0)])
    assert inside.share == pytest.approx(0.8, abs=0.001)
    assert inside.metres == pytest.approx(800, rel=0.02)


def test_an_area_wholly_inside_another_is_measured_from_the_edge():
    inside = intrusion(square(1, 1), [square(0, 0, 3)])
    assert inside.share == pytest.approx(1.0)
    assert inside.metres == pytest.approx(1000, rel=0.02)


def test_displacement_is_the_way_between_the_centres():
    assert displacement(square(0.3, 0.4), square()) == pytest.approx(500, rel=0.01)
    assert displacement(square(), square()) == 0.0
    with pytest.raises(ValueError, match="empty"):
        displacement(Polygon(), square())


@pytest.mark.parametrize("real", list(Crs))
@pytest.mark.parametrize("stated", list(Crs))
def test_the_system_that_fits_is_guessed(stated: Crs, real: Crs):
    read = geometry_to_wgs84(geometry_from_wgs84(PARENT, real), stated)
    best = guess_crs(read, PARENT, stated)[0]
    assert best.crs == real
    assert best.outside.share < 1e-4
    assert (best.shift < 0.1) == (stated == real)


def test_of_systems_that_fit_the_nearest_is_taken():
    fits = guess_crs(square(10, 10), square(0, 0, 20))
    assert [fit.crs for fit in fits] == [Crs.WGS84, Crs.GCJ02, Crs.BD09]


def test_what_fits_is_not_mentioned():
    assert misfit(candidate(square(1, 1)), PARENT, AROUND) == []
    assert misfit(candidate(square(1, 1))) == []
    assert misfit(candidate(None), PARENT, AROUND) == []


def test_less_than_one_percent_outside_is_not_mentioned():
    assert misfit(candidate(square(2.008, 1)), PARENT) == []


def test_a_few_percent_outside_is_a_warning():
    (found,) = misfit(candidate(square(2.03, 1)), PARENT)
    assert codes([found]) == [("leans_out", "warning")]
    assert found.row == 4
    assert found.values["percent"] == pytest.approx(3, abs=0.1)


def test_a_thin_spike_far_outside_is_an_error():
    spike = shapely.union(square(0, 0, 2.9), shapely.box(113, 29.01, 113.04, 29.0101))
    (found,) = misfit(candidate(spike), PARENT)
    assert codes([found]) == [("outside_parent", "error")]
    assert found.values["percent"] < 1
    assert found.values["metres"] > 300


def test_outside_in_every_system_names_no_system():
    (found,) = misfit(candidate(square(9, 9)), PARENT)
    assert codes([found]) == [("outside_parent", "error")]
    assert found.values["percent"] == 100


@pytest.mark.parametrize("crs", [Crs.GCJ02, Crs.BD09])
def test_a_shape_in_another_system_is_told_by_its_parent(crs: Crs):
    (found,) = misfit(candidate(shifted(PARENT, crs)), PARENT)
    assert codes([found]) == [("outside_parent_other_crs", "error")]
    assert (found.values["stated"], found.values["crs"]) == ("WGS-84", crs.label)
    assert found.values["percent"] > 5
    assert found.values["percent_then"] == 0
    assert found.values["shift"] > 300


def test_a_wgs84_shape_read_as_gcj02_is_told_too():
    read = geometry_to_wgs84(PARENT, Crs.GCJ02)
    (found,) = misfit(candidate(read, Crs.GCJ02), PARENT)
    assert (found.values["stated"], found.values["crs"]) == ("GCJ-02", "WGS-84")


@pytest.mark.parametrize("crs", [Crs.GCJ02, Crs.BD09])
def test_a_shape_in_another_system_is_told_by_its_siblings(crs: Crs):
    (found,) = misfit(candidate(shifted(square(1, 1), crs)), None, AROUND)
    assert codes([found]) == [("overlaps_siblings_other_crs", "error")]
    assert found.values["crs"] == crs.label
    assert found.values["percent"] > 5
    assert found.values["percent_then"] == 0


def test_an_overlap_in_every_system_names_no_system():
    (found,) = misfit(candidate(square(1, 1)), None, [square(0, 0, 5)])
    assert codes([found]) == [("overlaps_siblings", "error")]
    assert found.values["percent"] == 100


def test_a_small_overlap_is_a_warning_and_a_sliver_is_nothing():
    found = misfit(candidate(square(0.97, 1)), None, AROUND)
    assert codes(found) == [("touches_siblings", "warning")]
    assert misfit(candidate(square(0.995, 1)), None, AROUND) == []


def test_a_shape_far_from_all_siblings_is_a_warning():
    (found,) = misfit(candidate(square(100, 0)), None, AROUND)
    assert codes([found]) == [("far_from_siblings", "warning")]
    assert found.values["km"] == pytest.approx(97, abs=1)
    assert misfit(candidate(square(40, 0)), None, AROUND) == []


def test_empty_siblings_say_nothing():
    assert misfit(candidate(square()), None, [Polygon()]) == []


def test_parent_and_siblings_both_speak():
    found = misfit(candidate(square(-0.5, 1)), PARENT, [square(0, 1)])
    assert codes(found) == [("outside_parent", "error"), ("overlaps_siblings", "error")]


def test_a_file_of_many_is_told_in_one_sentence():
    grids = [candidate(shifted(square(x, y)), row=3 * x + y) for x in range(3) for y in range(3)]
    # The one in the middle stays inside its parent, and only the whole gives it away.
    assert misfit(grids[4], PARENT) == []
    (found,) = file_misfit(grids, PARENT)
    assert (found.row, found.values["crs"]) == (0, "GCJ-02")
    assert file_misfit([], PARENT) == []
    assert file_misfit([candidate(None)], PARENT) == []


def test_the_same_drawing_again_has_not_moved():
    assert moved(candidate(square()), square()) == []
    assert moved(candidate(square(0.05)), square()) == []
    assert moved(candidate(None), square()) == []


def test_a_redrawn_border_is_a_warning():
    (found,) = moved(candidate(square(0, 0, 2)), square())
    assert codes([found]) == [("moved", "warning")]
    assert found.values["metres"] == pytest.approx(707, rel=0.02)


@pytest.mark.parametrize("crs", [Crs.GCJ02, Crs.BD09])
def test_the_same_area_in_another_system_is_told_by_its_earlier_drawing(crs: Crs):
    (found,) = moved(candidate(shifted(square(), crs)), square())
    assert codes([found]) == [("moved_other_crs", "error")]
    assert found.values["crs"] == crs.label
    assert found.values["metres"] == pytest.approx(
        displacement(shifted(square(), crs), square()), abs=1
    )
    assert found.values["metres_then"] == 0
