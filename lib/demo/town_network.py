"""The town's first lines on the plan: arterials, a diagonal, railway, river and creek.

It lays lines and closes them to cells; what is built inside a cell is decided elsewhere. Plan
coordinates: u along the river, v away from it, in metres.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon

LineKind = Literal["trunk", "wide", "narrow", "rail", "creek"]
Segment = tuple[tuple[int, int], tuple[int, int]]

BANK, RIVERSIDE, SQUARE_ROW, RAIL_ROW = 4, 5, 6, 8
SNAP = 0.05
_ROWS = (-1800.0, -1380.0, -960.0, -540.0, -150.0, 120.0, 520.0, 930.0, 1340.0, 1740.0)
_ROWS_BEYOND = (2190.0, 2640.0, 3100.0, 3560.0)


def row_level(row: int) -> float:
    """The v of a lattice row before it is shaken; the river's two rows are never shaken."""
    return (_ROWS + _ROWS_BEYOND)[row]


@dataclass(frozen=True, slots=True)
class Road:
    """A named first line: its kind and its course over the whole plan."""

    kind: LineKind
    course: LineString
    name: str


@dataclass(frozen=True, slots=True)
class Network:
    """First lines and the cells between them.

    ``pieces`` are the lines cut where they meet a lattice node; ``roads`` are whole courses by the
    name's key in the names file (``across 0`` is the first of the list ``across``).
    """

    pieces: tuple[tuple[LineKind, LineString], ...]
    roads: tuple[Road, ...]
    cells: tuple[Polygon, ...]
    river: Polygon
    island: Polygon
    creek: LineString
    rail: LineString
    square: Point
    station: Point
    middle: float


def smooth(nodes: NDArray[np.float64], per: int = 14) -> list[NDArray[np.float64]]:
    """Lay a Catmull-Rom curve through ``nodes``; one array of ``per`` + 1 points a span."""
    padded = np.vstack((2 * nodes[0] - nodes[1], nodes, 2 * nodes[-1] - nodes[-2]))
    t = np.linspace(0, 1, per + 1)[:, None]
    spans = []
    for i in range(1, len(nodes)):
        a, b, c, d = padded[i - 1 : i + 3]
        curve = 0.5 * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )
        curve[0], curve[-1] = b, c
        spans.append(curve)
    return spans


def _columns(rng: np.random.Generator) -> tuple[NDArray[np.float64], int, int]:
    """Positions of the lines away from the river, the centre column and the creek's gap."""
    gaps = rng.uniform(385, 530, 15)
    creek_gap = int(rng.choice([5, 8]))
    gaps[creek_gap] = rng.uniform(640, 700)
    columns = np.concatenate(([0.0], np.cumsum(gaps)))
    centre = 7
    return columns - columns[centre], centre, creek_gap


