"""Footprints of buildings, block by block, by what the block is used for.

It fills one block's building lines on the plan and keeps every wall inside them; it knows no grids,
estates or households.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from lib.demo.plan import divide
from lib.demo.town_uses import BlockUse
from lib.demo.town_warp import Geometries

BuildingUse = Literal["slab", "tower", "lane", "commercial", "school", "station"]

Shape = NDArray[np.float64]
_TOWER = np.array(
    [
        (-12, -6), (-5, -6), (-5, -10), (5, -10), (5, -6), (12, -6),
        (12, 6), (6, 6), (6, 9), (-6, 9), (-6, 6), (-12, 6),
    ],
    dtype=float,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raised:
    """Footprints on a block, with what they are and how high; and its sports field."""

    shapes: list[Polygon]
    use: BuildingUse
    floors: list[int]
    field: Polygon | None = None


class Frame:
    """A block turned so that its nearest side to the river's direction lies level."""

    def __init__(self, area: BaseGeometry) -> None:
        corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))
        x, y = corners[1] - corners[0]
        turn = math.atan2(y, x) % (math.pi / 2)
        self.turn = turn if turn <= math.pi / 4 else turn - math.pi / 2
        self.cos, self.sin = math.cos(self.turn), math.sin(self.turn)
        level = shapely.transform(area, self._level)
        self.parts = [p for p in shapely.get_parts(level) if p.area > 400]

    def _level(self, c: Shape) -> Shape:
        return np.column_stack(
            (c[:, 0] * self.cos + c[:, 1] * self.sin, c[:, 1] * self.cos - c[:, 0] * self.sin)
        )

    def _turned(self, c: Shape) -> Shape:
        return np.column_stack(
            (c[:, 0] * self.cos - c[:, 1] * self.sin, c[:, 1] * self.cos + c[:, 0] * self.sin)
        )

    def back(self, level: Geometries) -> Geometries:
        """Turn geometries from the level frame back to the plan."""
        turned: Geometries = shapely.transform(level, self._turned)
        return turned


def _crossings(polygon: Polygon, y: float) -> list[tuple[float, float]]:
    """Where the level line at ``y`` lies inside the polygon, as stretches of x."""
    xs: list[float] = []
    for ring in (polygon.exterior, *polygon.interiors):
        c = shapely.get_coordinates(ring)
        a, b = c[:-1], c[1:]
        cut = (a[:, 1] <= y) != (b[:, 1] <= y)
        t = (y - a[cut, 1]) / (b[cut, 1] - a[cut, 1])
        xs += (a[cut, 0] + t * (b[cut, 0] - a[cut, 0])).tolist()
    xs.sort()
    return list(zip(xs[::2], xs[1::2], strict=False))


def row_stretches(polygon: Polygon, low: float, high: float) -> list[tuple[float, float]]:
    """Stretches of x where a strip from ``low`` to ``high`` fits wholly inside the polygon."""
    held = _crossings(polygon, low)
    for y in ((low + high) / 2, high):
        other = _crossings(polygon, y)
        held = [
            (max(a, c), min(b, d)) for a, b in held for c, d in other if min(b, d) - max(a, c) > 6
        ]
    return held


