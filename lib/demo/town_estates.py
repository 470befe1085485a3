"""Compounds of neighbouring blocks, and how many households live in which building.

It groups blocks and shares out counts; names and areas are given elsewhere.
"""

import numpy as np
from numpy.typing import NDArray

from lib.demo.plan import Plan
from lib.demo.town_uses import BlockUse

ESTATES = 74
_FEWEST, _MOST = 205, 485
_GROSS_PER_HOME = 205.0


def gather_estates(
    plan: Plan,
    uses: tuple[BlockUse, ...],
    community: dict[int, int],
    rng: np.random.Generator,
) -> list[list[int]]:
    """Group slab and tower blocks of one community to compounds, over quiet roads only.

    ``community`` gives each block of the street its community. Old lanes belong to no estate.
    """
    homes = [k for k in community if uses[k] in ("slab", "tower")]
    near: dict[int, dict[int, float]] = {k: {} for k in homes}
    for edge in plan.edges:
        if edge.kind in ("minor", "secondary") and len(edge.blocks) == 2:
            a, b = edge.blocks
            if a in near and b in near and community[a] == community[b]:
                length = edge.line.length * (1.0 if uses[a] == uses[b] else 0.45)
                near[a][b] = near[b][a] = near[a].get(b, 0.0) + length
    size = len(homes) / ESTATES
    free = set(homes)
    estates: list[list[int]] = []
    for k in rng.permutation(np.array(homes)).tolist():
        if k not in free:
            continue
        wanted = max(1, round(size * float(rng.choice([0.6, 0.85, 1.1, 1.5, 2.0]))))
        estate = [k]
        free.discard(k)
        while len(estate) < wanted:
            pull: dict[int, float] = {}
            for member in estate:
                for other, length in near[member].items():
                    if other in free:
                        pull[other] = pull.get(other, 0.0) + length
            if not pull:
                break
            best = max(sorted(pull), key=lambda other: pull[other])
            estate.append(best)
            free.discard(best)
        estates.append(estate)
    return _joined(estates, near)


def _joined(estates: list[list[int]], near: dict[int, dict[int, float]]) -> list[list[int]]:
    """Join the smallest compounds to a neighbour until few enough are left."""
    while len(estates) > ESTATES:
        estates.sort(key=lambda e: (len(e), min(e)))
        for n, small in enumerate(estates):
            reach = {j for k in small for j in near[k]}
            hosts = [e for e in estates if e is not small and reach & set(e)]
            if hosts:
                min(hosts, key=lambda e: (len(e), min(e))).extend(small)
                del estates[n]
                break
        else:
            break
    return sorted(sorted(e) for e in estates)


def share_households(space: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Share a grid's households over its homes by floor space (m2); the sum is 200 to 500.

    Every home gets at least one.
    """
    low, high = _FEWEST + int(rng.integers(55)), _MOST - int(rng.integers(55))
    total = int(np.clip(space.sum() / _GROSS_PER_HOME * rng.uniform(0.85, 1.15), low, high))
    total = max(total, len(space))
    exact = space / space.sum() * (total - len(space))
    counts = np.floor(exact).astype(np.int64)
    rest = total - len(space) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:rest]] += 1
    return np.asarray(counts + 1, dtype=np.int64)
