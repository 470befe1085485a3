"""Made-up streets of any size: areas with shared, bent edges, their borders and points.

Nothing here resembles a real place; the same arguments give the same town.
"""

import gzip
import json
import math
import random
from dataclasses import dataclass
from functools import cache
from typing import Any

STEP = 0.0026
ORIGIN = (112.40, 31.02)
SIZES = {"S": (300, 400), "M": (1500, 5000), "L": (15000, 50000)}
BLOCK = 3
NAMES = "望江渡口柳荫书院桐花荷塘东篱石桥建设临溪文昌槐荫南浦锦绣红旗和平青年光明新安竹园"

Shape = dict[str, Any]


@dataclass(frozen=True)
class Town:
    """A FeatureCollection, its compressed text, and the ids of its areas in order."""

    features: list[Shape]
    raw: bytes
    packed: bytes
    ids: tuple[str, ...]
    bounds: tuple[tuple[float, float], tuple[float, float]]


def corner(x: float, y: float) -> tuple[float, float]:
    """Return where the lattice point (x, y) lies: warped, so that no edge is straight."""
    lon = ORIGIN[0] + STEP * (x + 0.35 * math.sin(y * 0.7) + 0.18 * math.sin(x * 1.9 + y))
    lat = ORIGIN[1] + STEP * 0.82 * (y + 0.3 * math.sin(x * 0.6) + 0.16 * math.cos(y * 2.1 - x))
    return round(lon, 6), round(lat, 6)


def ring(x: int, y: int, w: int, h: int) -> list[tuple[float, float]]:
    """Return the outline of a lattice rectangle with points between the corners."""
    n = 4
    sides = [
        [(x + i / n, y) for i in range(w * n)],
        [(x + w, y + i / n) for i in range(h * n)],
        [(x + w - i / n, y + h) for i in range(w * n)],
        [(x, y + h - i / n) for i in range(h * n)],
    ]
    points = [corner(*p) for side in sides for p in side]
    return [*points, points[0]]


def feature(id_: str, kind: str, geometry: Shape | None, **properties: Any) -> Shape:
    """Return one feature of the map's contract."""
    return {
        "type": "Feature",
        "id": id_,
        "properties": {"kind": kind, **{k: v for k, v in properties.items() if v is not None}},
        "geometry": geometry,
    }


def areas(polygons: int, columns: int) -> list[Shape]:
    """Return the painted areas, row by row; each seventeenth one has no English name."""
    found = []
    for i in range(polygons):
        x, y = i % columns, i // columns
        block = f"c{x // BLOCK}-{y // BLOCK}"
        n = x % BLOCK + BLOCK * (y % BLOCK) + 1
        shape = {"type": "Polygon", "coordinates": [ring(x, y, 1, 1)]}
        found.append(
            feature(
                f"g{i}",
                "area",
                shape,
                level="grid",
                parent=block,
                at=corner(x + 0.5, y + 0.5),
                name_zh=f"第{n}网格",
                name_en=None if i % 17 == 0 else f"Grid {n}",
            )
        )
    return found


def borders(polygons: int, columns: int) -> list[Shape]:
    """Return the communities, blocks of areas, and the street around them."""
    rows = polygons // columns
    found = []
    for y in range(0, rows, BLOCK):
        for x in range(0, columns, BLOCK):
            w, h = min(BLOCK, columns - x), min(BLOCK, rows - y)
            k = (len(found) * 7) % 20
            found.append(
                feature(
                    f"c{x // BLOCK}-{y // BLOCK}",
                    "border",
                    {"type": "Polygon", "coordinates": [ring(x, y, w, h)]},
                    level="community",
                    parent="street",
                    at=corner(x + w / 2, y + h / 2),
                    name_zh=NAMES[2 * k : 2 * k + 2],
                    name_en=f"Community {len(found) + 1}",
                )
            )
    outline = {"type": "Polygon", "coordinates": [ring(0, 0, columns, rows)]}
    return [
        *found,
        feature("street", "border", outline, level="street", name_zh="云溪", name_en="Yunxi"),
    ]


def dots(points: int, polygons: int, columns: int) -> list[Shape]:
    """Return units and centre households anywhere in the town."""
    draw = random.Random(5)  # noqa: S311
    rows = polygons // columns
    found = []
    for i in range(points):
        place = corner(draw.uniform(0, columns), draw.uniform(0, rows))
        kind = "unit" if i % 3 else "centre"
        found.append(
            feature(
                f"p{i}",
                kind,
                {"type": "Point", "coordinates": place},
                category=draw.choice(("school", "clinic", "firm")) if kind == "unit" else None,
                name_zh=f"单位{i}" if kind == "unit" else None,
                name_en=f"Unit {i}" if kind == "unit" else None,
            )
        )
    return found


@cache
def town(size: str) -> Town:
    """Return the town of a size: S, M or L."""
    polygons, points = SIZES[size]
    columns = {"S": 20, "M": 50, "L": 150}[size]
    found = areas(polygons, columns)
    ids = tuple(f["id"] for f in found)
    edges = borders(polygons, columns)
    found += edges + dots(points, polygons, columns)
    raw = json.dumps(
        {"type": "FeatureCollection", "features": found}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    lons, lats = zip(*edges[-1]["geometry"]["coordinates"][0], strict=True)
    bounds = ((min(lats), min(lons)), (max(lats), max(lons)))
    return Town(found, raw, gzip.compress(raw, 6), ids, bounds)


@cache
def figures(size: str, measure: str) -> list[float | None]:
    """Return one figure per area; some are unknown."""
    draw = random.Random(measure)  # noqa: S311
    if measure == "coverage":
        known: list[float | None] = [
            float(min(100, max(30, round(draw.gauss(80, 12))))) for _ in town(size).ids
        ]
    else:
        known = [float(max(0, round(draw.gauss(2.2, 2.1)))) for _ in town(size).ids]
    return [None if draw.random() < 0.02 else v for v in known]
