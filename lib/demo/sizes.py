"""The sizes of a demonstration: one street, a district of ten, a city of a hundred.

It says which streets there are and where; the rows of each are made by `lib.demo.load`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from lib.demo.territory import STREET_CODE
from lib.demo.town import Position, Town
from lib.demo.town_names import Name, town_names

CITY_CODE = STREET_CODE[:4]
STREETS = 10
"""Streets of a district, each from a town of its own; every district has the same ten towns."""

_HOME = (int(STREET_CODE[4:6]) - 1, int(STREET_CODE[6:]) - 1)
"""District and place in it of the street that every demonstration has; it stays where it is."""

_STEP = (0.04, 0.021)
"""How far streets stand apart, in degrees: no town is wider or higher."""

_ACROSS = 5
"""Streets beside each other in a district, and five districts' rows of two above each other."""


class Size(StrEnum):
    """How much there is: 1, 10 and 100 streets; a city has 2.5 million participations."""

    STREET = "street"
    DISTRICT = "district"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Street:
    """One street of the demonstration: which town it is made from and where it is moved to.

    `town` is added to the seed, `shift` to every longitude and latitude.
    """

    code: str
    district: int
    town: int
    name: Name
    shift: Position

    @property
    def first(self) -> bool:
        """Whether it is the one that every demonstration has, the same in all sizes."""
        return self.code == STREET_CODE


def district_code(district: int) -> str:
    """The code of a district of the city, from 0."""
    return f"{CITY_CODE}{district + 1:02d}"


def streets(size: Size) -> tuple[Street, ...]:
    """Every street of a size, those of one town together, the one of all sizes first."""
    if size is Size.STREET:
        return (_street(*_HOME),)
    district_numbers = {
        Size.DISTRICT: (_HOME[0],),
        Size.CITY: tuple(range(len(town_names().districts))),
    }[size]
    every = [
        (turn, district, (_HOME[1] + turn) % STREETS)
        for turn in range(STREETS)
        for district in district_numbers
    ]
    every.sort(key=lambda one: (one[0], one[1:] != _HOME))
    return tuple(_street(district, place) for _, district, place in every)


def _street(district: int, place: int) -> Street:
    names = town_names()
    column, row = _position(district, place)
    home_column, home_row = _position(*_HOME)
    first = (district, place) == _HOME
    return Street(
        code=f"{district_code(district)}{place + 1:03d}",
        district=district,
        town=(place - _HOME[1]) % STREETS,
        name=names.single["street"] if first else names.streets[district * STREETS + place],
        shift=((column - home_column) * _STEP[0], (row - home_row) * _STEP[1]),
    )


def _position(district: int, place: int) -> tuple[int, int]:
    column = district % 2 * _ACROSS + place % _ACROSS
    return column, -(district // 2 * 2 + place // _ACROSS)


def moved(town: Town, street: Street) -> Town:
    """The town under the street's name at the street's place; its drawing stays in metres."""

    def shifted(points: NDArray[np.float64]) -> NDArray[np.float64]:
        there: NDArray[np.float64] = np.round(points + np.array(street.shift), 7)
        return there

    def at(position: Position) -> Position:
        return (
            round(position[0] + street.shift[0], 7),
            round(position[1] + street.shift[1], 7),
        )

    def corner(position: Position) -> Position:
        # A picture's corners are (latitude, longitude).
        return at((position[1], position[0]))[::-1]

    return replace(
        town,
        name=street.name,
        polygon=shapely.transform(town.polygon, shifted),
        communities=tuple(
            replace(c, polygon=shapely.transform(c.polygon, shifted), label=at(c.label))
            for c in town.communities
        ),
        grids=tuple(
            replace(g, polygon=shapely.transform(g.polygon, shifted), label=at(g.label))
            for g in town.grids
        ),
        estates=tuple(replace(e, label=at(e.label)) for e in town.estates),
        # What is drawn stays as it is; rows take only the label.
        buildings=tuple(replace(b, label=at(b.label)) for b in town.buildings),
        places=tuple(replace(p, label=at(p.label)) for p in town.places),
        bounds=(corner(town.bounds[0]), corner(town.bounds[1])),
    )
