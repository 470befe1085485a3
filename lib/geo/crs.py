"""The three coordinate systems that Chinese maps are handed over in, turned into WGS-84.

Only coordinates change here: whether a shape lies in the right place is asked in `lib.geo.fit`.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import prcoords
import shapely
from shapely.geometry.base import BaseGeometry

Coordinates = npt.NDArray[np.float64]

# The rectangle within which the national offset is defined; outside it maps carry no offset.
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271


class Crs(StrEnum):
    """A coordinate reference system, by the word that people type for it."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @property
    def label(self) -> str:
        """The name to show a reader; it is the same in every language."""
        return {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}[self.value]


_Step = Callable[[tuple[float, float], bool], tuple[float, float]]

# Each takes and gives (latitude, longitude). The iterated inverses are exact to centimetres,
# the plain ones only to a metre.
_INVERSES: dict[Crs, _Step] = {
    Crs.GCJ02: prcoords.gcj_wgs_bored,
    Crs.BD09: prcoords.bd_wgs_bored,
}
_FORWARDS: dict[Crs, _Step] = {
    Crs.GCJ02: prcoords.wgs_gcj,
    Crs.BD09: prcoords.wgs_bd,
}


def offset_applies(lon: float, lat: float) -> bool:
    """Whether GCJ-02 and BD-09 differ from WGS-84 at this place (degrees)."""
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def _shift(coordinates: Coordinates, step: _Step | None) -> Coordinates:
    moved = np.array(coordinates, dtype=np.float64, copy=True)
    if step is None:
        return moved
    for row, (lon, lat) in enumerate(coordinates.tolist()):
        # The library answers places abroad with a warning or an offset; both are wrong here.
        if offset_applies(lon, lat):
            there = step((lat, lon), False)
            moved[row] = there[1], there[0]
    return moved


def to_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """Give the WGS-84 longitude and latitude (degrees) of a point stated in `crs`.

    In China within 0.01 m of the true inverse (BD-09: 0.05 m); outside it comes back unchanged.
    """
    moved = _shift(np.array([[lon, lat]], dtype=np.float64), _INVERSES.get(crs))
    return float(moved[0, 0]), float(moved[0, 1])


def from_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """Give the longitude and latitude (degrees) that `crs` uses for a WGS-84 point."""
    moved = _shift(np.array([[lon, lat]], dtype=np.float64), _FORWARDS.get(crs))
    return float(moved[0, 0]), float(moved[0, 1])


def geometry_to_wgs84(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """Give the geometry (degrees, stated in `crs`) in WGS-84; equal vertices stay equal."""
    return shapely.transform(geometry, lambda xy: _shift(xy, _INVERSES.get(crs)))


def geometry_from_wgs84(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    """Give the WGS-84 geometry in the coordinates that `crs` uses for it."""
    return shapely.transform(geometry, lambda xy: _shift(xy, _FORWARDS.get(crs)))


def reread(geometry: BaseGeometry, stated: Crs, real: Crs) -> BaseGeometry:
    """Give the WGS-84 geometry as it would be, had its source been in `real`, not in `stated`."""
    if stated == real:
        return geometry
    return geometry_to_wgs84(geometry_from_wgs84(geometry, stated), real)
