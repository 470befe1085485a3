"""Which grids make a community: compact groups that keep to the big roads, creek and railway.

It decides membership by annealing the borders' length and weight; it draws no geometry.
"""

import math

import numpy as np
from numpy.typing import NDArray

from lib.demo.plan import EdgeKind, Plan

COMMUNITIES = 20
SMALLEST, LARGEST = 3, 8
_STEPS = 24_000
_HOT, _COLD = 320.0, 6.0
_CROWDING = 55.0
# A border along a big road or water is cheap, through a quarter dear.
_WEIGHT: dict[EdgeKind, float] = {
    "rail": 0.5,
    "creek": 0.6,
    "trunk": 0.7,
    "wide": 0.85,
    "narrow": 1.0,
    "secondary": 2.1,
    "minor": 4.0,
}

Neighbours = list[dict[int, float]]


def grid_neighbours(plan: Plan) -> Neighbours:
    """For each grid its neighbours, with the cost of a community border between them."""
    near: Neighbours = [{} for _ in range(plan.grids)]
    for edge in plan.edges:
        if len(edge.blocks) < 2:
            continue
        a, b = plan.blocks[edge.blocks[0]].grid, plan.blocks[edge.blocks[1]].grid
        if a is None or b is None or a == b:
            continue
        cost = edge.line.length * _WEIGHT[edge.kind]
        near[a][b] = near[a].get(b, 0.0) + cost
        near[b][a] = near[b].get(a, 0.0) + cost
    return near


def _together(members: list[int], near: Neighbours) -> bool:
    """Whether the members hang together over borders longer than a corner."""
    allowed, seen, todo = set(members), {members[0]}, [members[0]]
    while todo:
        for j, cost in near[todo.pop()].items():
            if cost > 60 and j in allowed and j not in seen:
                seen.add(j)
                todo.append(j)
    return len(seen) == len(members)


def _start(near: Neighbours, centres: NDArray[np.float64], rng: np.random.Generator) -> list[int]:
    """Spread seeds far apart and let them grow in turn, the smallest community first."""
    first = int(rng.integers(len(near)))
    seeds = [first]
    gap = np.hypot(*(centres - centres[first]).T)
    while len(seeds) < COMMUNITIES:
        far = int(np.argmax(gap))
        seeds.append(far)
        gap = np.minimum(gap, np.hypot(*(centres - centres[far]).T))
    of = [-1] * len(near)
    for c, g in enumerate(seeds):
        of[g] = c
    while -1 in of:
        options = [
            (of.count(of[g]), -cost, j, of[g])
            for g in range(len(near))
            if of[g] >= 0
            for j, cost in near[g].items()
            if of[j] < 0
        ]
        _, _, j, c = min(options)
        of[j] = c
    return of


def group_grids(
    plan: Plan, centres: NDArray[np.float64], rng: np.random.Generator
) -> tuple[int, ...]:
    """Give every grid the number of its community; each holds 3 to 8 grids where it can.

    ``centres`` are the grids' centroids in metres.
    """
    near = grid_neighbours(plan)
    of = _start(near, centres, rng)
    size = [of.count(c) for c in range(COMMUNITIES)]
    members = [[g for g in range(len(of)) if of[g] == c] for c in range(COMMUNITIES)]
    mean = len(of) / COMMUNITIES
    picks = rng.integers(len(of), size=_STEPS).tolist()
    chances = rng.random((_STEPS, 2)).tolist()
    for step, (g, (choice, luck)) in enumerate(zip(picks, chances, strict=True)):
        old = of[g]
        others = sorted({of[j] for j in near[g]} - {old})
        if not others:
            continue
        new = others[int(choice * len(others))]
        if size[old] <= SMALLEST or size[new] >= LARGEST:
            continue
        change = (
            sum(cost * ((of[j] == old) - (of[j] == new)) for j, cost in near[g].items())
            + _CROWDING * ((size[new] - mean) - (size[old] - mean) + 1) * 2
        )
        heat = _HOT * (_COLD / _HOT) ** (step / _STEPS)
        if change > 0 and luck >= math.exp(-change / heat):
            continue
        rest = [m for m in members[old] if m != g]
        if not (_together(rest, near) and _together([*members[new], g], near)):
            continue
        members[old], of[g] = rest, new
        members[new] = [*members[new], g]
        size[old], size[new] = size[old] - 1, size[new] + 1
    return tuple(of)


def reading_order(centres: NDArray[np.float64], band: float) -> list[int]:
    """Indexes from north to south in bands of ``band`` metres, west to east inside a band."""
    return sorted(
        range(len(centres)),
        key=lambda i: (-round(float(centres[i, 1]) / band), float(centres[i, 0])),
    )
