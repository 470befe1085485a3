"""Scores of many volunteers for many openings at once, by the formula of `lib.domain.matching`.

Each share is asked of the domain once for every pair of values that differ, and spread over the
whole by its table; nothing is judged here and nothing read.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lib.domain.matching import (
    WEIGHTS,
    Opening,
    Part,
    Share,
    Volunteer,
    distance_share,
    fairness_share,
    kind_share,
    load_share,
    skill_share,
    time_share,
)
from lib.queries.candidates import Distances

Scores = NDArray[np.float64]
Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


def scores(
    openings: Sequence[Opening], volunteers: Sequence[Volunteer], apart: Distances, day: date
) -> Scores:
    """A row for each opening and a column for each volunteer; NaN where one is ruled out.

    What a single pair is worth by `lib.domain.matching.score` stands in its cell.
    """
    total = WEIGHTS[Part.LOAD] * np.array([load_share(v.open_claims) for v in volunteers], float)
    total = total + WEIGHTS[Part.FAIRNESS] * np.array(
        [fairness_share(v.claimed_on, day) for v in volunteers], float
    )
    known = [v.teams | v.gave for v in volunteers]
    found = np.repeat(total[np.newaxis, :], len(openings), axis=0)
    found += WEIGHTS[Part.KIND] * _spread(
        [o.kind for o in openings], known, lambda kind, kinds: kind_share(kinds, kind)
    )
    found += WEIGHTS[Part.SKILL] * _spread(
        [(o.kind, o.skills) for o in openings],
        [(v.skills, kinds) for v, kinds in zip(volunteers, known, strict=True)],
        lambda asked, has: skill_share(has[0], has[1], asked[1], asked[0]),
    )
    found += WEIGHTS[Part.TIME] * _spread(
        [o.occasions for o in openings],
        [v.free for v in volunteers],
        lambda when, free: time_share(free, when),
    )
    found += WEIGHTS[Part.DISTANCE] * _distances(openings, volunteers, apart)
    persons = np.array([not o.collective for o in openings], bool)
    found[~persons] = np.nan
    return found


def _distances(
    openings: Sequence[Opening], volunteers: Sequence[Volunteer], apart: Distances
) -> Scores:
    return _spread(
        [o.area_id for o in openings],
        [(v.home_id, v.radius_m) for v in volunteers],
        lambda area_id, home: distance_share(apart.metres(home[0], area_id), home[1]),
    )


def _spread(
    rows: Sequence[Row], columns: Sequence[Column], share: Callable[[Row, Column], Share]
) -> Scores:
    """The share of every row and column, asked once for each pair of values that differ."""
    row_values, row_of = _numbered(rows)
    column_values, column_of = _numbered(columns)
    table = np.array([[share(r, c) for c in column_values] for r in row_values], float)
    table = table.reshape(len(row_values), len(column_values))
    spread: Scores = table[np.ix_(row_of, column_of)]
    return spread


def _numbered(values: Sequence[Row]) -> tuple[list[Row], NDArray[np.int64]]:
    """The values that differ, and for each value the place among them."""
    places: dict[Row, int] = {}
    of = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(of, np.int64)
