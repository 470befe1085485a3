"""The tree as its editor shows it: every area below a place, closed ones too, with who holds it.

Reads only; `lib.queries.areas` serves the other screens, which know no closed areas.
"""

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import PostKind, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Appointment,
    Area,
    Branch,
    Building,
    Person,
    Post,
    Service,
)
from lib.persistence.scope import reached, seen
from lib.queries.counters import reads

OUTLINE_COLUMNS = (
    "area_id",
    "version",
    "parent_id",
    "depth",
    "code",
    "level",
    "name_zh",
    "name_en",
    "level_label_zh",
    "level_label_en",
    "valid_from",
    "valid_until",
    "head",
    "secretary",
    "buildings",
    "households",
)
"""`depth` is 0 at the top of what is shown; `head` and `secretary` are the grid's, None where the
office is vacant or not set up, empty where the actor may not read names; `buildings` and
`households` are of the area and the areas shown below it."""

STANDING_COLUMNS = ("children", "offices", "buildings", "services")

_VIEW = Permission.AREA_VIEW
_Row = Row[*tuple[Any, ...]]


@reads(Topic.AREAS, Topic.STRUCTURE, Topic.PEOPLE)
def outline(actor: Actor, *, area_id: int | None, closed: bool = False) -> pd.DataFrame:
    """OUTLINE_COLUMNS of the area and all below it, each after the one above, siblings by code.

    `area_id` None shows all that the actor sees; with `closed` also areas that are no longer, or
    not yet, in force.
    """
    statement = _areas(actor).where(seen(Area.id, actor, _VIEW, area_id))
    if not closed:
        lasting = or_(Area.valid_until.is_(None), Area.valid_until >= today())
        statement = statement.where(and_(lasting, Area.valid_from <= today()))
    with Reads() as session:
        rows = {row.id: row for row in session.execute(statement)}
    beneath: dict[int | None, list[_Row]] = {}
    for row in sorted(rows.values(), key=lambda row: (row.level.depth, row.code), reverse=True):
        beneath.setdefault(row.parent_id if row.parent_id in rows else None, []).append(row)
    found: list[tuple[Any, ...]] = []
    waiting = [(0, row) for row in beneath.get(None, [])]
    while waiting:
        depth, row = waiting.pop()
        number, version, parent, *rest = row
        found.append((number, version, parent, depth, *rest))
        waiting += [(depth + 1, one) for one in beneath.get(number, [])]
    frame = _frame(found)
    for name in ("buildings", "households"):
        frame[name] = _summed(frame, name)
    return frame


def _summed(frame: pd.DataFrame, name: str) -> list[int]:
    """A column with what stands below added to what stands above, which comes first."""
    sums = dict(zip(frame["area_id"], frame[name], strict=True))
    for number, above in zip(frame["area_id"][::-1], frame["parent_id"][::-1], strict=True):
        if above in sums:
            sums[above] += sums[number]
    return [int(sums[number]) for number in frame["area_id"]]


@reads(Topic.AREAS, Topic.STRUCTURE, Topic.PEOPLE)
def one(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """OUTLINE_COLUMNS of the area alone, open or closed, or no row; its `depth` is 0."""
    statement = _areas(actor).where(Area.id == area_id, reached(Area.id, actor, _VIEW))
    with Reads() as session:
        rows = [(*row[:3], 0, *row[3:]) for row in session.execute(statement)]
    return _frame(rows)


@reads(Topic.AREAS, Topic.STRUCTURE, Topic.SERVICE)
def standing(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """One row of STANDING_COLUMNS: what an area that is to be closed still holds.

    Open areas directly below it; offices held, buildings and service records of its own.
    """
    lasting = or_(Area.valid_until.is_(None), Area.valid_until >= today())
    within = reached(Area.id, actor, _VIEW)
    held = reached(Appointment.area_id, actor, _VIEW)
    counts = (
        select(func.count()).where(Area.parent_id == area_id, lasting, within),
        select(func.count()).where(
            Appointment.area_id == area_id, Appointment.ended_on.is_(None), held
        ),
        select(func.count()).where(
            Building.area_id == area_id, reached(Building.area_id, actor, _VIEW)
        ),
        select(func.count()).where(
            Service.area_id == area_id, reached(Service.area_id, actor, _VIEW)
        ),
    )
    with Reads() as session:
        row = tuple(session.scalar(count) or 0 for count in counts)
    return pd.DataFrame([row], columns=list(STANDING_COLUMNS))


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(OUTLINE_COLUMNS), dtype=object)
    whole = ("area_id", "version", "depth", "buildings", "households")
    return frame.astype(dict.fromkeys(whole, "int64"))


def _areas(actor: Actor) -> Select[*tuple[Any, ...]]:
    head, secretary = aliased(Person), aliased(Person)
    own = (
        select(
            Building.area_id,
            func.count().label("buildings"),
            func.sum(Building.households).label("households"),
        )
        .group_by(Building.area_id)
        .subquery()
    )
    # Nothing in the database keeps a grid from two posts of head; the first counts.
    heads = (
        select(Post.area_id, func.min(Post.id).label("id"))
        .where(Post.kind == PostKind.HEAD)
        .group_by(Post.area_id)
        .subquery()
    )

    def name(person: type[Person]) -> ColumnElement[str | None]:
        return case((person.id.is_(None), None), else_=name_for(actor, Area.id, person))

    return (
        select(
            Area.id,
            Area.version,
            Area.parent_id,
            Area.code,
            Area.level,
            Area.name_zh,
            Area.name_en,
            Area.level_label_zh,
            Area.level_label_en,
            Area.valid_from,
            Area.valid_until,
            name(head),
            name(secretary),
            func.coalesce(own.c.buildings, 0),
            func.coalesce(own.c.households, 0),
        )
        .outerjoin(heads, heads.c.area_id == Area.id)
        .outerjoin(Post, Post.id == heads.c.id)
        .outerjoin(head, head.id == Post.person_id)
        .outerjoin(Branch, Branch.area_id == Area.id)
        .outerjoin(secretary, secretary.id == Branch.secretary_id)
        .outerjoin(own, own.c.area_id == Area.id)
    )
