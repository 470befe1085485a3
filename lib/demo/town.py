"""The fictional demonstration town: areas, buildings, estates and places, drawn from one seed.

It holds geometry and names only; people, records and database rows are made elsewhere.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, Polygon

from lib.demo.plan import Plan, grid_outlines, make_plan
from lib.demo.town_areas import COMMUNITIES, group_grids, reading_order
from lib.demo.town_buildings import BuildingUse as BuildingUse
from lib.demo.town_buildings import raise_buildings
from lib.demo.town_drawing import Drawing, draw_town, picture_extent
from lib.demo.town_estates import gather_estates, share_households
from lib.demo.town_names import Name as Name
from lib.demo.town_names import town_names
from lib.demo.town_network import lay_network
from lib.demo.town_places import Place as Place
from lib.demo.town_places import PlaceKind as PlaceKind
from lib.demo.town_places import Spot, name_places
from lib.demo.town_uses import BlockUse, give_uses, set_back
from lib.demo.town_warp import Warp, degrees

Position = tuple[float, float]
"""A WGS-84 point as (longitude, latitude) in degrees, rounded to 7 decimals."""

Bounds = tuple[Position, Position]
"""The corners of a picture as ((south, west), (north, east)), the order a map overlay wants."""

RESIDENTIAL_USES: frozenset[BuildingUse] = frozenset({"slab", "tower", "lane"})
"""Uses whose buildings hold households: slab rows, point towers and lane houses."""


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
class Town:
    """One street and all that stands in it; every tuple is ordered by ``index`` from 0.

    ``polygon`` is the street, the union of all grids. ``bounds`` are the corners of the
    base-map picture, ``drawing`` what is on it, in metres.
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
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class _Areas:
    """Grids in reading order: outlines in metres, community numbers, and new numbers by old."""

    grids: NDArray[np.object_]
    community: tuple[int, ...]
    number: dict[int, int]


def _arrange(plan: Plan, warp: Warp, rng: np.random.Generator) -> _Areas:
    """Group grids to communities and number both from north-west to south-east."""
    outlines = shapely.coverage_simplify(warp.geometries(grid_outlines(plan)), 0.6)
    centres = shapely.get_coordinates(shapely.centroid(outlines))
    of = np.array(group_grids(plan, centres, rng))
    middles = np.array([centres[of == c].mean(axis=0) for c in range(COMMUNITIES)])
    order: list[int] = []
    community: list[int] = []
    for index, c in enumerate(reading_order(middles, 320.0)):
        mine = np.flatnonzero(of == c)
        order += mine[reading_order(centres[mine], 130.0)].tolist()
        community += [index] * len(mine)
    number = {old: new for new, old in enumerate(order)}
    return _Areas(outlines[order], tuple(community), number)


@dataclass(frozen=True, slots=True)
class _Stock:
    """All buildings on the plan, of the street and around it; ``block`` gives each its block."""

    footprints: NDArray[np.object_]
    block: list[int]
    use: list[BuildingUse]
    floors: list[int]
    fields: list[Polygon]


def _build_up(
    areas: NDArray[np.object_],
    uses: tuple[BlockUse, ...],
    shown: NDArray[np.bool_],
    rng: np.random.Generator,
) -> _Stock:
    footprints: list[Polygon] = []
    stock = _Stock(np.array([]), [], [], [], [])
    for k in np.flatnonzero(shown).tolist():
        raised = raise_buildings(areas[k], uses[k], rng)
        if raised is None:
            continue
        footprints += raised.shapes
        stock.block.extend([k] * len(raised.shapes))
        stock.use.extend([raised.use] * len(raised.shapes))
        stock.floors.extend(raised.floors)
        if raised.field is not None:
            stock.fields.append(raised.field)
    every = np.array(footprints, dtype=object)
    return _Stock(every, stock.block, stock.use, stock.floors, stock.fields)


def _position(point: Point) -> Position:
    ((lon, lat),) = degrees(shapely.get_coordinates(point)).tolist()
    return lon, lat


def _label(area: Polygon) -> Position:
    """The centroid where it lies well inside, else the middle of the largest inscribed circle."""
    centre = area.centroid
    circle = shapely.maximum_inscribed_circle(area, tolerance=2.0)
    inside = area.contains(centre) and area.exterior.distance(centre) > 0.7 * circle.length
    return _position(centre if inside else shapely.get_point(circle, 0))


def _buildings(
    stock: _Stock,
    bent: NDArray[np.object_],
    grid_of: dict[int, int],
    estate_of: dict[int, int],
    rng: np.random.Generator,
) -> tuple[Building, ...]:
    """The street's buildings, by grid, numbered within estate or grid, with households."""
    rows = [n for n, k in enumerate(stock.block) if k in grid_of]
    rows.sort(key=lambda n: (grid_of[stock.block[n]], n))
    area = shapely.area(bent)
    households: dict[int, int] = {}
    for grid in sorted({grid_of[stock.block[n]] for n in rows}):
        homes = [
            n for n in rows if grid_of[stock.block[n]] == grid and stock.use[n] in RESIDENTIAL_USES
        ]
        space = np.array([area[n] * stock.floors[n] for n in homes])
        households |= dict(zip(homes, share_households(space, rng).tolist(), strict=True))
    footprints = shapely.transform(bent[rows], degrees)
    labels = degrees(shapely.get_coordinates(shapely.point_on_surface(bent[rows]))).tolist()
    counted: dict[tuple[str, int], int] = {}
    made = []
    for index, n in enumerate(rows):
        grid, estate = grid_of[stock.block[n]], estate_of.get(stock.block[n])
        key = ("grid", grid) if estate is None else ("estate", estate)
        counted[key] = counted.get(key, 0) + 1
        lon, lat = labels[index]
        made.append(
            Building(
                index,
                grid,
                estate,
                counted[key],
                stock.use[n],
                stock.floors[n],
                households.get(n, 0),
                (lon, lat),
                footprints[index],
            )
        )
    return tuple(made)