def _lattice(rng: np.random.Generator, columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Node positions [column, row, (u, v)], shaken but for banks and railway."""
    rows = np.array(_ROWS + _ROWS_BEYOND)
    nodes = np.stack(np.meshgrid(columns, rows, indexing="ij"), axis=-1)
    shake = np.clip(rng.normal(0, 38, nodes.shape), -70, 70)
    shake[:, (BANK, RIVERSIDE, RAIL_ROW), 1] = 0
    shake[:, BANK, 0] = shake[:, RIVERSIDE, 0]
    nodes += shake
    drift = np.cumsum(rng.normal(0, 14, len(rows)))
    nodes[:, :, 0] += (drift - drift[RIVERSIDE])[None, :]
    u = nodes[:, RAIL_ROW, 0]
    nodes[:, RAIL_ROW, 1] += 70 * np.sin(u / 760 + rng.uniform(0, 6))
    return nodes


def _kinds(
    rng: np.random.Generator, columns: int, rows: int, centre: int
) -> tuple[list[LineKind], list[LineKind]]:
    across: list[LineKind] = ["wide" if rng.random() < 0.4 else "narrow" for _ in range(rows)]
    along: list[LineKind] = ["wide" if rng.random() < 0.35 else "narrow" for _ in range(columns)]
    across[SQUARE_ROW], across[RAIL_ROW] = "trunk", "rail"
    along[centre] = "trunk"
    return across, along


def _river(rng: np.random.Generator, middle: float) -> tuple[Polygon, Polygon]:
    u = np.linspace(-3900, 3900, 290)
    p, q, r = rng.uniform(0, 6.28, 3)
    swell = 14 * np.exp(-(((u - middle) / 330) ** 2))
    north = 66 + 13 * np.sin(u / 470 + p) + 6 * np.sin(u / 170 + q) + swell
    south = -86 - 15 * np.sin(u / 410 + r) - 6 * np.sin(u / 150 + p) - swell
    bed = Polygon(np.vstack((np.column_stack((u, north)), np.column_stack((u, south))[::-1])))
    a = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    island = Polygon(
        np.column_stack(
            (
                middle + 215 * np.cos(a) * (1 + 0.08 * np.sin(3 * a + q)),
                -10 + 27 * np.sin(a) * (1 + 0.12 * np.cos(2 * a + r)),
            )
        )
    )
    return bed, island


def _creek(rng: np.random.Generator, left: float, right: float) -> LineString:
    v = np.linspace(3800, 20, 190)
    p, q = rng.uniform(0, 6.28, 2)
    u = (left + right) / 2 + 48 * np.sin(v / 260 + p) + 18 * np.sin(v / 115 + q)
    return LineString(np.column_stack((u, v)))


def _spans(
    nodes: NDArray[np.float64],
    across: list[LineKind],
    along: list[LineKind],
    skip: set[Segment],
) -> tuple[list[tuple[LineKind, LineString]], dict[str, LineString]]:
    """The lattice's lines, span by span, without those in ``skip``; and whole courses."""
    pieces: list[tuple[LineKind, LineString]] = []
    courses: dict[str, LineString] = {}
    columns, rows = nodes.shape[:2]
    for j in range(rows):
        spans = smooth(nodes[:, j])
        courses[f"row {j}"] = LineString(np.vstack([s[:-1] for s in spans] + [spans[-1][-1:]]))
        for i, span in enumerate(spans):
            if ((i, j), (i + 1, j)) not in skip:
                pieces.append((across[j], LineString(span)))
    for i in range(columns):
        spans = smooth(nodes[i])
        courses[f"column {i}"] = LineString(np.vstack([s[:-1] for s in spans] + [spans[-1][-1:]]))
        for j, span in enumerate(spans):
            if ((i, j), (i, j + 1)) not in skip:
                pieces.append((along[i], LineString(span)))
    return pieces, courses


def _dropped(rng: np.random.Generator, columns: int, rows: int, centre: int) -> set[Segment]:
    """Spans that are not built: most river crossings, and here and there one between cells."""
    bridges = {centre, centre - 4, centre + 3, 1, columns - 2}
    skip: set[Segment] = {((i, BANK), (i, RIVERSIDE)) for i in range(columns) if i not in bridges}
    busy: set[tuple[int, int]] = set()
    for i in range(1, columns - 1):
        for j in range(1, rows - 1):
            ends = {(i, j), (i, j + 1)}
            if i == centre or j in (BANK, RAIL_ROW - 1, RAIL_ROW) or ends & busy:
                continue
            if rng.random() < 0.16:
                skip.add(((i, j), (i, j + 1)))
                busy |= ends
    return skip


def lay_network(rng: np.random.Generator) -> Network:
    """Lay the first lines of a town and close them to cells (without the river's)."""
    columns, centre, gap = _columns(rng)
    nodes = _lattice(rng, columns)
    n_columns, n_rows = nodes.shape[:2]
    across, along = _kinds(rng, n_columns, n_rows, centre)
    skip = _dropped(rng, n_columns, n_rows, centre)
    side = -1 if gap > centre else 1
    steps = [(centre + side * (k - 1), RIVERSIDE + k) for k in range(3, -1, -1)]
    corners = np.array([nodes[step] for step in steps])
    pieces, courses = _spans(nodes, across, along, skip)
    diagonal = smooth(corners)
    pieces += [("wide", LineString(span)) for span in diagonal]
    creek = _creek(rng, columns[gap] + 0.0, columns[gap + 1] + 0.0)
    pieces.append(("creek", creek))
    middle = float(columns[centre]) - side * 130.0
    river, island = _river(rng, middle)
    roads = [Road("wide", LineString(np.vstack(diagonal)), "diagonal")]
    names = {RIVERSIDE: "riverside", SQUARE_ROW: "trunk"}
    spare = [j for j in range(RIVERSIDE, n_rows) if j not in names and j != RAIL_ROW]
    names |= {j: f"across {k}" for k, j in enumerate(spare)}
    roads += [Road(across[j], courses[f"row {j}"], name) for j, name in names.items()]
    others = [i for i in range(1, n_columns - 1) if i != centre]
    titles = {centre: "bridge"} | {i: f"along {k}" for k, i in enumerate(others)}
    roads += [Road(along[i], courses[f"column {i}"], name) for i, name in titles.items()]
    lines = shapely.union_all([line for _, line in pieces], grid_size=SNAP)
    cells = [
        cell
        for cell in shapely.get_parts(shapely.polygonize([lines]))
        if not _ROWS[BANK] + 5 < cell.representative_point().y < _ROWS[RIVERSIDE] - 5
    ]
    return Network(
        tuple(pieces),
        tuple(roads),
        tuple(cells),
        river,
        island,
        creek,
        courses[f"row {RAIL_ROW}"],
        Point(nodes[centre, SQUARE_ROW]),
        Point(corners[0]),
        middle,
    )
