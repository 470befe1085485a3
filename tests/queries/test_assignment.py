"""The assignment against an exact solver, brute force and greed."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from lib.queries.assignment import Pairs, assign


@st.composite
def problems(draw, *, openings=6, volunteers=6, worth=40):
    n, m = draw(st.integers(1, openings)), draw(st.integers(1, volunteers))
    every = [(o, v) for o in range(n) for v in range(m)]
    chosen = sorted(draw(st.sets(st.sampled_from(every), max_size=len(every))))
    worths = draw(st.lists(st.integers(0, worth), min_size=len(chosen), max_size=len(chosen)))
    places = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    limits = draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    days = draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n))
    return made(chosen, worths, places, limits, days)


def made(chosen, worths, places, limits, days):
    numbers = np.array(chosen, np.int64).reshape(-1, 2)
    pairs = Pairs(numbers[:, 0], numbers[:, 1], np.array(worths, np.int64))
    bounds = {"places": places, "limits": limits, "days": days}
    return pairs, {name: np.array(values, np.int64) for name, values in bounds.items()}


def rules(pairs, places, limits, days):
    """The same rules written as rows of a matrix and their upper bounds."""
    rows = [(pairs.opening == o, places[o]) for o in range(len(places))]
    rows += [(pairs.volunteer == v, limits[v]) for v in range(len(limits))]
    for v in range(len(limits)):
        for day in set(days.tolist()) - {-1}:
            rows.append(((pairs.volunteer == v) & (days[pairs.opening] == day), 1))
    return np.array([row for row, _ in rows], float), np.array([most for _, most in rows], float)


def value(pairs, taken):
    return int(taken.sum()), int(pairs.worth[taken].sum())


def exact(pairs, bounds):
    """How many can be taken, and the most that so many are worth, by integer programming."""
    if not len(pairs.worth):
        return 0, 0
    matrix, most = rules(pairs, **bounds)
    fits = LinearConstraint(matrix, ub=most)
    whole = {"integrality": np.ones(len(pairs.worth)), "bounds": Bounds(0, 1)}
    count = round(-milp(-np.ones(len(pairs.worth)), constraints=[fits], **whole).fun)
    as_many = LinearConstraint(np.ones((1, len(pairs.worth))), lb=count)
    best = milp(-pairs.worth.astype(float), constraints=[fits, as_many], **whole)
    return count, round(-best.fun)


def brute(pairs, bounds):
    """The same by trying everything."""
    matrix, most = rules(pairs, **bounds)
    best = (0, 0)
    for size in range(len(pairs.worth) + 1):
        for chosen in combinations(range(len(pairs.worth)), size):
            taken = np.zeros(len(pairs.worth), bool)
            taken[list(chosen)] = True
            if (matrix @ taken <= most).all():
                best = max(best, value(pairs, taken))
    return best


def greedy(pairs, bounds):
    """The best pair that still fits, again and again."""
    matrix, most = rules(pairs, **bounds)
    taken = np.zeros(len(pairs.worth), bool)
    for n in np.argsort(-pairs.worth, kind="stable"):
        taken[n] = True
        if (matrix @ taken > most).any():
            taken[n] = False
    return value(pairs, taken)


@settings(max_examples=150)
@given(problems())
def test_assign__as_an_exact_solver_and_within_every_rule(problem) -> None:
    pairs, bounds = problem
    taken = assign(pairs, **bounds)
    matrix, most = rules(pairs, **bounds)
    assert (matrix @ taken <= most).all()
    assert value(pairs, taken) == exact(pairs, bounds)


@settings(max_examples=40)
@given(problems(openings=3, volunteers=3))
def test_assign__as_trying_everything(problem) -> None:
    pairs, bounds = problem
    assert value(pairs, assign(pairs, **bounds)) == brute(pairs, bounds)


@settings(max_examples=60)
@given(problems())
def test_assign__never_below_greed(problem) -> None:
    pairs, bounds = problem
    assert value(pairs, assign(pairs, **bounds)) >= greedy(pairs, bounds)


def test_assign__greed_takes_the_only_helper_of_another() -> None:
    """The tutor is best for the visit too, but nobody else can tutor."""
    pairs, bounds = made([(0, 0), (0, 1), (1, 0)], [90, 80, 70], [1, 1], [1, 1], [-1, -1])
    assert greedy(pairs, bounds) == (1, 90)
    assert value(pairs, assign(pairs, **bounds)) == (2, 150)


def test_assign__greed_is_worth_less_where_it_fills_as_many() -> None:
    pairs, bounds = made(
        [(0, 0), (0, 1), (1, 0), (1, 1)], [90, 85, 88, 20], [1, 1], [1, 1], [-1, -1]
    )
    assert greedy(pairs, bounds) == (2, 110)
    assert value(pairs, assign(pairs, **bounds)) == (2, 173)


def test_assign__nobody_has_two_things_on_one_day() -> None:
    pairs, bounds = made([(0, 0), (1, 0), (2, 0)], [50, 60, 10], [1, 1, 1], [3], [4, 4, -1])
    assert assign(pairs, **bounds).tolist() == [False, True, True]


def test_assign__nothing_possible_is_nothing() -> None:
    pairs, bounds = made([], [], [1], [1], [-1])
    assert assign(pairs, **bounds).tolist() == []
