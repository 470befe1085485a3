"""The fictional demonstration town: areas, buildings, estates and places, drawn from one seed.

It holds geometry and names only; people, records and database rows are made elsewhere.
"""

from dataclasses import dataclass
from typing import Literal

from shapely import Polygon

Position = tuple[float, float]
"""A WGS-84 point as (longitude, latitude) in degrees, rounded to 7 decimals."""

Bounds = tuple[Position, Position]
"""The corners of a picture as ((south, west), (north, east)), the order a map overlay wants."""

BuildingUse = Literal["slab", "tower", "lane", "commercial", "school", "station"]
"""How a building is used: slab rows, point towers and lane houses are homes."""

RESIDENTIAL_USES: frozenset[BuildingUse] = frozenset({"slab", "tower", "lane"})
"""Uses whose buildings hold households."""

PlaceKind = Literal[
    "government",
    "school",
    "kindergarten",
    "hospital",
    "clinic",
    "office",
    "bank",
    "shop_centre",
    "market",
    "works",
    "museum",
    "library",
    "theatre",
    "station",
]
"""What kind of organisation a named place suits."""


@dataclass(frozen=True, slots=True)
class Name:
    """An invented name in both languages, without a level word where the level is known."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Community:
    """A community: the union of its grids. ``label`` lies inside ``polygon``."""

    index: int
    name: Name
    polygon: Polygon
    label: Position


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid: a union of blocks, exactly sharing its border with its neighbours.

    ``community`` is the index of its community, ``number`` counts from 1 inside it (north-west
    first), ``households`` is the sum over its buildings (200 to 500).
    """

    index: int
    community: int
    number: int
    polygon: Polygon
    label: Position
    households: int


@dataclass(frozen=True, slots=True)
class Estate:
    """An estate: a compound of neighbouring blocks in one community, often across grids.

    ``grids`` holds the indexes of every grid it has buildings in, most buildings first.
    """

    index: int
    name: Name
    community: int
    grids: tuple[int, ...]
    label: Position
    households: int


@dataclass(frozen=True, slots=True)
class Building:
    """A building of the street: one grid, at most one estate.

    ``number`` counts from 1 inside the estate (inside the grid when there is no estate, for
    homes and other uses alike). ``households`` is 0 unless ``use`` is residential.
    """

    index: int
    grid: int
    estate: int | None
    number: int
    use: BuildingUse
    floors: int
    households: int
    label: Position
    footprint: Polygon


@dataclass(frozen=True, slots=True)
class Place:
    """A named spot at a commercial, school or station building where a unit can stand."""

    index: int
    kind: PlaceKind
    name: Name
    grid: int
    label: Position


@dataclass(frozen=True, slots=True)
class Town:
    """One street and all that stands in it; every tuple is ordered by ``index`` from 0.

    ``polygon`` is the street, the union of all grids. ``bounds`` are the corners of the
    base-map picture.
    """

    seed: int
    name: Name
    polygon: Polygon
    communities: tuple[Community, ...]
    grids: tuple[Grid, ...]
    estates: tuple[Estate, ...]
    buildings: tuple[Building, ...]
    places: tuple[Place, ...]
    bounds: Bounds
