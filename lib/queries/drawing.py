"""What the drawing screen needs: an area's boundary, its earlier ones, the picture to draw over.

Reads only, for those who may edit the area.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from sqlalchemy import select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.geo.placing import Pin
from lib.persistence.engine import Reads
from lib.persistence.models import Area, AreaBoundary, AreaLink, AreaPicture, Organisation
from lib.persistence.scope import reached, seen
from lib.queries.areas import valid_on
from lib.queries.counters import reads

CHILD_COLUMNS = ("area_id", "version", "code", "level", "name_zh", "name_en", "drawn")
EARLIER_COLUMNS = ("boundary_id", "replaced_at")
PLACE_COLUMNS = ("kind", "id", "name_zh", "name_en", "lon", "lat")

_EDIT = Permission.AREA_EDIT


@dataclass(frozen=True)
class Kept:
    """A picture kept for an area: `url` shows it as it is, `turned_url` north up once placed.

    `bounds` are ((south, west), (north, east)), degrees WGS-84.
    """

    area_id: int
    file_name: str
    width: int
    height: int
    digest: str
    url: str
    pins: tuple[Pin, Pin] | None
    turned_url: str | None
    bounds: tuple[tuple[float, float], tuple[float, float]] | None


@reads(Topic.AREAS)
def drawable(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """The area and those directly below it, itself first, then by code; columns CHILD_COLUMNS.

    `drawn` says whether it has a boundary. No row where the actor may not edit them.
    """
    statement = select(
        Area.id,
        Area.version,
        Area.code,
        Area.level,
        Area.name_zh,
        Area.name_en,
        Area.west.is_not(None),
    ).where(
        (Area.id == area_id) | (Area.parent_id == area_id),
        valid_on(None),
        reached(Area.id, actor, _EDIT),
    )
    with Reads() as session:
        rows = sorted(session.execute(statement), key=lambda row: (row.level.depth, row.code))
    return pd.DataFrame([tuple(row) for row in rows], columns=list(CHILD_COLUMNS), dtype=object)


@reads(Topic.AREAS)
def boundary(actor: Actor, *, area_id: int) -> str | None:
    """The area's boundary as GeoJSON text; None without one or beyond the actor's reach."""
    with Reads() as session:
        found: str | None = session.scalar(
            select(Area.geometry).where(Area.id == area_id, reached(Area.id, actor, _EDIT))
        )
    return found


@reads(Topic.AREAS)
def earlier(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """The earlier boundaries of the area, the latest first; columns EARLIER_COLUMNS."""
    statement = (
        select(AreaBoundary.id, AreaBoundary.replaced_at)
        .where(AreaBoundary.area_id == area_id, reached(AreaBoundary.area_id, actor, _EDIT))
        .order_by(AreaBoundary.id.desc())
    )
    with Reads() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    return pd.DataFrame(rows, columns=list(EARLIER_COLUMNS), dtype=object)


@reads(Topic.AREAS, Topic.UNITS)
def known_places(actor: Actor, *, root_id: int | None) -> pd.DataFrame:
    """Areas with a boundary and units with a position below `root_id`; columns PLACE_COLUMNS.

    `kind` is ``area`` or ``unit``; the place of an area is a point inside it.
    """
    places = select(Area.id, Area.name_zh, Area.name_en, Area.label_lon, Area.label_lat).where(
        Area.label_lon.is_not(None),
        valid_on(None),
        seen(Area.id, actor, Permission.AREA_VIEW, root_id),
    )
    units = select(
        Organisation.id,
        Organisation.name_zh,
        Organisation.name_en,
        Organisation.lon,
        Organisation.lat,
    ).where(
        Organisation.lon.is_not(None),
        Organisation.closed_on.is_(None),
        seen(Organisation.area_id, actor, Permission.UNIT_VIEW, root_id),
    )
    with Reads() as session:
        rows = [
            (kind, *row)
            for kind, statement in (("unit", units), ("area", places))
            for row in session.execute(statement)
        ]
    return pd.DataFrame(rows, columns=list(PLACE_COLUMNS), dtype=object)


@reads(Topic.AREAS)
def picture(actor: Actor, *, area_id: int) -> Kept | None:
    """The picture of the area, or else of the nearest area above that has one."""
    depth = select(AreaLink.ancestor_id).where(AreaLink.descendant_id == area_id)
    statement = (
        select(
            AreaPicture.area_id,
            AreaPicture.file_name,
            AreaPicture.width,
            AreaPicture.height,
            AreaPicture.digest,
            AreaPicture.pins,
            AreaPicture.turned_digest,
            AreaPicture.south,
            AreaPicture.west,
            AreaPicture.north,
            AreaPicture.east,
            Area.level,
        )
        .join(Area, Area.id == AreaPicture.area_id)
        .where(AreaPicture.area_id.in_(depth), reached(AreaPicture.area_id, actor, _EDIT))
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    if not rows:
        return None
    row = max(rows, key=lambda one: one.level.depth)
    one, other = (Pin(*pin) for pin in row.pins) if row.pins else (None, None)
    placed = row.turned_digest is not None
    return Kept(
        area_id=row.area_id,
        file_name=row.file_name,
        width=row.width,
        height=row.height,
        digest=row.digest,
        url=f"/map/picture/{row.area_id}/plain-{row.digest}.webp",
        pins=None if one is None or other is None else (one, other),
        turned_url=f"/map/picture/{row.area_id}/turned-{row.turned_digest}.webp"
        if placed
        else None,
        bounds=((row.south, row.west), (row.north, row.east)) if placed else None,
    )


def picture_file(
    actor: Actor, *, area_id: int, kind: Literal["plain", "turned"]
) -> tuple[str, bytes] | None:
    """The digest and the WebP of an area's picture; None where the actor may not draw there."""
    columns = (
        (AreaPicture.digest, AreaPicture.picture)
        if kind == "plain"
        else (AreaPicture.turned_digest, AreaPicture.turned)
    )
    statement = select(*columns).where(
        AreaPicture.area_id == area_id, reached(AreaPicture.area_id, actor, _EDIT)
    )
    with Reads() as session:
        row = session.execute(statement).first()
    return None if row is None or row[1] is None else (str(row[0]), bytes(row[1]))
