"""From the town's plan to the earth: bend, turn and project plan coordinates.

The plan is flat and square-cut, u along the river and v away from it, in metres. The maps here are
pure functions of a point, so that two areas that share a vertex on the plan share it everywhere.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Coordinates = NDArray[np.float64]
Geometries = NDArray[np.object_]

ORIGIN_LON, ORIGIN_LAT = 112.5, 31.0
METRES_PER_LON = 111_320 * math.cos(math.radians(ORIGIN_LAT))
METRES_PER_LAT = 110_870.0
_REACH = 1500.0
_SHEAR = 0.75


@dataclass(frozen=True, slots=True)
class Warp:
    """A smooth bend that follows the river near it and straightens away from it."""

    phase: tuple[float, float, float, float]
    bend: float
    turn: float
    mirrored: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Warp":
        """Draw a gentle bend, a turn of 3 to 9 degrees either way, and a side."""
        a, b, c, d = (float(x) for x in rng.uniform(0, 2 * math.pi, 4))
        turn = math.radians(float(rng.uniform(3, 9)) * float(rng.choice([-1.0, 1.0])))
        return cls((a, b, c, d), float(rng.uniform(85, 125)), turn, bool(rng.random() < 0.5))

    def points(self, plan: Coordinates) -> Coordinates:
        """Map (u, v) rows to (x east, y north) rows in metres, rounded to 1 cm."""
        u, v = plan[:, 0], plan[:, 1]
        p, q, r, s = self.phase
        fade = np.exp(-np.abs(v) / _REACH)
        axis = self.bend * np.sin(u / 720 + p) + 26 * np.sin(u / 330 + q)
        slope = self.bend / 720 * np.cos(u / 720 + p) + 26 / 330 * np.cos(u / 330 + q)
        x = u - slope * v * _SHEAR * fade + 22 * np.sin(v / 390 + r) + 6 * np.sin(v / 170 + s)
        y = v + axis * fade + 16 * np.sin(u / 460 + s) + 5 * np.sin(u / 160 + r) - 900
        if self.mirrored:
            x = -x
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        turned: Coordinates = np.round(np.column_stack((x * cos - y * sin, x * sin + y * cos)), 2)
        return turned

    def geometry(self, plan: BaseGeometry, step: float | None = None) -> BaseGeometry:
        """Map a geometry; ``step`` (m) adds vertices first, so that its lines bend."""
        return shapely.transform(plan if step is None else plan.segmentize(step), self.points)

    def geometries(self, plan: Geometries, step: float | None = None) -> Geometries:
        """Map an array of geometries; ``step`` as for one."""
        fine = plan if step is None else shapely.segmentize(plan, step)
        moved: Geometries = shapely.transform(fine, self.points)
        return moved


def degrees(metres: Coordinates) -> Coordinates:
    """Project (x, y) rows in metres to (lon, lat) rows, rounded to 7 decimals.

    Over a town this local scale is within 0.1 m of the web map projection.
    """
    lon = ORIGIN_LON + metres[:, 0] / METRES_PER_LON
    lat = ORIGIN_LAT + metres[:, 1] / METRES_PER_LAT
    return np.asarray(np.round(np.column_stack((lon, lat)), 7), dtype=np.float64)
