"""Areas as the screens walk them: roots, children, path, the painted leaves and their shapes.

Reads only; which rows an actor reaches is decided by `lib.persistence.scope`.
"""

import hashlib
import json
import math
from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import Level, Topic
from lib.geo import schematic
from lib.geo.locate import BORDER_DEGREES, Locator
from lib.geo.shapes import from_geojson_geometry
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Area,
    AreaLink,
    Building,
    BuildingGroup,
    CentreHousehold,
    ChangeCounter,
    Estate,
    Organisation,
)
from lib.persistence.scope import AreaColumn, below, reached, seen
from lib.queries import features
from lib.queries.counters import reads

AREA_COLUMNS = (
    "area_id",
    "code",
    "level",
    "name_zh",
    "name_en",
    "label_zh",
    "label_en",
    "parent_id",
    "lon",
    "lat",
    "west",
    "south",
    "east",
    "north",
    "has_shape",
    "children",
    "valid_until",
)
"""`label_…` is the local word for the level or None; `lon`, `lat` a point inside the shape and the
box are degrees WGS-84, NaN without a shape; `children` counts the areas directly below."""

PAINTED_COLUMNS = (
    "area_id",
    "code",
    "level",
    "name_zh",
    "name_en",
    "parent_id",
    "lon",
    "lat",
)

LISTING_COLUMNS = ("code", "name_zh", "name_en", "level", "parent", "lon", "lat")
"""`parent` is the code of the area above, None for a root."""

TILE_COLUMNS = ("area_id", "west", "south", "east", "north")

Bounds = tuple[tuple[float, float], tuple[float, float]]
"""South-west and north-east corner, each (lat, lon) in degrees, WGS-84."""

_TYPES = {
    "area_id": "int64",
    "parent_id": "Int64",
    "children": "int64",
    "has_shape": "bool",
    **dict.fromkeys(("lon", "lat", "west", "south", "east", "north"), "float64"),
}
_Query = Select[*tuple[Any, ...]]
_Row = Row[*tuple[Any, ...]]
_Child = aliased(Area)
_MAP_TOPICS = (Topic.AREAS, Topic.STRUCTURE, Topic.UNITS)


@reads(Topic.AREAS)
def roots(actor: Actor, *, day: date | None = None) -> pd.DataFrame:
    """The topmost areas that the actor sees, widest level first; columns `AREA_COLUMNS`."""
    above_unseen = or_(
        Area.parent_id.is_(None),
        not_(reached(Area.parent_id, actor, Permission.AREA_VIEW)),
    )
    return _areas(_chosen(actor, day).where(above_unseen))


@reads(Topic.AREAS)
def children(actor: Actor, *, area_id: int, day: date | None = None) -> pd.DataFrame:
    """The areas directly below `area_id`, by code; columns `AREA_COLUMNS`."""
    return _areas(_chosen(actor, day).where(Area.parent_id == area_id))


@reads(Topic.AREAS)
def path(actor: Actor, *, area_id: int, day: date | None = None) -> pd.DataFrame:
    """The areas from the widest that the actor sees down to `area_id`; columns `AREA_COLUMNS`."""
    above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id == area_id)
    return _areas(_chosen(actor, day).where(Area.id.in_(above)))


@reads(Topic.AREAS)
def area(actor: Actor, *, area_id: int, day: date | None = None) -> pd.DataFrame:
    """The one area, or no row when the actor does not see it; columns `AREA_COLUMNS`."""
    return _areas(_chosen(actor, day).where(Area.id == area_id))


@reads(Topic.AREAS)
def by_code(actor: Actor, *, code: str, day: date | None = None) -> pd.DataFrame:
    """The area with this code, or no row; columns `AREA_COLUMNS`."""
    return _areas(_chosen(actor, day).where(Area.code == line(code)))


