"""The town's ground in metres, layer by layer, ready to be painted.

It shapes what the base map shows (water, greens, roads, railway, name paths); colours and languages
belong to the painter.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, box
from shapely.ops import substring

from lib.demo.plan import Plan
from lib.demo.town_names import Name, TownNames
from lib.demo.town_network import BANK, RIVERSIDE, Network, row_level
from lib.demo.town_uses import BlockUse, Ground
from lib.demo.town_warp import Geometries, Warp

LabelKind = Literal["water", "brook", "road", "green", "spot"]
_RING = 46.0
_CLOSES = 5.3  # half the widest gap a compound closes, above a path and below a road
_BEND_STEP = 18.0


@dataclass(frozen=True, slots=True)
class Label:
    """A name along a path, left to right (or top to bottom)."""

    kind: LabelKind
    name: Name
    path: LineString


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Layers of the ground in metres; ``extent`` is the picture."""

    extent: Polygon
    street: Polygon
    blocks: Geometries
    greens: Geometries
    fields: Geometries
    water: Geometries
    buildings: Geometries
    roads: dict[str, Geometries]
    rails: Geometries
    labels: tuple[Label, ...]


def picture_extent(street: Polygon) -> Polygon:
    """The picture's frame: the street with a wide margin for maps of other proportions."""
    x0, y0, x1, y1 = street.bounds
    half_w, half_h = min(2350.0, (x1 - x0) * 0.72), min(1600.0, (y1 - y0) * 0.86)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return box(*(round(c) for c in (x - half_w, y - half_h, x + half_w, y + half_h)))


def _rounded(shapes: Geometries, radius: float) -> Geometries:
    """Round corners (outward ones) and drop crumbs."""
    soft = shapely.buffer(shapely.buffer(shapes, -radius, quad_segs=3), radius, quad_segs=3)
    parts = shapely.get_parts(soft)
    kept: Geometries = parts[shapely.area(parts) > 120]
    return kept


def _pavements(ground: Ground, uses: tuple[BlockUse, ...], estate: dict[int, int]) -> Geometries:
    """Built blocks with round corners; a compound's blocks close over the paths between them."""
    built: dict[tuple[str, int], list[Any]] = {}
    for k, use in enumerate(uses):
        if use not in ("green", "park"):
            key = ("estate", estate[k]) if k in estate else ("block", k)
            built.setdefault(key, []).append(ground.paved[k])
    single = [members[0] for members in built.values() if len(members) == 1]
    joined = np.array(
        [shapely.union_all(members) for members in built.values() if len(members) > 1], dtype=object
    )
    closed = shapely.buffer(shapely.buffer(joined, _CLOSES, quad_segs=2), -_CLOSES, quad_segs=2)
    whole = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(closed)))
    return _rounded(np.concatenate((np.array(single, dtype=object), whole)), 8.0)


def _inner_edges(plan: Plan, estate: dict[int, int]) -> set[int]:
    """Numbers of the minor edges inside one compound: paths, not roads."""
    return {
        n
        for n, edge in enumerate(plan.edges)
        if edge.kind == "minor"
        and len(edge.blocks) == 2
        and edge.blocks[0] in estate
        and estate[edge.blocks[0]] == estate.get(edge.blocks[1])
    }


def _roads(plan: Plan, network: Network, estate_edges: set[int]) -> dict[str, list[Any]]:
    """Road axes by class, with bridges, and a ring instead of the crossing at the square."""
    lines: dict[str, list[Any]] = {}
    quiet = shapely.union_all([network.creek.buffer(11), network.rail.buffer(9)])
    for n, edge in enumerate(plan.edges):
        if edge.kind not in ("rail", "creek"):
            kind = "path" if n in estate_edges else edge.kind
            lines.setdefault(kind, []).append(edge.line)
    low, high = row_level(BANK), row_level(RIVERSIDE)
    for piece, line in network.pieces:
        if low < line.interpolate(0.5, normalized=True).y < high and piece != "creek":
            lines[piece].append(line)
    disc = network.square.buffer(_RING, quad_segs=10)
    roads: dict[str, list[Any]] = {}
    for name, parts in lines.items():
        merged = shapely.line_merge(shapely.union_all(parts)).difference(disc)
        if name in ("path", "minor", "secondary"):
            merged = merged.difference(quiet)
        roads[name] = list(shapely.get_parts(merged))
    roads["trunk"].append(LineString(disc.exterior))
    return roads


def _lake(park: Polygon) -> Polygon:
    """A bean-shaped lake off the middle of the park."""
    centre = shapely.maximum_inscribed_circle(park, tolerance=1.0).coords[0]
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    ring = park.exterior
    x0, y0, x1, y1 = park.bounds
    flat = 1.0 if x1 - x0 >= y1 - y0 else 0.0
    shore = []
    for a in angles:
        ray = LineString([centre, (centre[0] + 900 * math.cos(a), centre[1] + 900 * math.sin(a))])
        reach = min(130.0, Point(centre).distance(ring.intersection(ray)) - 20)
        long = abs(math.cos(a)) if flat else abs(math.sin(a))
        reach *= (0.5 + 0.3 * long) * (1 + 0.13 * math.sin(2 * a + 0.8) + 0.05 * math.sin(3 * a))
        shore.append((centre[0] + reach * math.cos(a), centre[1] + reach * math.sin(a)))
    return Polygon(shore).buffer(-16).buffer(34).buffer(-18)


