"""What each block of the plan is used for: homes, shops, schools, works, greens, the station.

It hands out uses under quotas that leave every grid homes; it builds nothing.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiLineString

from lib.demo.plan import EdgeKind, Plan
from lib.demo.town_network import Network

BlockUse = Literal[
    "slab", "tower", "lane", "commercial", "works", "school", "station", "green", "park"
]
HOMES: frozenset[BlockUse] = frozenset({"slab", "tower", "lane"})
SQUARE_RADIUS = 62.0

# How far from its axis a road keeps pavement (first) and walls (second), in metres.
_SETBACK: dict[EdgeKind, tuple[float, float]] = {
    "minor": (4.5, 8.5),
    "secondary": (6.0, 10.0),
    "narrow": (8.5, 12.5),
    "wide": (11.0, 15.0),
    "trunk": (13.0, 17.5),
    "rail": (13.0, 21.0),
    "creek": (17.0, 22.0),
}
_SCHOOLS, _SHOPS, _WORKS, _GREENS = 19, 46, 7, 26


@dataclass(frozen=True, slots=True)
class Ground:
    """Blocks inside the pavements and inside the building lines, on the plan."""

    paved: NDArray[np.object_]
    buildable: NDArray[np.object_]


def set_back(plan: Plan, network: Network) -> Ground:
    """Draw blocks in from the roads around them, and from the square."""
    outlines = np.array([b.polygon for b in plan.blocks], dtype=object)
    square = network.square.buffer(SQUARE_RADIUS)
    least = _SETBACK["minor"]
    layers = [shapely.buffer(outlines, -d, join_style="mitre") for d in least]
    for kind, distances in _SETBACK.items():
        lines: dict[int, list[Any]] = {}
        for edge in plan.edges:
            if edge.kind == kind and kind != "minor":
                for k in edge.blocks:
                    lines.setdefault(k, []).append(edge.line)
        if not lines:
            continue
        index = np.array(sorted(lines))
        beside = np.array([MultiLineString(lines[k]) for k in index.tolist()], dtype=object)
        for layer, distance in zip(layers, distances, strict=True):
            layer[index] = shapely.difference(
                layer[index], shapely.buffer(beside, distance, quad_segs=4)
            )
    near = np.flatnonzero(shapely.intersects(outlines, square))
    for layer, margin in zip(layers, (0.0, 8.0), strict=True):
        layer[near] = shapely.difference(layer[near], square.buffer(margin))
    return Ground(*layers)


def _field(points: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth random field over the plan, about -1 to 1."""
    total = np.zeros(len(points))
    for wave in (260.0, 420.0, 700.0):
        a, p = rng.uniform(0, 6.28, 2)
        total += np.sin((points[:, 0] * np.cos(a) + points[:, 1] * np.sin(a)) / wave * 1.6 + p)
    return total / 2


def _busy(plan: Plan) -> NDArray[np.float64]:
    """Metres of trunk and wide road along each block."""
    metres = np.zeros(len(plan.blocks))
    for edge in plan.edges:
        if edge.kind in ("trunk", "wide"):
            for k in edge.blocks:
                metres[k] += edge.line.length * (1.5 if edge.kind == "trunk" else 1.0)
    return metres


def _along_rail(plan: Plan) -> NDArray[np.float64]:
    """Metres of railway along each block."""
    metres = np.zeros(len(plan.blocks))
    for edge in plan.edges:
        if edge.kind == "rail":
            metres[list(edge.blocks)] += edge.line.length
    return metres


def _station_block(plan: Plan, network: Network, area: NDArray[np.float64]) -> int:
    """The block for the station: roomy, along the railway, on the river's side, near the avenue."""
    outlines = np.array([b.polygon for b in plan.blocks], dtype=object)
    away = shapely.distance(outlines, network.station)
    centre = shapely.get_coordinates(shapely.centroid(outlines))
    along = shapely.line_locate_point(network.rail, shapely.points(centre))
    rails = shapely.line_interpolate_point(network.rail, along)
    fits = (_along_rail(plan) > 75) & (area > 4500) & (centre[:, 1] < shapely.get_y(rails))
    homes = np.array([b.grid is not None for b in plan.blocks])
    return int(np.argmin(away + np.where(fits, 0, 5000) + np.where(homes, 0, 20_000)))