def _estates(
    blocks: list[list[int]],
    outlines: NDArray[np.object_],
    buildings: tuple[Building, ...],
    community: tuple[int, ...],
    names: list[Name],
) -> tuple[Estate, ...]:
    mine: dict[int, list[Building]] = {}
    for building in buildings:
        if building.estate is not None:
            mine.setdefault(building.estate, []).append(building)
    made = []
    for index, members in enumerate(blocks):
        grids = [b.grid for b in mine[index]]
        order = sorted(set(grids), key=lambda g: (-grids.count(g), g))
        largest = max((outlines[k] for k in members), key=lambda area: area.area)
        made.append(
            Estate(
                index,
                names[index],
                community[order[0]],
                tuple(order),
                _position(shapely.point_on_surface(largest)),
                sum(b.households for b in mine[index]),
            )
        )
    return tuple(made)


def _spots(
    buildings: tuple[Building, ...],
    stock: _Stock,
    uses: tuple[BlockUse, ...],
    grid_of: dict[int, int],
) -> list[Spot]:
    """The main building of every block that is no home, and a second where there are many."""
    rows = [n for n, k in enumerate(stock.block) if k in grid_of]
    rows.sort(key=lambda n: (grid_of[stock.block[n]], n))
    held: dict[int, list[Building]] = {}
    for building, n in zip(buildings, rows, strict=True):
        if building.use not in RESIDENTIAL_USES:
            held.setdefault(stock.block[n], []).append(building)
    spots = []
    for k, members in held.items():
        members.sort(key=lambda b: (-b.footprint.area, b.index))
        kept = members[:2] if uses[k] == "commercial" and len(members) > 3 else members[:1]
        spots += [Spot(uses[k], b.grid, b.label) for b in kept]
    return spots


def _communities(areas: _Areas, names: list[Name]) -> tuple[Community, ...]:
    of = np.array(areas.community)
    shapes = [shapely.coverage_union_all(areas.grids[of == c]) for c in range(COMMUNITIES)]
    return tuple(
        Community(c, names[c], shapely.transform(shape, degrees), _label(shape))
        for c, shape in enumerate(shapes)
    )


def _grids(areas: _Areas, buildings: tuple[Building, ...]) -> tuple[Grid, ...]:
    households = [0] * len(areas.grids)
    for building in buildings:
        households[building.grid] += building.households
    return tuple(
        Grid(
            g,
            c,
            g - areas.community.index(c) + 1,
            shapely.transform(shape, degrees),
            _label(shape),
            households[g],
        )
        for g, (c, shape) in enumerate(zip(areas.community, areas.grids, strict=True))
    )


def _corners(extent: Polygon) -> Bounds:
    x0, y0, x1, y1 = extent.bounds
    (west, south), (east, north) = degrees(np.array([(x0, y0), (x1, y1)])).tolist()
    return (south, west), (north, east)


def build_town(seed: int) -> Town:
    """Build the town of a seed: about 20 communities and 100 grids; equal seeds, equal bytes.

    Every grid holds 200 to 500 households, every building stands inside its grid, grids share
    their borders vertex by vertex. Takes a few seconds.
    """
    rng = np.random.default_rng(seed)
    names = town_names()
    network, warp = lay_network(rng), Warp.draw(rng)
    plan = make_plan(network, rng)
    areas = _arrange(plan, warp, rng)
    street = shapely.coverage_union_all(areas.grids)
    extent = picture_extent(street)
    outlines = warp.geometries(np.array([b.polygon for b in plan.blocks], dtype=object))
    ground = set_back(plan, network)
    uses = give_uses(plan, ground, network, rng)
    grid_of = {k: areas.number[b.grid] for k, b in enumerate(plan.blocks) if b.grid is not None}
    stock = _build_up(ground.buildable, uses, shapely.intersects(outlines, extent), rng)
    settled = set(stock.block)
    uses = tuple(
        "green" if k in grid_of and k not in settled and use != "park" else use
        for k, use in enumerate(uses)
    )
    home = {k: areas.community[g] for k, g in grid_of.items() if k in settled}
    compounds = gather_estates(plan, uses, home, rng)
    estate_of = {k: e for e, members in enumerate(compounds) for k in members}
    bent = warp.geometries(stock.footprints)
    buildings = _buildings(stock, bent, grid_of, estate_of, rng)
    labels = names.communities
    picked = [labels[i] for i in rng.permutation(len(labels))[:COMMUNITIES].tolist()]
    estate_names = [names.estates[i] for i in rng.permutation(len(names.estates)).tolist()]
    drawing = draw_town(
        plan, network, warp, names, ground, uses, estate_of, street, extent, bent, stock.fields
    )
    return Town(
        seed,
        names.single["street"],
        shapely.transform(street, degrees),
        _communities(areas, picked),
        _grids(areas, buildings),
        _estates(compounds, outlines, buildings, areas.community, estate_names),
        buildings,
        name_places(_spots(buildings, stock, uses, grid_of), areas.community, picked, names, rng),
        _corners(extent),
        drawing,
    )
