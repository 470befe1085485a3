"""The town's plan: cells cut into grids, grids into blocks, on shared edges.

It works on flat plan coordinates in metres and knows blocks and edges only; which community a grid
belongs to, and what is built on a block, is decided elsewhere.
"""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, box
from shapely.ops import split

from lib.demo.town_network import SNAP, LineKind, Network

GRID_AREA = 46_000.0
BLOCK_AREA = 10_500.0
BLOCK_AREA_OUTSIDE = 17_000.0
PARK_AREA = 62_000.0
EDGE_STEP = 18.0
STREET_GRIDS = 101
SURROUNDINGS = 950.0  # how far round the street there is town, enough for the picture

EdgeKind = LineKind | Literal["secondary", "minor"]


@dataclass(frozen=True, slots=True)
class Block:
    """A block on the plan. ``grid`` is None outside the street; ``park`` marks the town park."""

    polygon: Polygon
    cell: int
    piece: int
    grid: int | None
    park: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A stretch of border between two blocks, or between one block and nothing."""

    line: LineString
    kind: EdgeKind
    blocks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Blocks and the edges between them; grids are numbered from 0 without gaps."""

    blocks: tuple[Block, ...]
    edges: tuple[Edge, ...]
    grids: int


def _parts(polygon: Polygon, line: LineString) -> list[Polygon]:
    return [g for g in split(polygon, line).geoms if g.area > 1]


