"""Measures and texts of one area's shape: size, box, label point, GeoJSON.

Geometries are WGS-84 degrees (longitude, latitude); only `LocalPlane` speaks metres.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """A flat metric grid around one place: metres east and north of it.

    Lengths of a degree follow the WGS-84 ellipsoid at the centre's latitude. Distances within
    10 km of the centre are right to about 0.1 %; areas of a district better than that.
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, geometry: BaseGeometry) -> Self:
        """Give the plane centred on the middle of the geometry's bounding box."""
        west, south, east, north = geometry.bounds
        return cls((west + east) / 2, (south + north) / 2)

    @property
    def _degree(self) -> npt.NDArray[np.float64]:
        phi = math.radians(self.lat)
        east = 111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
        north = 111132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
        # At a pole a degree of longitude has no length; a millimetre keeps the way back open.
        return np.array([max(east, 0.001), north])

    def to_metres(self, geometry: BaseGeometry) -> BaseGeometry:
        """Project from degrees to metres."""
        origin, degree = np.array([self.lon, self.lat]), self._degree
        return shapely.transform(geometry, lambda xy: (xy - origin) * degree)

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """Project from metres back to degrees."""
        origin, degree = np.array([self.lon, self.lat]), self._degree
        return shapely.transform(geometry, lambda xy: xy / degree + origin)


def bounding_box(geometry: BaseGeometry) -> tuple[float, float, float, float]:
    """Give (west, south, east, north) in degrees.

    Raises:
        ValueError: the geometry is empty.
    """
    if geometry.is_empty:
        raise ValueError("an empty geometry has no bounding box")
    west, south, east, north = geometry.bounds
    return float(west), float(south), float(east), float(north)


def area_m2(geometry: BaseGeometry) -> float:
    """Give the area in square metres; 0.0 for an empty geometry."""
    if geometry.is_empty:
        return 0.0
    return float(LocalPlane.around(geometry).to_metres(geometry).area)


def label_point(geometry: BaseGeometry) -> tuple[float, float]:
    """Give the place for a label: (lon, lat) deepest inside the largest part of the shape.

    Raises:
        ValueError: the geometry holds no polygon.
    """
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    if not parts or geometry.is_empty:
        raise ValueError("a label point needs a polygon")
    largest = max(parts, key=area_m2)
    plane = LocalPlane.around(largest)
    flat = plane.to_metres(largest)
    # The line runs from the centre of the largest circle that fits to where it touches.
    radius = shapely.maximum_inscribed_circle(flat, tolerance=max(math.sqrt(flat.area) / 100, 0.01))
    centre = plane.to_degrees(shapely.Point(radius.coords[0]))
    if not largest.contains(centre):
        centre = largest.point_on_surface()
    return float(centre.x), float(centre.y)


def to_geojson_geometry(geometry: BaseGeometry, decimals: int = 7) -> str:
    """Give the geometry as compact GeoJSON text; 7 decimals are about one centimetre.

    Vertices are rounded one by one, so that borders which two shapes share stay shared.
    """
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, decimals) + 0.0)
    mapping: dict[str, Any] = shapely.geometry.mapping(rounded)
    return json.dumps(mapping, separators=(",", ":"), allow_nan=False)


def from_geojson_geometry(text: str) -> BaseGeometry:
    """Read a geometry that `to_geojson_geometry` wrote.

    Raises:
        ValueError: the text is not a GeoJSON geometry. Text from people goes through
            `lib.geo.boundaries.read_features`, which explains instead.
    """
    try:
        return shapely.from_geojson(text)
    except shapely.errors.GEOSException as error:
        raise ValueError("not a GeoJSON geometry") from error