@reads(Topic.AREAS)
def locate(actor: Actor | None, *, lon: float, lat: float) -> pd.DataFrame:
    """The path of areas that hold the point (degrees WGS-84), widest first; `AREA_COLUMNS`.

    Where several areas hold it (a border, trees that overlap) the narrowest with the lowest
    code is taken with everything above it. None as actor is the command line, which sees all.

    Raises:
        ValueError: a coordinate is not finite.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError("coordinates must be finite")
    in_box = (
        select(Area.id, Area.code, Area.level, Area.geometry)
        .where(valid_on(None), _within(Area.id, actor))
        .where(Area.west <= lon + BORDER_DEGREES, Area.east >= lon - BORDER_DEGREES)
        .where(Area.south <= lat + BORDER_DEGREES, Area.north >= lat - BORDER_DEGREES)
    )
    with Reads() as session:
        rows = {row.id: row for row in session.execute(in_box)}
    held = Locator((n, from_geojson_geometry(row.geometry)) for n, row in rows.items())
    found = sorted(held.covering(lon, lat), key=lambda n: (-rows[n].level.depth, rows[n].code))
    above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id == (found or [None])[0])
    return _areas(_chosen(actor, None).where(Area.id.in_(above)))


@reads(Topic.AREAS)
def listing(actor: Actor | None, *, level: Level | None = None) -> pd.DataFrame:
    """All areas of a level, or of every level, widest first, then by code; `LISTING_COLUMNS`."""
    above = aliased(Area)
    statement = (
        select(
            Area.code,
            Area.name_zh,
            Area.name_en,
            Area.level,
            above.code.label("parent"),
            Area.label_lon.label("lon"),
            Area.label_lat.label("lat"),
        )
        .outerjoin(above, Area.parent_id == above.id)
        .where(valid_on(None), _within(Area.id, actor))
    )
    if level is not None:
        statement = statement.where(Area.level == level)
    return _frame(_sorted(_rows(statement)), LISTING_COLUMNS)


@reads(Topic.AREAS)
def painted(actor: Actor, *, root_id: int | None) -> pd.DataFrame:
    """The leaves of the tree below `root_id` (None: of all the actor sees), in map order.

    A leaf is an area without areas below it, of whatever level. Map order is ascending code,
    compared character by character: the order of every sequence that paints the map. Columns
    `PAINTED_COLUMNS`.
    """
    statement = select(
        Area.id.label("area_id"),
        Area.code,
        Area.level,
        Area.name_zh,
        Area.name_en,
        Area.parent_id,
        Area.label_lon.label("lon"),
        Area.label_lat.label("lat"),
    ).where(
        valid_on(None),
        seen(Area.id, actor, Permission.AREA_VIEW, root_id),
        ~exists().where(_Child.parent_id == Area.id, _valid(_Child, today())),
    )
    return _frame(sorted(_rows(statement), key=lambda row: row.code), PAINTED_COLUMNS)


@reads(Topic.AREAS)
def bounds(actor: Actor, *, root_id: int | None) -> Bounds | None:
    """The box around every shape below `root_id`, None where nothing has a shape."""
    statement = select(
        func.min(Area.south), func.min(Area.west), func.max(Area.north), func.max(Area.east)
    ).where(valid_on(None), seen(Area.id, actor, Permission.AREA_VIEW, root_id))
    with Reads() as session:
        box = session.execute(statement).one()
    south, west, north, east = (math.nan if edge is None else float(edge) for edge in box)
    return None if math.isnan(south) else ((south, west), (north, east))


@reads(*_MAP_TOPICS)
def shapes(actor: Actor, *, root_id: int | None, tiled: bool = False) -> bytes:
    """The map's GeoJSON below `root_id`: leaves in map order, borders above them, points.

    Leaves without a boundary are tiles beside what is drawn; where `tiled`, all are, each with
    its units in it, and nothing else is shown.

    The contract stands in the map's module: areas, then borders, then units ("unit", category
    is the unit's kind), centre households ("centre", "held" or "vacant", at their building and
    without a person's name) and buildings ("building"). UTF-8.
    """
    statement = select(
        Area.id,
        Area.code,
        Area.level,
        Area.name_zh,
        Area.name_en,
        Area.parent_id,
        Area.label_lon,
        Area.label_lat,
        Area.geometry,
        exists().where(_Child.parent_id == Area.id, _valid(_Child, today())).label("inner"),
    ).where(valid_on(None), seen(Area.id, actor, Permission.AREA_VIEW, root_id))
    rows = _rows(statement)
    tiles = _tiles(actor, root_id, tiled)
    leaves = sorted((row for row in rows if not row.inner), key=lambda row: row.code)
    by_id = {row.id: row for row in rows}
    found = [features.shape("area", row, by_id.get(row.parent_id), tiles, tiled) for row in leaves]
    above = _sorted(row for row in rows if row.inner)
    found += [features.shape("border", row, None, tiles, tiled) for row in above]
    found += [] if tiled else features.frames(above, tiles)
    points = _tiled_units(actor, root_id, tiles) if tiled else _points(actor, root_id)
    joined = ",".join([*found, *points])
    return f'{{"type":"FeatureCollection","features":[{joined}]}}'.encode()


@reads(*_MAP_TOPICS)
def shapes_version(actor: Actor, *, root_id: int | None) -> str:
    """A short text that changes whenever `shapes` for the same root would; letters and digits.

    Made of the change counters of the streets concerned and of what the actor sees, so that two
    actors, two days and two fillings of one database never share an address.
    """
    within = seen(Area.id, actor, Permission.AREA_VIEW, root_id)
    areas = select(
        func.count(),
        func.max(Area.id),
        *(func.sum(cast(edge * 1e5, BigInteger)) for edge in (Area.west, Area.north)),
    ).where(valid_on(None), within)
    streets = select(AreaLink.ancestor_id).where(
        seen(AreaLink.descendant_id, actor, Permission.AREA_VIEW, root_id)
    )
    counters = (
        select(ChangeCounter.topic, func.count(), func.sum(ChangeCounter.n))
        .where(ChangeCounter.topic.in_(_MAP_TOPICS), ChangeCounter.street_id.in_(streets))
        .group_by(ChangeCounter.topic)
        .order_by(ChangeCounter.topic)
    )
    with Reads() as session:
        parts = [*session.execute(areas).one(), *map(tuple, session.execute(counters))]
    text = json.dumps([root_id, today().isoformat(), *parts], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def valid_on(day: date | None) -> ColumnElement[bool]:
    """Whether an area exists on the day (None: today); `valid_until` is its last day."""
    return _valid(Area, day or today())


def _valid(entity: Any, day: date) -> ColumnElement[bool]:  # noqa: ANN401 - a model or its alias
    ends = or_(entity.valid_until.is_(None), entity.valid_until >= day)
    return and_(ends, entity.valid_from <= day)


def _within(column: AreaColumn, actor: Actor | None) -> ColumnElement[bool]:
    return below(column, None) if actor is None else reached(column, actor, Permission.AREA_VIEW)


def _chosen(actor: Actor | None, day: date | None) -> _Query:
    """All areas of the day that the actor sees, with the columns of `AREA_COLUMNS`."""
    beneath = (
        select(func.count())
        .where(_Child.parent_id == Area.id, _valid(_Child, day or today()))
        .correlate(Area)
        .scalar_subquery()
    )
    return select(
        Area.id.label("area_id"),
        Area.code,
        Area.level,
        Area.name_zh,
        Area.name_en,
        Area.level_label_zh.label("label_zh"),
        Area.level_label_en.label("label_en"),
        Area.parent_id,
        Area.label_lon.label("lon"),
        Area.label_lat.label("lat"),
        Area.west,
        Area.south,
        Area.east,
        Area.north,
        Area.west.is_not(None).label("has_shape"),
        beneath.label("children"),
        Area.valid_until,
    ).where(valid_on(day), _within(Area.id, actor))


def _units(actor: Actor, root_id: int | None) -> _Query:
    return (
        select(
            Organisation.id,
            Organisation.area_id,
            Organisation.name_zh,
            Organisation.name_en,
            Organisation.lon,
            Organisation.lat,
            Organisation.kind.label("category"),
        )
        .where(
            or_(Organisation.closed_on.is_(None), Organisation.closed_on > today()),
            seen(Organisation.area_id, actor, Permission.UNIT_VIEW, root_id),
        )
        .order_by(Organisation.id)
    )


def _at_buildings(number: Any, category: Any) -> _Query:  # noqa: ANN401 - SQL expressions
    return (
        select(
            number.label("id"),
            Building.area_id,
            (func.coalesce(Estate.name_zh, "") + Building.label).label("name_zh"),
            (Estate.name_en + " " + Building.label).label("name_en"),
            Building.lon,
            Building.lat,
            category.label("category"),
        )
        .select_from(Building)
        .outerjoin(Estate, Building.estate_id == Estate.id)
        .where(Building.lon.is_not(None), Building.lat.is_not(None))
        .order_by(number)
    )


def _centres(actor: Actor, root_id: int | None) -> _Query:
    vacant = case((CentreHousehold.person_id.is_(None), "vacant"), else_="held")
    return (
        _at_buildings(CentreHousehold.id, vacant)
        .join(CentreHousehold, CentreHousehold.building_id == Building.id)
        .join(BuildingGroup, CentreHousehold.building_group_id == BuildingGroup.id)
        .where(seen(Building.area_id, actor, Permission.AREA_VIEW, root_id))
    )


def _buildings(actor: Actor, root_id: int | None) -> _Query:
    return _at_buildings(Building.id, literal("building")).where(
        seen(Building.area_id, actor, Permission.AREA_VIEW, root_id)
    )


@reads(Topic.AREAS)
def tile_boxes(actor: Actor, *, root_id: int | None, tiled: bool) -> pd.DataFrame:
    """Where `shapes` lays tiles and the frames round them; columns TILE_COLUMNS.

    `area_id` is the leaf's, or for a frame the area's above (None where there is none).
    """
    sheet = _tiles(actor, root_id, tiled)
    rows = [] if sheet is None else [*sheet.tiles.items(), *sheet.frames.items()]
    boxes = [(number, box.west, box.south, box.east, box.north) for number, box in rows]
    return pd.DataFrame(boxes, columns=list(TILE_COLUMNS)).astype({"area_id": "Int64"})


def _tiles(actor: Actor, root_id: int | None, tiled: bool) -> schematic.Sheet | None:
    """The sheet of the leaves without a boundary, of all where `tiled`; None without any."""
    leaves = painted(actor, root_id=root_id)
    shown = leaves if tiled else leaves[leaves["lon"].isna()]
    if shown.empty:
        return None
    groups: dict[int | None, list[int]] = {}
    for number, parent in zip(shown["area_id"], shown["parent_id"], strict=True):
        groups.setdefault(None if pd.isna(parent) else int(parent), []).append(int(number))
    sheet = schematic.lay_out(list(groups.items()))
    box = None if tiled else bounds(actor, root_id=root_id)
    if box is None:
        return schematic.at_home(sheet)
    (south, west), (north, east) = box
    return schematic.beside(sheet, schematic.Box(west, south, east, north))


def _points(actor: Actor, root_id: int | None) -> list[str]:
    return [
        features.point(kind, *row)
        for kind, statement in (
            ("unit", _units(actor, root_id).where(Organisation.lon.is_not(None))),
            ("centre", _centres(actor, root_id)),
            ("building", _buildings(actor, root_id)),
        )
        for row in _rows(statement)
    ]


def _tiled_units(actor: Actor, root_id: int | None, tiles: schematic.Sheet | None) -> list[str]:
    """Every unit in the tile of its area, wherever it really is; units above leaves in none."""
    held: dict[int, list[_Row]] = {}
    for row in _rows(_units(actor, root_id)):
        if tiles is not None and row.area_id in tiles.tiles:
            held.setdefault(row.area_id, []).append(row)
    return [
        features.point(
            "unit", row.id, row.area_id, row.name_zh, row.name_en, lon, lat, row.category
        )
        for area_id, rows in held.items()
        if tiles is not None
        for row, (lon, lat) in zip(
            rows, schematic.slots(tiles.tiles[area_id], len(rows)), strict=True
        )
    ]


def _rows(statement: _Query) -> list[_Row]:
    with Reads() as session:
        return list(session.execute(statement).all())


def _sorted(rows: Iterable[_Row]) -> list[_Row]:
    return sorted(rows, key=lambda row: (row.level.depth, row.code))


def _areas(statement: _Query) -> pd.DataFrame:
    return _frame(_sorted(_rows(statement)), AREA_COLUMNS)


def _frame(rows: list[_Row], columns: tuple[str, ...]) -> pd.DataFrame:
    # Text columns stay objects: a missing name is None, which every screen tests for.
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(columns), dtype=object)
    return frame.astype({name: kind for name, kind in _TYPES.items() if name in columns})
