"""Stars for hours given: how many somebody has, and what is missing to the next one.

A street sets the hours for itself; which minutes count is decided where they are summed up.
"""

from collections.abc import Sequence
from itertools import pairwise

from lib.domain.errors import Problem

STARS = 5
HOURS_MAX = 100_000
"""More hours than a life of volunteering holds; it is a typing slip."""

USUAL_STARS = (100, 300, 600, 1000, 1500)
"""Hours for one to five stars where the street has set nothing; one rule among several."""


def stars(minutes: int, levels: Sequence[int]) -> int:
    """How many stars confirmed minutes earn; `levels` are the hours for each."""
    return sum(minutes >= 60 * hours for hours in levels)


def missing(minutes: int, levels: Sequence[int]) -> int | None:
    """The minutes that are missing to the next star; None for whoever has them all."""
    return next((60 * hours - minutes for hours in levels if minutes < 60 * hours), None)


def problems(levels: Sequence[int]) -> list[Problem]:
    """What is wrong with the hours of the levels: each must ask for more than the one before."""
    limits = {"least": 1, "limit": HOURS_MAX}
    if len(levels) != STARS or not all(1 <= hours <= HOURS_MAX for hours in levels):
        return [Problem("star_levels", "problem.out_of_range", limits)]
    if any(one >= other for one, other in pairwise(levels)):
        return [Problem("star_levels", "problem.not_ascending")]
    return []
