"""One GeoJSON geometry as people really hand it over, read into a WGS-84 polygon or explained.

It never repairs silently what changes a border, and never raises on what a file holds.
"""

import math
import re
from collections.abc import Mapping

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lib.geo.crs import Coordinates, Crs, geometry_to_wgs84
from lib.geo.findings import Finding, Severity, Value, shorten
from lib.geo.shapes import area_m2

MAX_POINTS = 200_000
# The largest prefecture-level area of China has about 470,000 km².
MAX_KM2 = 600_000
# Land and waters of China, loosely.
CHINA = (73.0, 3.0, 136.0, 54.0)
_RING_POINTS = 4
_PLACE = re.compile(r"\[(\S+) (\S+)\]")


class _Flaw(Exception):  # noqa: N818 - carried within this module only, never an outcome
    def __init__(self, code: str, value: object = "", **values: Value) -> None:
        super().__init__(code)
        self.code = code
        self.value = value
        self.values = values


def _finding(row: int, flaw: _Flaw, severity: Severity = "error") -> Finding:
    value = shorten(flaw.value)
    return Finding(row, "geometry", value, f"boundary.{flaw.code}", flaw.values, severity)


def _place(lon: float, lat: float) -> str:
    return f"{lon:.6f}, {lat:.6f}"


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Flaw("coordinate_not_number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _Flaw("coordinate_not_number", value)
    return number


def _position(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) < 2:
        raise _Flaw("coordinate_not_number", value)
    return _number(value[0]), _number(value[1])


def _ring(value: object) -> Coordinates:
    """Read a closed ring of at least four positions; heights are left out."""
    if not isinstance(value, list):
        raise _Flaw("coordinate_not_number", value)
    if not value:
        raise _Flaw("geometry_empty")
    ring = np.array([_position(position) for position in value], dtype=np.float64)
    first, last = ring[0], ring[-1]
    if not np.array_equal(first, last):
        start, end = _place(*first), _place(*last)
        raise _Flaw("ring_unclosed", f"{start} … {end}", start=start, end=end)
    if len(np.unique(ring, axis=0)) < _RING_POINTS - 1 or len(ring) < _RING_POINTS:
        raise _Flaw("ring_short", _place(*first), points=len(ring))
    return ring


def _polygon_arrays(geometry: Mapping[str, object]) -> list[list[object]]:
    """Give the raw rings of each polygon of the geometry."""
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise _Flaw("not_polygon", kind, kind=shorten(kind))
    raw = geometry.get("coordinates")
    if raw is None or raw == []:
        raise _Flaw("geometry_empty")
    polygons = [raw] if kind == "Polygon" else raw
    if not isinstance(polygons, list):
        raise _Flaw("coordinate_not_number", raw)
    for polygon in polygons:
        if not isinstance(polygon, list):
            raise _Flaw("coordinate_not_number", polygon)
        if not polygon:
            raise _Flaw("geometry_empty")
    return polygons


def _rings(polygons: list[list[object]], row: int) -> tuple[list[list[Coordinates]], list[Finding]]:
    """Read every ring, so that one look at the report shows every ring at fault."""
    read: list[list[Coordinates]] = []
    findings: list[Finding] = []
    for polygon in polygons:
        rings: list[Coordinates] = []
        for raw in polygon:
            try:
                rings.append(_ring(raw))
            except _Flaw as flaw:
                findings.append(_finding(row, flaw))
        read.append(rings)
    return read, findings


def _within(places: Coordinates, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    lon, lat = places[:, 0], places[:, 1]
    return bool(((lon >= west) & (lon <= east)).all() and ((lat >= south) & (lat <= north)).all())


def _check_range(places: Coordinates) -> None:
    world = (-180.0, -90.0, 180.0, 90.0)
    turned = places[:, ::-1]
    in_world = _within(places, world)
    if (not in_world and _within(turned, world)) or _within(turned, CHINA):
        lon, lat = places[0]
        raise _Flaw("axes_swapped", _place(lon, lat), lon=float(lat), lat=float(lon))
    if not in_world:
        outside = (np.abs(places[:, 0]) > 180) | (np.abs(places[:, 1]) > 90)
        lon, lat = places[outside][0]
        raise _Flaw("coordinates_out_of_range", _place(lon, lat))


def _check_valid(geometry: BaseGeometry) -> None:
    reason = str(shapely.is_valid_reason(geometry))
    if reason == "Valid Geometry":
        return
    found = _PLACE.search(reason)
    place = _place(float(found[1]), float(found[2])) if found else ""
    # GEOS words, fixed in its sources: "Self-intersection[…]", "Ring Self-intersection[…]".
    crossing = "elf-intersection" in reason
    raise _Flaw("self_intersection" if crossing else "rings_misplaced", place, place=place)


def _build(polygons: list[list[Coordinates]], crs: Crs) -> BaseGeometry:
    places = np.concatenate([ring for rings in polygons for ring in rings])
    if len(places) > MAX_POINTS:
        raise _Flaw("too_many_points", len(places), points=len(places), limit=MAX_POINTS)
    _check_range(places)
    parts = [shapely.Polygon(rings[0], rings[1:]) for rings in polygons]
    stated = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    # First in the file's own coordinates, where its owner will look for the place.
    _check_valid(stated)
    geometry = shapely.orient_polygons(geometry_to_wgs84(stated, crs))
    _check_valid(geometry)
    km2 = round(area_m2(geometry) / 1e6)
    if km2 > MAX_KM2:
        raise _Flaw("area_huge", f"{km2} km²", km2=km2, limit=MAX_KM2)
    return geometry


def read_geometry(value: object, row: int, crs: Crs) -> tuple[BaseGeometry | None, list[Finding]]:
    """Read a feature's "geometry" into a valid WGS-84 Polygon or MultiPolygon.

    Heights are left out, outer rings run counter-clockwise. None comes with the reasons;
    a null geometry is allowed (an area without a drawn border) and only warned of.
    """
    if value is None:
        return None, [_finding(row, _Flaw("geometry_absent"), "warning")]
    try:
        if not isinstance(value, dict):
            raise _Flaw("not_polygon", value, kind=shorten(value))
        polygons, findings = _rings(_polygon_arrays(value), row)
        if findings:
            return None, findings
        geometry = _build(polygons, crs)
    except _Flaw as flaw:
        return None, [_finding(row, flaw)]
    west, south, east, north = geometry.bounds
    if not _within(np.array([[west, south], [east, north]]), CHINA):
        centre = _place((west + east) / 2, (south + north) / 2)
        return geometry, [_finding(row, _Flaw("outside_china", centre, place=centre), "warning")]
    return geometry, []
