"""A picture laid on the ground by two known points: turned, scaled and shifted, nothing more.

Pixels count from the upper left corner, x to the right and y down; places are WGS-84 degrees.
"""

import cmath
import math
from dataclasses import dataclass
from typing import Self

import shapely

from lib.geo.findings import Finding, Value
from lib.geo.shapes import LocalPlane

LEAST_SHARE = 0.1
"""Points closer than this part of the picture's diagonal would magnify every slip."""

LEAST_METRES = 20
LEAST_WIDTH, LARGEST_WIDTH = 50, 50_000
"""Metres on the ground that a map's longer side can reasonably stand for."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A point of the picture and where it is."""

    x: float
    y: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Placing:
    """How a picture lies: one pixel is `factor` (metres east + i metres north) on the plane."""

    plane: LocalPlane
    factor: complex
    shift: complex

    @classmethod
    def by(cls, one: Pin, other: Pin) -> Self:
        """Give the placing that puts both pins where they are.

        Raises:
            ValueError: the pins are the same point of the picture.
        """
        plane = LocalPlane((one.lon + other.lon) / 2, (one.lat + other.lat) / 2)
        here, there = (_metres(plane, pin.lon, pin.lat) for pin in (one, other))
        start, end = complex(one.x, -one.y), complex(other.x, -other.y)
        if start == end:
            raise ValueError("two points of the picture are needed")
        factor = (there - here) / (end - start)
        return cls(plane, factor, here - factor * start)

    @property
    def metres_per_pixel(self) -> float:
        """How many metres of ground one pixel stands for."""
        return abs(self.factor)

    @property
    def turn(self) -> float:
        """Degrees that the picture is turned clockwise to stand north up, -180 to 180."""
        return -math.degrees(cmath.phase(self.factor))

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel lies: longitude and latitude."""
        at = self.factor * complex(x, -y) + self.shift
        point = self.plane.to_degrees(shapely.Point(at.real, at.imag))
        return float(point.x), float(point.y)

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Which pixel shows a place."""
        at = (_metres(self.plane, lon, lat) - self.shift) / self.factor
        return at.real, -at.imag

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """West, south, east and north, in metres on the plane, of the whole picture."""
        corners = [
            self.factor * complex(x, -y) + self.shift for x in (0, width) for y in (0, height)
        ]
        east, north = [c.real for c in corners], [c.imag for c in corners]
        return min(east), min(north), max(east), max(north)

    def bounds(self, width: int, height: int) -> tuple[float, float, float, float]:
        """West, south, east and north of the whole picture in degrees."""
        flat = shapely.box(*self.box(width, height))
        west, south, east, north = self.plane.to_degrees(flat).bounds
        return float(west), float(south), float(east), float(north)


def misplaced(one: Pin, other: Pin, width: int, height: int) -> list[Finding]:
    """Say why two pins cannot place a picture of that many pixels; nothing where they can."""
    apart = math.hypot(one.x - other.x, one.y - other.y)
    if apart < LEAST_SHARE * math.hypot(width, height):
        return [_flaw("placing.points_close")]
    plane = LocalPlane(one.lon, one.lat)
    metres = abs(_metres(plane, other.lon, other.lat))
    if metres < LEAST_METRES:
        return [_flaw("placing.places_close", metres=round(metres), least=LEAST_METRES)]
    side = round(Placing.by(one, other).metres_per_pixel * max(width, height))
    if not LEAST_WIDTH <= side <= LARGEST_WIDTH:
        return [_flaw("placing.size_odd", metres=side)]
    return []


def _metres(plane: LocalPlane, lon: float, lat: float) -> complex:
    point = plane.to_metres(shapely.Point(lon, lat))
    return complex(point.x, point.y)


def _flaw(code: str, **values: Value) -> Finding:
    return Finding(1, "picture", "", code, values)
