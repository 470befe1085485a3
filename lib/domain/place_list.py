"""A list of communities and grids as an office has it: one line for each, by name alone.

How such lists are read from text and files stands in `lib.exchange.place_list`.
"""

from dataclasses import dataclass

from lib.domain.errors import Problem

LINES_MAX = 3_000
"""More communities and grids than the largest street has."""


@dataclass(frozen=True)
class Place:
    """One line: a community, and a grid of it where `grid` is not empty."""

    line: int
    community: str
    grid: str = ""


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with one line of the list."""

    line: int
    problem: Problem


@dataclass(frozen=True)
class PlaceList:
    """A list as read: its places in order, each once, and the lines that will not do.

    `repeated` counts lines that said again what stood there before.
    """

    places: tuple[Place, ...] = ()
    problems: tuple[LineProblem, ...] = ()
    repeated: int = 0