def _green_and_water(
    plan: Plan, network: Network, ground: Ground, uses: tuple[BlockUse, ...]
) -> tuple[list[Any], list[Any]]:
    """Greens and waters on the plan (before bending)."""
    low, high = row_level(BANK), row_level(RIVERSIDE)
    bed = network.river.difference(network.island)
    banks = box(-3800, low + 8, 3800, high - 8).difference(network.river)
    greens: list[Any] = [banks, network.island.buffer(-3), network.creek.buffer(19)]
    waters: list[Any] = [bed, network.creek.buffer(8)]
    planted = np.array([u in ("green", "park") for u in uses])
    greens += _rounded(ground.paved[planted], 7.0).tolist()
    parks = [k for k, use in enumerate(uses) if use == "park"]
    waters += [_lake(ground.paved[k]) for k in parks if ground.paved[k].geom_type == "Polygon"]
    greens.append(network.square.buffer(_RING - 15))
    joined = shapely.union_all(greens).difference(bed)
    return list(shapely.get_parts(joined)), list(shapely.get_parts(shapely.union_all(waters)))


def _rails(network: Network, hall: Point) -> list[LineString]:
    """The railway's two tracks, with a siding on each side at the station."""
    line = network.rail
    at = line.project(hall)
    tracks = ((3.5, 9000), (-3.5, 9000), (9.0, 260), (-9.0, 200))
    return [
        shapely.offset_curve(substring(line, max(0, at - reach), at + reach), side)
        for side, reach in tracks
    ]


def _stretch(path: LineString, centre: float, length: float) -> LineString | None:
    """A gentle stretch of a path for a name, read left to right or top to bottom."""
    if centre - length / 2 < 0 or centre + length / 2 > path.length:
        return None
    part = substring(path, centre - length / 2, centre + length / 2).simplify(1.5)
    (x0, y0), (x1, y1) = part.coords[0], part.coords[-1]
    upright = abs(y1 - y0) > 1.6 * abs(x1 - x0)
    backwards = y1 > y0 if upright else x1 < x0
    return part.reverse() if backwards else part


def _road_labels(network: Network, warp: Warp, names: TownNames, street: Polygon) -> list[Label]:
    labels = []
    around, busy = street.buffer(60), warp.geometry(network.square).buffer(190)
    for road in network.roads:
        group, _, number = road.name.partition(" ")
        listed = names.across if group == "across" else names.along
        name = listed[int(number) % len(listed)] if number else names.roads[group]
        path = warp.geometry(road.course, _BEND_STEP)
        for at in np.arange(300.0, path.length, 720.0 if number else 640.0):
            part = _stretch(path, float(at), 380.0)
            if part is not None and around.covers(part.centroid) and not busy.covers(part.centroid):
                labels.append(Label("road", name, part))
    return labels


def _labels(
    network: Network,
    warp: Warp,
    names: TownNames,
    street: Polygon,
    extent: Polygon,
    park: Polygon,
    hall: Point,
) -> list[Label]:
    labels = _road_labels(network, warp, names, street)
    axis = warp.geometry(LineString([(-3600, -12), (3600, -12)]), 60.0)
    middle = axis.project(warp.geometry(Point(network.middle, -12)))
    for at in (middle - 980, middle + 980):
        part = _stretch(axis, at, 900)
        if part is not None and extent.covers(part.centroid):
            labels.append(Label("water", names.single["river"], part))
    courses: tuple[tuple[LabelKind, str, LineString, float], ...] = (
        ("brook", "creek", network.creek, 640.0),
        ("road", "railway", network.rail, 980.0),
    )
    for kind, key, course, every in courses:
        path = warp.geometry(course, _BEND_STEP)
        for spot in np.arange(200.0, path.length, every):
            part = _stretch(path, float(spot), 320)
            if part is not None and extent.covers(part):
                labels.append(Label(kind, names.single[key], part))

    def level(kind: LabelKind, key: str, spot: Point, drop: float) -> None:
        path = LineString([(spot.x - 250, spot.y - drop), (spot.x + 250, spot.y - drop)])
        labels.append(Label(kind, names.single[key], path))

    level("green", "park", warp.geometry(park.centroid), 0.0)
    level("green", "island", warp.geometry(network.island.centroid), 4.0)
    level("spot", "square", warp.geometry(network.square), 4.0)
    level("spot", "station", warp.geometry(hall), 4.0)
    return labels


def draw_town(
    plan: Plan,
    network: Network,
    warp: Warp,
    names: TownNames,
    ground: Ground,
    uses: tuple[BlockUse, ...],
    estate: dict[int, int],
    street: Polygon,
    extent: Polygon,
    footprints: Geometries,
    fields: list[Polygon],
) -> Drawing:
    """Bend everything into metres and keep what the picture shows."""
    inner = _inner_edges(plan, estate)
    hall = plan.blocks[uses.index("station")].polygon.centroid
    greens, waters = _green_and_water(plan, network, ground, uses)
    roads = _roads(plan, network, inner)
    park = next(b.polygon for b in plan.blocks if b.park)
    roads.setdefault("path", []).append(LineString(park.buffer(-15).exterior))

    def bent(shapes: Sequence[Any] | Geometries, step: float = _BEND_STEP) -> Geometries:
        moved = warp.geometries(np.array(shapes, dtype=object), step)
        shown: Geometries = moved[shapely.intersects(moved, extent)]
        return shown

    wet = bent(waters)
    return Drawing(
        extent,
        street,
        bent(_pavements(ground, uses, estate)),
        bent(greens),
        bent(fields, 8.0),
        wet,
        footprints[shapely.intersects(footprints, extent)],
        {kind: bent(lines) for kind, lines in roads.items()},
        bent(_rails(network, hall), 30.0),
        tuple(_labels(network, warp, names, street, extent, park, hall)),
    )
