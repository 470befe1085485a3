"""Reads of estates and buildings as their editor shows them."""

import pandas as pd
from sqlalchemy import func, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Area, Building, CentreHousehold, Estate, EstateGrid
from lib.persistence.scope import reached, seen
from lib.queries.counters import reads

BUILDING_COLUMNS = (
    "building_id",
    "version",
    "label",
    "area_id",
    "area_zh",
    "area_en",
    "estate_id",
    "estate_zh",
    "estate_en",
    "households",
    "counted_on",
    "count_source",
    "lon",
    "lat",
    "centres",
)
ESTATE_COLUMNS = ("estate_id", "version", "name_zh", "name_en", "area_ids", "buildings")
"""`area_ids` is the frozenset of its grids that the actor sees; `buildings` counts what stands in
those."""

_VIEW = Permission.AREA_VIEW


@reads(Topic.STRUCTURE, Topic.AREAS)
def buildings(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """BUILDING_COLUMNS below the area, by grid, estate and number of the label."""
    centres = (
        select(func.count())
        .where(CentreHousehold.building_id == Building.id)
        .correlate(Building)
        .scalar_subquery()
    )
    statement = (
        select(
            Building.id,
            Building.version,
            Building.label,
            Building.area_id,
            Area.name_zh,
            Area.name_en,
            Building.estate_id,
            Estate.name_zh,
            Estate.name_en,
            Building.households,
            Building.counted_on,
            Building.count_source,
            Building.lon,
            Building.lat,
            centres,
        )
        .join(Area, Area.id == Building.area_id)
        .outerjoin(Estate, Estate.id == Building.estate_id)
        .where(seen(Building.area_id, actor, _VIEW, area_id))
        .order_by(
            Area.code, Estate.name_zh, func.length(Building.label), Building.label, Building.id
        )
    )
    with Reads() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    # Numbers stay objects: a missing estate is None, which the form tests for.
    return pd.DataFrame(rows, columns=list(BUILDING_COLUMNS), dtype=object)


@reads(Topic.STRUCTURE, Topic.AREAS)
def estates(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """ESTATE_COLUMNS of the estates that reach into the area, by name."""
    within = select(EstateGrid.estate_id).where(seen(EstateGrid.area_id, actor, _VIEW, area_id))
    reach = (
        select(Estate.id, Estate.version, Estate.name_zh, Estate.name_en, EstateGrid.area_id)
        .join(EstateGrid, EstateGrid.estate_id == Estate.id)
        .where(Estate.id.in_(within), reached(EstateGrid.area_id, actor, _VIEW))
        .order_by(Estate.name_zh, Estate.id)
    )
    counts = (
        select(Building.estate_id, func.count())
        .where(Building.estate_id.in_(within), reached(Building.area_id, actor, _VIEW))
        .group_by(Building.estate_id)
    )
    with Reads() as session:
        grids: dict[tuple[int, int, str, str | None], set[int]] = {}
        for number, version, zh, en, area in session.execute(reach):
            grids.setdefault((number, version, zh, en), set()).add(area)
        counted = dict(session.execute(counts).tuples().all())
    rows = [
        (*estate, frozenset(areas), counted.get(estate[0], 0)) for estate, areas in grids.items()
    ]
    return pd.DataFrame(rows, columns=list(ESTATE_COLUMNS), dtype=object)
