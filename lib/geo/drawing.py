"""A boundary drawn by hand: read, judged beside what is there, and joined to its neighbours.

It knows shapes and the names to speak of them by; what is saved is decided by `lib.services`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from lib.geo.crs import Crs
from lib.geo.findings import Finding, Value, shorten
from lib.geo.fit import REFUSED_SHARE, containment
from lib.geo.polygons import read_geometry
from lib.geo.shapes import LocalPlane

KNIT_METRES = 3
"""Points of a drawing this close to a neighbour's border are meant to lie on it."""

_LEAST_POINTS = 3
_LEAST_M2 = 1e-6
_CRUMB_SHARE = 0.01
_DEGREES = 1e-7
_OWN_WORDS = {
    "boundary.ring_short": "drawing.points",
    "boundary.self_intersection": "drawing.self_intersection",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An area that is there already: its name and its WGS-84 shape."""

    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a drawing must fit: the area above, those of its level nearby, those below it."""

    parent: Neighbour | None = None
    beside: Sequence[Neighbour] = ()
    inside: Sequence[Neighbour] = ()


def read_drawing(value: object) -> tuple[BaseGeometry | None, list[Finding]]:
    """Read a drawn GeoJSON geometry into a valid WGS-84 polygon, or say what is wrong with it.

    Never raises on what a browser sends.
    """
    points = _points(value)
    if points is not None and points < _LEAST_POINTS:
        return None, [_flaw("drawing.points", points, points=points)]
    geometry, findings = read_geometry(value, 1, Crs.WGS84)
    errors = [
        replace(one, code=_OWN_WORDS.get(one.code, one.code))
        for one in findings
        if one.severity == "error"
    ]
    if geometry is None and not errors:
        errors = [_flaw("drawing.points", 0, points=0)]
    return (None if errors else geometry), errors


def judge(drawn: BaseGeometry, around: Surroundings) -> list[Finding]:
    """Say why the drawing cannot stand: outside its parent, over a neighbour, areas left out.

    Small misses are no flaw: `knit` joins them to the border they were meant for.
    """
    findings = []
    if around.parent is not None:
        out = containment(drawn, around.parent.geometry)
        if out.refused:
            percent, metres = _percent(out.share), round(out.metres)
            findings.append(
                _flaw(
                    "drawing.outside_parent",
                    f"{percent}%, {metres} m",
                    percent=percent,
                    metres=metres,
                    parent=around.parent.name,
                )
            )
    worst = max(((_common(drawn, one.geometry), one.name) for one in around.beside), default=None)
    if worst is not None and worst[0] > REFUSED_SHARE:
        percent = _percent(worst[0])
        findings.append(
            _flaw("drawing.overlap", f"{percent}%", percent=percent, other=shorten(worst[1]))
        )
    for one in around.inside:
        if containment(one.geometry, drawn).refused:
            findings.append(_flaw("drawing.leaves_out", one.name, other=shorten(one.name)))
            break
    return findings


def knit(drawn: BaseGeometry, around: Surroundings) -> tuple[BaseGeometry, float]:
    """Give the drawing joined to the borders beside it, and the share of it that was cut off.

    Points within `KNIT_METRES` of a border move onto it, the border's own points between them
    are taken over, and what still reaches over it is cut: neighbours share one line exactly.
    """
    plane = LocalPlane.around(drawn)
    flat = plane.to_metres(drawn)
    beside = [
        plane.to_metres(one.geometry)
        for one in around.beside
        if shapely.dwithin(plane.to_metres(one.geometry), flat, KNIT_METRES)
    ]
    parent = None if around.parent is None else plane.to_metres(around.parent.geometry)
    borders = [one.boundary for one in ([*beside, parent] if parent is not None else beside)]
    joined = shapely.snap(flat, shapely.union_all(borders), KNIT_METRES) if borders else flat
    if not joined.is_valid or joined.is_empty:
        joined = flat
    if beside:
        joined = joined.difference(shapely.union_all(beside))
    if parent is not None:
        joined = joined.intersection(parent)
    whole = _without_crumbs(joined)
    cut = shapely.difference(flat, whole).area / max(flat.area, _LEAST_M2)
    exact = shapely.set_precision(plane.to_degrees(whole), _DEGREES)
    return shapely.orient_polygons(exact), float(cut)


def count_points(value: object) -> int:
    """How many different places the first ring of what a browser sent has, 0 where it has none."""
    return _points(value) or 0


def _points(value: object) -> int | None:
    """How many different places a drawn ring has; None where it is no ring at all."""
    rings = value.get("coordinates") if isinstance(value, Mapping) else None
    if not isinstance(rings, list) or not rings or not isinstance(rings[0], list):
        return 0 if rings == [] else None
    return len({str(position) for position in rings[0]})


def _common(drawn: BaseGeometry, other: BaseGeometry) -> float:
    """The part of the smaller of two shapes that both cover."""
    if not shapely.intersects(drawn, other):
        return 0.0
    plane = LocalPlane.around(drawn)
    one, two = plane.to_metres(drawn), plane.to_metres(other)
    least = max(min(one.area, two.area), _LEAST_M2)
    return float(shapely.intersection(one, two).area / least)


def _without_crumbs(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape without the crumbs that cutting left."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    largest = max((part.area for part in parts), default=0.0)
    kept = [part for part in parts if part.area > _CRUMB_SHARE * largest]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _percent(share: float) -> float:
    return round(100 * share, 1)


def _flaw(code: str, shown: object, **values: Value) -> Finding:
    return Finding(1, "geometry", shorten(shown), code, values)
