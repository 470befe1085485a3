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
# Features are written as text: thousands of dictionaries would cost three times as much.
_quote = json.JSONEncoder(ensure_ascii=False).encode
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
def shapes(actor: Actor, *, root_id: int | None) -> bytes:
    """The map's GeoJSON below `root_id`: leaves in map order, borders above them, points.

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
    leaves = sorted((row for row in rows if not row.inner), key=lambda row: row.code)
    features = [_shape("area", row) for row in leaves]
    features += [_shape("border", row) for row in _sorted(row for row in rows if row.inner)]
    points = [
        _point(kind, *row)
        for kind, statement in (
            ("unit", _units(actor, root_id)),
            ("centre", _centres(actor, root_id)),
            ("building", _buildings(actor, root_id)),
        )
        for row in _rows(statement)
    ]
    joined = ",".join([*features, *points])
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
            Organisation.lon.is_not(None),
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


def _shape(kind: str, row: _Row) -> str:
    at = "" if row.label_lon is None else f',"at":[{row.label_lon!r},{row.label_lat!r}]'
    properties = _properties(kind, row.name_zh, row.name_en, row.parent_id)
    properties += f',"level":"{row.level}"{at}'
    # Stored geometry is GeoJSON text already: reading and writing it again would be the cost.
    return _feature(row.id, properties, row.geometry or "null")


def _point(
    kind: str,
    number: int,
    area_id: int,
    name_zh: str,
    name_en: str | None,
    lon: float,
    lat: float,
    category: str,
) -> str:
    properties = _properties(kind, name_zh, name_en, area_id) + f',"category":"{category}"'
    return _feature(number, properties, f'{{"type":"Point","coordinates":[{lon!r},{lat!r}]}}')


def _properties(kind: str, name_zh: str, name_en: str | None, parent_id: int | None) -> str:
    english = f',"name_en":{_quote(name_en)}' if name_en else ""
    parent = "null" if parent_id is None else f'"{parent_id}"'
    return f'"kind":"{kind}","name_zh":{_quote(name_zh)}{english},"parent":{parent}'


def _feature(number: int, properties: str, geometry: str) -> str:
    return (
        f'{{"type":"Feature","id":"{number}","properties":{{{properties}}},"geometry":{geometry}}}'
    )


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