def _across(
    polygon: Polygon, rng: np.random.Generator, spread: float, bulge: float
) -> list[Polygon]:
    """Cut across the long side of the rotated box near its middle, perhaps along a bow."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    if math.dist(box[0], box[1]) < math.dist(box[1], box[2]):
        box = np.roll(box[:4], -1, axis=0)
    a, b, c, d = box[:4]
    at = rng.uniform(0.5 - spread, 0.5 + spread)
    skew = rng.uniform(-0.04, 0.04)
    p, q = a + (b - a) * (at + skew), d + (c - d) * (at - skew)
    bow = rng.uniform(-bulge, bulge) if bulge else 0.0
    t = np.linspace(-0.06, 1.06, 13 if bow else 2)[:, None]
    normal = np.array((p[1] - q[1], q[0] - p[0]))
    return _parts(polygon, LineString(p + (q - p) * t + normal * bow * 4 * t * (1 - t)))


def _crescent(polygon: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Cut a half-moon off the long side; the uncut polygon when none fits well."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    sides = [(math.dist(box[i], box[i + 1]), i) for i in range(2)]
    (short, _), (_, i) = sorted(sides)
    i = i if rng.random() < 0.7 else 1 - i
    if rng.random() < 0.5:
        i += 2
    centre = box[i] + (box[i + 1] - box[i]) * rng.uniform(0.4, 0.6)
    along = (box[i + 1] - box[i]) / sides[i % 2][0]
    reach = np.clip(sides[i % 2][0] * rng.uniform(0.28, 0.5), 110, 260)
    depth = np.clip(short * rng.uniform(0.35, 0.6), 95, 240)
    turn = np.linspace(0, 2 * np.pi, 49)[:, None]
    ring = centre + np.cos(turn) * along * reach + np.sin(turn) * along[::-1] * (-1, 1) * depth
    parts = _parts(polygon, LineString(ring))
    if len(parts) != 2 or min(p.area for p in parts) < 0.45 * GRID_AREA:
        return [polygon]
    return parts


def divide(
    polygon: Polygon, count: int, rng: np.random.Generator, spread: float, bulge: float
) -> list[Polygon]:
    """Divide a polygon into about ``count`` parts, always cutting the largest."""
    parts = [polygon]
    while len(parts) < count:
        parts.sort(key=lambda p: -p.area)
        largest = parts[0]
        best = [largest]
        for _ in range(5):
            trial = _across(largest, rng, spread, bulge)
            if len(trial) < 2:
                continue
            if len(best) < 2 or min(p.area for p in trial) > min(p.area for p in best):
                best = trial
            if min(p.area for p in best) > 0.3 * largest.area:
                break
        if len(best) < 2:
            return parts
        parts = parts[1:] + best
    return parts


def _touching(cells: tuple[Polygon, ...]) -> dict[int, dict[int, float]]:
    """Length of common border for each pair of neighbouring cells."""
    tree = shapely.STRtree(cells)
    near: dict[int, dict[int, float]] = {i: {} for i in range(len(cells))}
    left, right = tree.query(cells, predicate="intersects")
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        if i != j:
            length = shapely.length(shapely.intersection(cells[i], cells[j], grid_size=SNAP))
            if length > 20:
                near[i][j] = float(length)
    return near


def choose_street(network: Network, rng: np.random.Generator) -> set[int]:
    """Choose the cells of the street: round the middle, without holes or deep notches."""
    cells = network.cells
    count = [max(1, round(c.area / GRID_AREA)) for c in cells]
    centre = np.array([(c.centroid.x, c.centroid.y) for c in cells])
    p, q = rng.uniform(0, 6.28, 2)
    dx, dy = (centre[:, 0] - network.middle) / 1500, (centre[:, 1] - 960) / 860
    angle = np.arctan2(dy, dx)
    far = (np.abs(dx) ** 2.3 + np.abs(dy) ** 2.3) ** (1 / 2.3)
    far *= 1 + 0.05 * np.sin(2 * angle + p) + 0.06 * np.sin(3 * angle + q)
    far[centre[:, 1] < 0] = np.inf
    chosen: set[int] = set()
    for i in np.argsort(far, kind="stable").tolist():
        if sum(count[k] for k in chosen) + count[i] <= STREET_GRIDS + 3:
            chosen.add(i)
        if sum(count[k] for k in chosen) >= STREET_GRIDS - 3:
            break
    near = _touching(cells)
    border = [cells[i].length for i in range(len(cells))]

    def inside(i: int) -> float:
        return sum(length for j, length in near[i].items() if j in chosen) / float(border[i])

    for _ in range(20):
        weak = min(sorted(chosen), key=inside)
        strong = max(
            (i for i in range(len(cells)) if np.isfinite(far[i]) and i not in chosen), key=inside
        )
        if inside(strong) <= max(inside(weak) + 0.03, 0.36):
            break
        chosen = (chosen - {weak}) | {strong}
    return _connected(chosen, near)


def _connected(chosen: set[int], near: dict[int, dict[int, float]]) -> set[int]:
    """The largest connected part, with the holes in it filled."""

    def spread_from(start: int, allowed: set[int]) -> set[int]:
        seen, todo = {start}, [start]
        while todo:
            for j in near[todo.pop()]:
                if j in allowed and j not in seen:
                    seen.add(j)
                    todo.append(j)
        return seen

    largest = max((spread_from(i, chosen) for i in sorted(chosen)), key=len)
    outside = set(near) - largest
    open_side = max((spread_from(i, outside) for i in sorted(outside)), key=len)
    holes = {i for i in outside - open_side if any(j in largest for j in near[i])}
    return largest | {j for i in sorted(holes) for j in spread_from(i, outside)}


def _cut_cell(cell: Polygon, inside: bool, rng: np.random.Generator) -> list[Polygon]:
    count = max(1, round(cell.area / GRID_AREA))
    parts = [cell]
    if count >= 3 and rng.random() < (0.2 if inside else 0.15):
        parts = _crescent(cell, rng)
    return [
        piece
        for part in parts
        for piece in divide(part, max(1, round(part.area / GRID_AREA)), rng, 0.1, 0.13)
    ]


def _park_piece(pieces: list[tuple[int, Polygon]], street: set[int], network: Network) -> int:
    """The piece that becomes the town park: compact, inside, off the square and the station."""
    outline = shapely.union_all([network.cells[i] for i in sorted(street)], grid_size=SNAP)
    held = Counter(cell for cell, _ in pieces)

    def worth(k: int) -> float:
        cell, piece = pieces[k]
        if cell not in street or held[cell] < 2:
            return -math.inf
        disc = shapely.minimum_bounding_radius(piece)
        round_ = piece.area / (math.pi * disc**2)
        deep = min(300.0, outline.exterior.distance(piece))
        off = min(450.0, network.square.distance(piece), network.station.distance(piece))
        size = -abs(piece.area - PARK_AREA) / PARK_AREA
        return float(round_ * 2 + deep / 300 + off / 450 + 2 * size)

    return max(range(len(pieces)), key=worth)


def _blocks(network: Network, rng: np.random.Generator) -> list[Block]:
    street = choose_street(network, rng)
    frame = box(*shapely.total_bounds([network.cells[i] for i in street])).buffer(SURROUNDINGS)
    pieces = [
        (i, piece)
        for i, cell in enumerate(network.cells)
        if cell.intersects(frame)
        for piece in _cut_cell(cell, i in street, rng)
    ]
    park = _park_piece(pieces, street, network)
    ground = [p for _, p in pieces]
    host = max(
        (k for k in range(len(pieces)) if k != park and pieces[k][0] == pieces[park][0]),
        key=lambda k: shapely.length(shapely.intersection(ground[k], ground[park], grid_size=SNAP)),
    )
    numbers: dict[int, int] = {}
    for k, (cell, _) in enumerate(pieces):
        if cell in street and k != park:
            numbers[k] = len(numbers)
    numbers[park] = numbers[host]
    blocks = []
    for k, (cell, piece) in enumerate(pieces):
        grid = numbers.get(k)
        area = BLOCK_AREA_OUTSIDE if grid is None else BLOCK_AREA
        whole = k == park
        count = 1 if whole else max(2, round(piece.area / area))
        blocks += [
            Block(part, cell, k, grid, whole) for part in divide(piece, count, rng, 0.1, 0.03)
        ]
    return blocks


def _faces(blocks: list[Block]) -> list[Block]:
    """Node all outlines once, so that neighbours share every vertex, and densify them."""
    outlines = [b.polygon.boundary for b in blocks]
    lines = shapely.union_all(outlines, grid_size=SNAP)
    faces = shapely.get_parts(shapely.polygonize([shapely.segmentize(lines, EDGE_STEP)]))
    tree = shapely.STRtree([b.polygon for b in blocks])
    owner = tree.nearest(shapely.point_on_surface(faces))
    held: dict[int, list[Any]] = {}
    for face, k in zip(faces, owner.tolist(), strict=True):
        held.setdefault(k, []).append(face)
    done = []
    for k in sorted(held):
        whole = shapely.coverage_union_all(held[k])
        for part in shapely.get_parts(whole):
            b = blocks[k]
            done.append(Block(part, b.cell, b.piece, b.grid, b.park))
    return done


def _edges(blocks: list[Block], network: Network) -> list[Edge]:
    """Sort the blocks' borders by what runs along them."""
    sides: dict[tuple[tuple[float, float], tuple[float, float]], list[int]] = {}
    for k, block in enumerate(blocks):
        for ring in (block.polygon.exterior, *block.polygon.interiors):
            points = [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
            for p, q in pairwise(points):
                sides.setdefault((p, q) if p < q else (q, p), []).append(k)
    kinds = [kind for kind, _ in network.pieces]
    tree = shapely.STRtree([line for _, line in network.pieces])
    middles = shapely.points([((p[0] + q[0]) / 2, (p[1] + q[1]) / 2) for p, q in sides])
    first = tree.nearest(middles).tolist()
    groups: dict[tuple[EdgeKind, tuple[int, ...]], list[Any]] = {}
    for nearest, (side, pair) in zip(first, sides.items(), strict=True):
        a, b = blocks[pair[0]], blocks[pair[-1]]
        kind: EdgeKind = "minor"
        if len(pair) == 1 or a.cell != b.cell:
            kind = kinds[nearest]
        elif a.piece != b.piece:
            kind = "secondary"
        groups.setdefault((kind, tuple(sorted(pair))), []).append(side)
    edges = []
    for (kind, ends), parts in groups.items():
        merged = shapely.line_merge(shapely.multilinestrings([list(p) for p in parts]))
        edges += [Edge(line, kind, ends) for line in shapely.get_parts(merged)]
    return edges


def make_plan(network: Network, rng: np.random.Generator) -> Plan:
    """Cut the network's cells into grids and blocks that share their borders vertex by vertex."""
    blocks = _faces(_blocks(network, rng))
    used = sorted({b.grid for b in blocks if b.grid is not None})
    return Plan(tuple(blocks), tuple(_edges(blocks, network)), len(used))


def grid_outlines(plan: Plan) -> NDArray[np.object_]:
    """The grids' outlines on the plan, by grid number."""
    held: dict[int, list[Polygon]] = {}
    for block in plan.blocks:
        if block.grid is not None:
            held.setdefault(block.grid, []).append(block.polygon)
    return np.array([shapely.coverage_union_all(held[g]) for g in range(plan.grids)], dtype=object)
