"""The best assignment of volunteers to openings as a whole: the only module that knows a solver.

It is given numbers and returns numbers; what they stand for is `lib.queries.matching`'s to say.

The bounds are two nested families, those of openings and those of volunteers with their days, so
the corners of the linear programme are whole numbers (Edmonds) and no search is needed. Only the
pairs that matter are handed to the solver: it is asked again with every pair that its prices say
could still better the sum, until there is none, which proves the optimum over all of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

Numbers = NDArray[np.int64]

FIRST_ASKED = 4
"""So many of the best pairs of each opening and volunteer are handed over at first."""

ADDED, NEARLY = 8, 0.02
"""So many pairs of each opening are added at a time, those that would gain the most and those that
fall short by so little of the highest worth: the next prices are not far from these, and the solver
is seldom asked a fourth time."""

TOLERANCE = 1e-6
"""Worths are whole numbers: what betters the sum betters it by more than the solver's errors."""


@dataclass(frozen=True)
class Pairs:
    """Who can take what: an opening's and a volunteer's place, and what it is worth, 0 or more."""

    opening: Numbers
    volunteer: Numbers
    worth: Numbers


def assign(pairs: Pairs, *, places: Numbers, limits: Numbers, days: Numbers) -> NDArray[np.bool_]:
    """Which pairs to take: as many as can be, and of all ways to do so one of the most worth.

    Args:
        pairs: What is possible, each pair once.
        places: How many volunteers each opening takes at most.
        limits: How many openings each volunteer takes at most.
        days: A number of the one day on which an opening can be done, -1 where there are several;
            nobody takes two openings of one day.

    Returns:
        For each pair whether it is taken.

    Raises:
        ArithmeticError: the solver did not come to the optimum.
    """
    taken = np.zeros(len(pairs.worth), np.bool_)
    if not len(taken):
        return taken
    bounds = _bounds(pairs, places, limits, days)
    taken |= _as_many_as_can_be(pairs, places, limits, bounds)
    asked = taken | _best_of_each(pairs)
    while True:
        chosen = np.nonzero(asked)[0]
        found, gains = _solved(pairs.worth, bounds, chosen, int(taken.sum()))
        better = ~asked & (gains > TOLERANCE)
        if not better.any():
            taken[:] = False
            taken[chosen[found]] = True
            return taken
        near = np.nonzero(~asked & (gains > -NEARLY * pairs.worth.max()))[0]
        asked[near[_highest(pairs.opening[near], gains[near], ADDED)]] = True


@dataclass(frozen=True)
class _Bounds:
    """Rows of the programme: of which three each pair is, and how many each may hold.

    The third of a pair is the volunteer's day, an empty row of its own for pairs without one.
    """

    rows: Numbers
    most: Numbers


def _bounds(pairs: Pairs, places: Numbers, limits: Numbers, days: Numbers) -> _Bounds:
    day = days[pairs.opening]
    keys, of_day = np.unique(
        pairs.volunteer * (days.max() + 2) + np.where(day < 0, -1, day) + 1, return_inverse=True
    )
    undated = keys % (days.max() + 2) == 0
    first = len(places) + len(limits)
    rows = np.stack([pairs.opening, len(places) + pairs.volunteer, first + of_day.ravel()])
    once = np.where(undated, len(pairs.worth), 1)
    return _Bounds(rows, np.concatenate([places, limits, once]))


def _as_many_as_can_be(
    pairs: Pairs, places: Numbers, limits: Numbers, bounds: _Bounds
) -> NDArray[np.bool_]:
    """Some assignment of the most pairs: a flow from openings over days to volunteers."""
    n, m, k = len(places), len(limits), len(bounds.most)
    source, sink = k, k + 1
    day_rows, place = np.unique(bounds.rows[2], return_index=True)
    parts = (
        (np.full(n, source), np.arange(n), places),
        (bounds.rows[0], bounds.rows[2], np.ones(len(pairs.worth), np.int64)),
        (day_rows, bounds.rows[1][place], bounds.most[day_rows]),
        (n + np.arange(m), np.full(m, sink), limits),
    )
    tails, heads, room = (np.concatenate(part) for part in zip(*parts, strict=True))
    graph = csr_array((room.astype(np.int32), (tails, heads)), shape=(k + 2, k + 2))
    flow = maximum_flow(graph, source, sink).flow
    sent = np.asarray(flow[bounds.rows[0], bounds.rows[2]]).ravel()
    return sent > 0


def _best_of_each(pairs: Pairs) -> NDArray[np.bool_]:
    worth = pairs.worth.astype(np.float64)
    return _highest(pairs.opening, worth, FIRST_ASKED) | _highest(
        pairs.volunteer, worth, FIRST_ASKED
    )


def _highest(of: Numbers, values: NDArray[np.float64], n: int) -> NDArray[np.bool_]:
    """The `n` highest values of each number in `of`."""
    order = np.lexsort((-values, of))
    begins = np.searchsorted(of[order], of[order])
    found = np.zeros(len(of), np.bool_)
    found[order] = np.arange(len(of)) - begins < n
    return found


def _solved(
    worth: Numbers, bounds: _Bounds, chosen: Numbers, count: int
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Of the chosen pairs those to take, `count` of them, and for every pair what it would gain.

    A pair gains what it is worth less the prices of its three rows and of one more pair.
    """
    rows, width = bounds.rows[:, chosen], np.arange(len(chosen))
    matrix = coo_array(
        (np.ones(rows.size), (rows.ravel(), np.tile(width, 3))),
        shape=(len(bounds.most), len(chosen)),
    )
    result = linprog(
        -worth[chosen].astype(np.float64),
        A_ub=matrix.tocsr(),
        b_ub=bounds.most,
        A_eq=np.ones((1, len(chosen))),
        b_eq=[count],
        bounds=(0, 1),
        method="highs-ds",
    )
    if not result.success:
        raise ArithmeticError(result.message)
    taken = result.x > 0.5
    if not np.allclose(result.x, taken, atol=TOLERANCE):
        raise ArithmeticError("the corner is not whole")
    prices = result.ineqlin.marginals
    gains = worth + prices[bounds.rows].sum(axis=0) + result.eqlin.marginals[0]
    return taken, gains
