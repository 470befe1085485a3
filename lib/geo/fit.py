"""How a boundary lies to its parent, to its neighbours and to what was there before.

Made to notice a map that was drawn in another coordinate system and to say how far it is off.
Nothing is corrected here: the findings name the system that would fit, and people decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lib.geo.boundaries import Candidate
from lib.geo.crs import Crs, reread
from lib.geo.findings import FILE, Finding, Severity, Value
from lib.geo.shapes import LocalPlane

# Below the first share nothing is said; above the second, or farther out, the area is refused.
SILENT_SHARE = 0.01
REFUSED_SHARE = 0.05
REFUSED_METRES = 300
# Centres of one area drawn twice from different sources lie closer than this.
MOVED_METRES = 100
FAR_METRES = 50_000
# About 2 km: no coordinate system moves a place in China farther.
_REACH_DEGREES = 0.02
_LEAST_M2 = 1e-6
# Borders are measured at points this far apart.
_STEP_METRES = 50


@dataclass(frozen=True, slots=True)
class Outside:
    """How much of a shape lies where it should not.

    Attributes:
        share: part of the shape's own area, 0 to 1.
        metres: how far its farthest point is from where it should be.
    """

    share: float
    metres: float

    @property
    def silent(self) -> bool:
        """Small enough to say nothing."""
        return self.share < SILENT_SHARE and self.metres <= REFUSED_METRES

    @property
    def refused(self) -> bool:
        """Too much to be a matter of drawing."""
        return self.share > REFUSED_SHARE or self.metres > REFUSED_METRES


@dataclass(frozen=True, slots=True)
class CrsFit:
    """How a shape would lie, had its source been in `crs`; `shift` metres from where it is now."""

    crs: Crs
    outside: Outside
    shift: float

    @property
    def rank(self) -> tuple[bool, float, float]:
        """Order of fits: those that fit, the smallest shift first; then by the share outside."""
        if self.outside.silent:
            return False, self.shift, 0.0
        return True, self.outside.share, self.shift


def _sound(geometry: BaseGeometry) -> BaseGeometry:
    return geometry if geometry.is_valid else shapely.make_valid(geometry)


def _farthest(points_of: BaseGeometry, target: BaseGeometry) -> float:
    """Give the greatest distance from the border points of one shape to another (metres)."""
    step = max(_STEP_METRES, points_of.length / 5_000)
    coordinates = shapely.get_coordinates(shapely.segmentize(points_of, step))
    return float(shapely.distance(shapely.points(coordinates), target).max(initial=0.0))


def containment(child: BaseGeometry, parent: BaseGeometry) -> Outside:
    """Measure how much of the child (WGS-84) lies outside its parent and how far out it reaches.

    The distance is taken at points of the child's border. An empty child lies outside nothing;
    in an empty parent everything is outside, with distance 0.
    """
    if child.is_empty:
        return Outside(0.0, 0.0)
    if parent.is_empty:
        return Outside(1.0, 0.0)
    if parent.is_valid and parent.covers(child):
        return Outside(0.0, 0.0)
    plane = LocalPlane.around(child)
    inner, outer = _sound(plane.to_metres(child)), _sound(plane.to_metres(parent))
    outside = shapely.difference(inner, outer)
    if outside.is_empty:
        return Outside(0.0, 0.0)
    share = outside.area / max(inner.area, _LEAST_M2)
    return Outside(min(float(share), 1.0), _farthest(outside, outer))


def intrusion(area: BaseGeometry, others: Sequence[BaseGeometry]) -> Outside:
    """Measure how much of the area (WGS-84) lies inside the others, and how deep it reaches.

    The depth is the distance from the part of the area that is free; where none is, from the
    edge of the others.
    """
    met = [other for other in others if shapely.intersects(area, other)]
    if not met:
        return Outside(0.0, 0.0)
    plane = LocalPlane.around(area)
    flat = _sound(plane.to_metres(area))
    taken = shapely.union_all([_sound(plane.to_metres(other)) for other in met])
    common = shapely.intersection(flat, taken)
    if common.area <= 0:
        return Outside(0.0, 0.0)
    share = common.area / max(flat.area, _LEAST_M2)
    free = shapely.difference(flat, taken)
    edge = taken.boundary if free.is_empty else free
    return Outside(min(float(share), 1.0), _farthest(common, edge))


def displacement(new: BaseGeometry, old: BaseGeometry) -> float:
    """Give how far the centre of the area moved between two drawings, in metres.

    Raises:
        ValueError: one of the two is empty.
    """
    if new.is_empty or old.is_empty:
        raise ValueError("an empty geometry has no place")
    plane = LocalPlane.around(old)
    return float(plane.to_metres(new).centroid.distance(plane.to_metres(old).centroid))


def guess_crs(
    geometry: BaseGeometry, container: BaseGeometry, stated: Crs = Crs.WGS84
) -> list[CrsFit]:
    """Say how the shape, read as `stated`, would lie in its container under each system.

    All three systems are given, the best first: among those that fit, the one that moves the
    shape least.
    """
    fits = []
    for crs in Crs:
        there = reread(geometry, stated, crs)
        fits.append(CrsFit(crs, containment(there, container), displacement(there, geometry)))
    return sorted(fits, key=lambda fit: fit.rank)


def _percent(share: float) -> float:
    return round(100 * share, 1)


def _finding(
    candidate: Candidate, code: str, severity: Severity, shown: str, **values: Value
) -> Finding:
    return Finding(candidate.row, "geometry", shown, f"boundary.{code}", values, severity)


def _told(candidate: Candidate, code: str, found: Outside, better: CrsFit | None) -> Finding:
    """Put a refusal into a finding, with the system that would fit if there is one."""
    percent, metres = _percent(found.share), round(found.metres)
    shown = f"{percent}%, {metres} m"
    if better is None:
        return _finding(candidate, code, "error", shown, percent=percent, metres=metres)
    return _finding(
        candidate,
        f"{code}_other_crs",
        "error",
        shown,
        percent=percent,
        metres=metres,
        stated=candidate.crs.label,
        crs=better.crs.label,
        shift=round(better.shift),
        percent_then=_percent(better.outside.share),
    )


def _better(fits: Sequence[CrsFit], stated: Crs, now: Outside) -> CrsFit | None:
    best = fits[0]
    fits_well = not best.outside.refused and best.outside.share < now.share / 2
    return best if best.crs != stated and fits_well else None


def _against_parent(
    candidate: Candidate, geometry: BaseGeometry, parent: BaseGeometry
) -> list[Finding]:
    found = containment(geometry, parent)
    if found.silent:
        return []
    if not found.refused:
        percent, metres = _percent(found.share), round(found.metres)
        shown = f"{percent}%, {metres} m"
        return [_finding(candidate, "leans_out", "warning", shown, percent=percent, metres=metres)]
    fits = guess_crs(geometry, parent, candidate.crs)
    return [_told(candidate, "outside_parent", found, _better(fits, candidate.crs, found))]


def _kilometres_away(geometry: BaseGeometry, siblings: Sequence[BaseGeometry]) -> float:
    plane = LocalPlane.around(geometry)
    flat = plane.to_metres(geometry)
    return min(float(flat.distance(plane.to_metres(other))) for other in siblings) / 1000


def _against_siblings(
    candidate: Candidate,
    geometry: BaseGeometry,
    siblings: Sequence[BaseGeometry],
    parent: BaseGeometry | None,
) -> list[Finding]:
    held = np.array([one for one in siblings if not one.is_empty], dtype=object)
    if not len(held):
        return []
    west, south, east, north = geometry.bounds
    reach = shapely.box(
        west - _REACH_DEGREES, south - _REACH_DEGREES, east + _REACH_DEGREES, north + _REACH_DEGREES
    )
    near = held[shapely.intersects(reach, held)].tolist()
    if not near:
        km = round(_kilometres_away(geometry, held.tolist()))
        if km * 1000 <= FAR_METRES:
            return []
        return [_finding(candidate, "far_from_siblings", "warning", f"{km} km", km=km)]
    found = intrusion(geometry, near)
    if found.share < SILENT_SHARE:
        return []
    if found.share <= REFUSED_SHARE:
        percent = _percent(found.share)
        return [_finding(candidate, "touches_siblings", "warning", f"{percent}%", percent=percent)]
    fits = []
    for crs in Crs:
        there = reread(geometry, candidate.crs, crs)
        # A system that frees the siblings by pushing the area out of its parent is no answer.
        if crs == candidate.crs or parent is None or not containment(there, parent).refused:
            fits.append(CrsFit(crs, intrusion(there, near), displacement(there, geometry)))
    fits.sort(key=lambda fit: fit.rank)
    return [_told(candidate, "overlaps_siblings", found, _better(fits, candidate.crs, found))]


def misfit(
    candidate: Candidate,
    parent: BaseGeometry | None = None,
    siblings: Sequence[BaseGeometry] = (),
) -> list[Finding]:
    """Say how the candidate fails to lie in its parent or beside its siblings (all WGS-84).

    `siblings` are other areas of the same level that are already there, without an earlier
    drawing of the candidate itself (that one goes to `moved`). A candidate without geometry
    fits. An error where more than 5 % of the area is misplaced, or more than 300 m beyond the
    parent; it names the coordinate system that would fit, if one does. A warning from 1 % on,
    and where no sibling is within 50 km.
    """
    geometry = candidate.geometry
    if geometry is None or geometry.is_empty:
        return []
    findings = [] if parent is None else _against_parent(candidate, geometry, parent)
    return findings + _against_siblings(candidate, geometry, siblings, parent)


def file_misfit(
    candidates: Sequence[Candidate],
    parent: BaseGeometry | None = None,
    siblings: Sequence[BaseGeometry] = (),
) -> list[Finding]:
    """Say the same of all candidates of one file taken together, in findings of row `FILE`.

    One sentence for a file of a hundred grids of which only those at the rim stick out.
    """
    shapes = [one.geometry for one in candidates if one.geometry is not None]
    if not shapes:
        return []
    whole = replace(candidates[0], row=FILE, geometry=_sound(shapely.union_all(shapes)))
    return misfit(whole, parent, siblings)


def moved(candidate: Candidate, old: BaseGeometry) -> list[Finding]:
    """Say how far the candidate lies from the earlier drawing of the same area (WGS-84).

    Nothing up to 100 m; a warning beyond; an error where another coordinate system would bring
    it back to its place, because then the file was read in the wrong one.
    """
    geometry = candidate.geometry
    if geometry is None or geometry.is_empty or old.is_empty:
        return []
    metres = displacement(geometry, old)
    if metres <= MOVED_METRES:
        return []
    shown = f"{round(metres)} m"
    others = [crs for crs in Crs if crs != candidate.crs]
    left = {crs: displacement(reread(geometry, candidate.crs, crs), old) for crs in others}
    best = min(others, key=left.__getitem__)
    if left[best] > min(MOVED_METRES, metres / 4):
        return [_finding(candidate, "moved", "warning", shown, metres=round(metres))]
    return [
        _finding(
            candidate,
            "moved_other_crs",
            "error",
            shown,
            metres=round(metres),
            stated=candidate.crs.label,
            crs=best.label,
            metres_then=round(left[best]),
        )
    ]