class _Quota:
    """Takes blocks from homes while their grid keeps at least half its blocks, and two."""

    def __init__(self, plan: Plan, uses: list[BlockUse]) -> None:
        self.plan, self.uses = plan, uses
        self.spare: dict[int, int] = {}
        total: dict[int, int] = {}
        for block, use in zip(plan.blocks, uses, strict=True):
            if block.grid is not None:
                total[block.grid] = total.get(block.grid, 0) + 1
                lost = use not in HOMES
                self.spare[block.grid] = self.spare.get(block.grid, 0) - lost
        for grid, count in total.items():
            self.spare[grid] += count - max(2, (count + 1) // 2)

    def take(self, k: int, use: BlockUse) -> bool:
        """Give block ``k`` another use if its grid can spare it; say whether it was given."""
        grid = self.plan.blocks[k].grid
        if grid is None or self.uses[k] not in HOMES or self.spare[grid] < 1:
            return False
        self.spare[grid] -= 1
        self.uses[k] = use
        return True


def _homes(plan: Plan, ground: Ground, rng: np.random.Generator) -> list[BlockUse]:
    """Homes everywhere, in quarters of one kind; greens where nothing fits."""
    points = shapely.get_coordinates(shapely.point_on_surface([b.polygon for b in plan.blocks]))
    old, tall = _field(points, rng), _field(points, rng)
    area = shapely.area(ground.buildable)
    slim = area / np.maximum(shapely.length(ground.buildable), 1) < 11.5
    uses: list[BlockUse] = []
    for k, block in enumerate(plan.blocks):
        if block.park:
            uses.append("park")
        elif area[k] < 1500 or slim[k]:
            uses.append("green")
        elif old[k] > 0.62:
            uses.append("lane")
        else:
            uses.append("tower" if tall[k] > 0.72 and area[k] > 3500 else "slab")
    return uses


def _outside(plan: Plan, uses: list[BlockUse], rng: np.random.Generator) -> None:
    chances = rng.random(len(uses))
    for k, block in enumerate(plan.blocks):
        if block.grid is None and uses[k] in HOMES:
            if chances[k] < 0.06:
                uses[k] = "green"
            elif chances[k] < 0.09:
                uses[k] = "school"
            elif chances[k] < 0.19:
                uses[k] = "commercial"


def give_uses(
    plan: Plan, ground: Ground, network: Network, rng: np.random.Generator
) -> tuple[BlockUse, ...]:
    """Give every block a use: quotas in the street, chance outside it."""
    uses = _homes(plan, ground, rng)
    _outside(plan, uses, rng)
    outlines = np.array([b.polygon for b in plan.blocks], dtype=object)
    rail = _along_rail(plan) > 0
    area = shapely.area(ground.buildable)
    uses[_station_block(plan, network, area)] = "station"
    quota = _Quota(plan, uses)
    box = shapely.area(shapely.minimum_rotated_rectangle(ground.buildable))
    square = area / np.maximum(box, 1) - np.abs(area - 9000) / 12000
    given: dict[int, int] = {}
    for k in np.argsort(-square, kind="stable").tolist():
        cell = plan.blocks[k].cell
        if sum(given.values()) < _SCHOOLS and given.get(cell, 0) < 1 and quota.take(k, "school"):
            given[cell] = given.get(cell, 0) + 1
    near = shapely.distance(outlines, network.square)
    draw = rng.gumbel(0, 1, (3, len(uses)))
    centre = draw[0] + _busy(plan) / 70 + 2.2 * np.exp(-near / 260)
    edge = draw[1] + 2.5 * rail + near / 700
    pocket = draw[2] - area / 6000
    wishes: tuple[tuple[NDArray[np.float64], BlockUse, int], ...] = (
        (edge, "works", _WORKS),
        (centre, "commercial", _SHOPS),
        (pocket, "green", _GREENS),
    )
    for worth, use, count in wishes:
        taken = 0
        for k in np.argsort(-worth, kind="stable").tolist():
            if taken == count:
                break
            taken += quota.take(k, use)
    return tuple(uses)