def _rows(
    part: Polygon, rng: np.random.Generator, depth: float, pitch: float, length: float, gap: float
) -> list[Polygon]:
    """Rows of slabs, each row centred in its stretch and parted evenly."""
    _, low, _, high = part.bounds
    count = max(1, int((high - low - depth) // pitch) + 1)
    first = low + (high - low - depth - (count - 1) * pitch) / 2
    shapes = []
    for r in range(count):
        y = first + r * pitch
        for a, b in row_stretches(part, y, y + depth):
            n = max(1, round((b - a + gap) / (length + gap)))
            each = min((b - a - (n - 1) * gap) / n, length * 1.25)
            if each < 21:
                continue
            start = a + ((b - a) - n * each - (n - 1) * gap) * rng.uniform(0.2, 0.8)
            shapes += [
                box(x, y, x + each, y + depth) for x in (start + k * (each + gap) for k in range(n))
            ]
    return shapes


def _lanes(part: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Old lane houses: short terraces in pairs of rows back to back."""
    _, y, _, high = part.bounds
    shapes = []
    row = 0
    while y + 9 < high:
        for a, b in row_stretches(part, y, y + 9):
            x = a
            while x + 9 < b:
                width = min(float(rng.uniform(13, 27)), b - x)
                if rng.random() > 0.07:
                    shapes.append(box(x, y, x + width, y + rng.uniform(8.2, 9)))
                x += width + rng.uniform(2, 4.5)
        y += 11.5 if row % 2 == 0 else 16.0
        row += 1
    return shapes


def _towers(part: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Point towers, rows staggered, on a wide pitch."""
    _, low, _, high = part.bounds
    pitch = float(rng.uniform(40, 47))
    count = max(1, int((high - low - 20) // pitch) + 1)
    first = low + (high - low - (count - 1) * pitch) / 2
    shapes = []
    for r in range(count):
        y = first + r * pitch
        for a, b in row_stretches(part, y - 10, y + 9):
            n = max(1, int((b - a - 24) // 40) + 1)
            if b - a < 26:
                continue
            step = (b - a - 26) / max(1, n - 1) if n > 1 else 0.0
            begin = a + 13 if n > 1 else (a + b) / 2
            shapes += [Polygon(np.add(_TOWER, (begin + k * step, y))) for k in range(n)]
    return shapes


def _halls(part: Polygon, rng: np.random.Generator, size: float, court: float) -> list[Polygon]:
    """Large buildings that fill the block; some have a court (``court`` is the chance)."""
    shapes = []
    for plot in divide(part, max(1, round(part.area / size)), rng, 0.12, 0.0):
        hall = plot.buffer(-4.5, join_style="mitre")
        if rng.random() < court and plot.area > 1700:
            yard = hall.buffer(-16.5, join_style="mitre").buffer(4, quad_segs=1)
            hall = hall.difference(yard) if yard.area > 150 else hall
        shapes += [h for h in shapely.get_parts(hall) if h.area > 160]
    return shapes


def _school(part: Polygon, rng: np.random.Generator) -> tuple[list[Polygon], Polygon | None]:
    """A running track at one end and teaching rows at the other."""
    x0, y0, x1, y1 = part.bounds
    inside = part.buffer(-2)
    middle = (y0 + y1) / 2
    for scale in (1.0, 0.82, 0.64):
        half, turn = 26 * scale, 17 * scale
        for at in (0.34, 0.66, 0.5, 0.42, 0.58):
            x = x0 + (x1 - x0) * at
            for axis in ((half, 0.0), (0.0, half)):
                run = LineString([(x - axis[0], middle - axis[1]), (x + axis[0], middle + axis[1])])
                track = run.buffer(turn, quad_segs=6)
                if inside.covers(track):
                    rest = part.difference(track.envelope.buffer(7, join_style="mitre"))
                    rows = [
                        s
                        for p in shapely.get_parts(rest)
                        if p.area > 300
                        for s in _rows(p, rng, 12.5, 29.0, 46.0, 10.0)
                    ]
                    return rows, track
    return _rows(part, rng, 12.5, 31.0, 50.0, 10.0), None


def _station(part: Polygon) -> list[Polygon]:
    """A long hall towards the rails; its forecourt stays free."""
    _, low, _, high = part.bounds
    for depth, y in ((30, high - 34), (24, high - 40), (20, high - 50), (16, (low + high) / 2)):
        stretches = row_stretches(part, y, y + depth)
        if stretches:
            a, b = max(stretches, key=lambda s: s[1] - s[0])
            if b - a > 40:
                length = min(b - a, 150.0)
                start = (a + b - length) / 2
                return [box(start, y, start + length, y + depth)]
    circle = shapely.maximum_inscribed_circle(part, tolerance=0.5)
    (x, y), reach = circle.coords[0], circle.length
    return [box(x - 0.8 * reach, y - 0.5 * reach, x + 0.8 * reach, y + 0.5 * reach)]


def raise_buildings(area: BaseGeometry, use: BlockUse, rng: np.random.Generator) -> Raised | None:
    """Fill a block's building lines with footprints; None where nothing is built."""
    if use in ("green", "park"):
        return None
    frame = Frame(area)
    field: Polygon | None = None
    kind: BuildingUse = "commercial"
    if use in ("slab", "tower", "lane", "school", "station"):
        kind = use
    depth, pitch, length = rng.uniform((11, 24.5, 36), (13, 30, 58)).tolist()
    shapes: list[Polygon] = []
    for part in frame.parts:
        if use == "slab":
            shapes += _rows(part, rng, depth, pitch, length, 9.0)
        elif use == "tower":
            shapes += _towers(part, rng)
        elif use == "lane":
            shapes += _lanes(part, rng)
        elif use == "school":
            built, track = _school(part, rng)
            shapes += built
            field = field or track
        elif use == "station":
            shapes += _station(part)
        else:
            works = use == "works"
            shapes += _halls(part, rng, 3600 if works else 2300, 0.1 if works else 0.6)
    if not shapes:
        return None
    turned = frame.back(np.array(shapes, dtype=object))
    outline = area.buffer(0.5)
    shapely.prepare(outline)
    inside = turned[shapely.covers(outline, turned)].tolist()
    low, high = {"slab": (5, 7), "tower": (14, 26), "lane": (2, 3)}.get(kind, (2, 8))
    floors = (
        [int(rng.integers(low, high + 1))] * len(inside)
        if kind == "slab"
        else (rng.integers(low, high + 1, len(inside)).tolist())
    )
    return Raised(inside, kind, floors, None if field is None else frame.back(np.array([field]))[0])
