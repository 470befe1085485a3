"""The offices of a grid one by one, the terms they were held in, and who could take them.

Reads only; how many offices are vacant where is counted in `lib.queries.structure`.
"""

import pandas as pd
from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import Level, Office, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Appointment,
    Area,
    AreaLink,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Person,
    Post,
)
from lib.persistence.scope import reached, seen
from lib.queries.counters import reads
from lib.queries.structure import held, offices

OFFICE_COLUMNS = (
    "office",
    "office_id",
    "upper_id",
    "version",
    "kind",
    "name_zh",
    "name_en",
    "number",
    "appointment_id",
    "person",
    "since",
    "until",
)
"""`upper_id` is the branch of a group, the group of a centre household; `version` a branch's;
`kind` a post's. `name_…` is the branch's, or the label of a centre household's building.
`appointment_id` is None for a vacancy; `person` is empty where the actor may not edit."""

TERM_COLUMNS = ("appointment_id", "person", "since", "until", "ended_on")

TAKER_COLUMNS = ("person_id", "name", "area_zh", "area_en", "here")
"""`here` tells whether the person lives or serves in the grid itself."""

GRID_COLUMNS = (
    "area_id",
    "code",
    "name_zh",
    "name_en",
    "branches",
    "groups",
    "centres",
    "posts",
    "vacant",
)

_VIEW = Permission.AREA_VIEW


def _names(actor: Actor) -> SQLColumnExpression[str]:
    # A centre household is somebody's home: its holder is named to those who keep the structure.
    return case(
        (reached(Appointment.area_id, actor, Permission.STRUCTURE_EDIT), Person.name), else_=""
    )


@reads(Topic.STRUCTURE, Topic.AREAS, Topic.PEOPLE)
def of_grid(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """OFFICE_COLUMNS of the grid: its posts (head first), branch, groups and centre households."""
    term = (Appointment.id, _names(actor), Appointment.since, Appointment.until)

    def present(office: Office, number: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return held(office, number)

    within = and_(Branch.area_id == area_id, seen(Branch.area_id, actor, _VIEW, None))
    posts = (
        select(Post.id, Post.kind, *term)
        .outerjoin(Appointment, present(Office.POST, Post.id))
        .outerjoin(Person, Person.id == Appointment.person_id)
        .where(Post.area_id == area_id, seen(Post.area_id, actor, _VIEW, None))
        .order_by(Post.kind, Post.id)
    )
    branches = (
        select(Branch.id, Branch.version, Branch.name_zh, Branch.name_en, *term)
        .outerjoin(Appointment, present(Office.BRANCH, Branch.id))
        .outerjoin(Person, Person.id == Appointment.person_id)
        .where(within)
    )
    groups = (
        select(BuildingGroup.id, BuildingGroup.branch_id, BuildingGroup.number, *term)
        .join(Branch, Branch.id == BuildingGroup.branch_id)
        .outerjoin(Appointment, present(Office.BUILDING_GROUP, BuildingGroup.id))
        .outerjoin(Person, Person.id == Appointment.person_id)
        .where(within)
        .order_by(BuildingGroup.number)
    )
    centres = (
        select(CentreHousehold.id, CentreHousehold.building_group_id, Building.label, *term)
        .join(Building, Building.id == CentreHousehold.building_id)
        .join(BuildingGroup, BuildingGroup.id == CentreHousehold.building_group_id)
        .join(Branch, Branch.id == BuildingGroup.branch_id)
        .outerjoin(Appointment, present(Office.CENTRE_HOUSEHOLD, CentreHousehold.id))
        .outerjoin(Person, Person.id == Appointment.person_id)
        .where(within)
        .order_by(CentreHousehold.building_group_id, CentreHousehold.id)
    )
    with Reads() as session:
        rows: list[tuple[object, ...]] = [
            (Office.POST, number, None, None, kind, "", None, None, *rest)
            for number, kind, *rest in session.execute(posts)
        ]
        rows += [
            (Office.BRANCH, number, None, version, None, zh, en, None, *rest)
            for number, version, zh, en, *rest in session.execute(branches)
        ]
        rows += [
            (Office.BUILDING_GROUP, number, upper, None, None, "", None, count, *rest)
            for number, upper, count, *rest in session.execute(groups)
        ]
        rows += [
            (Office.CENTRE_HOUSEHOLD, number, upper, None, None, label, None, None, *rest)
            for number, upper, label, *rest in session.execute(centres)
        ]
    # Dates and numbers stay objects: a missing one is None, which the screen tests for.
    return pd.DataFrame(rows, columns=list(OFFICE_COLUMNS), dtype=object)


@reads(Topic.STRUCTURE, Topic.AREAS, Topic.PEOPLE)
def terms(actor: Actor, *, office: Office, office_id: int) -> pd.DataFrame:
    """TERM_COLUMNS of one office, the latest first."""
    statement = (
        select(
            Appointment.id,
            _names(actor),
            Appointment.since,
            Appointment.until,
            Appointment.ended_on,
        )
        .join(Person, Person.id == Appointment.person_id)
        .where(
            Appointment.office == office,
            Appointment.office_id == office_id,
            seen(Appointment.area_id, actor, _VIEW, None),
        )
        .order_by(Appointment.id.desc())
    )
    with Reads() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    return pd.DataFrame(rows, columns=list(TERM_COLUMNS), dtype=object)


@reads(Topic.PEOPLE, Topic.AREAS)
def takers(actor: Actor, *, text: str, area_id: int, limit: int = 20) -> pd.DataFrame:
    """TAKER_COLUMNS of people who could take an office of the grid, its own people first.

    Their names hold the text; they belong to the grid's street, as far as the actor may edit the
    structure.
    """
    wanted = line(text)
    if not wanted:
        return pd.DataFrame(columns=list(TAKER_COLUMNS))
    above, beneath, street = aliased(AreaLink), aliased(AreaLink), aliased(Area)
    streets = (
        select(beneath.descendant_id)
        .join(above, above.ancestor_id == beneath.ancestor_id)
        .join(street, street.id == above.ancestor_id)
    )
    within = streets.where(above.descendant_id == area_id, street.level == Level.STREET)
    anywhere = streets.where(above.descendant_id == area_id)
    has_street = exists(within)
    statement = (
        select(Person.id, Person.name, Area.name_zh, Area.name_en, Person.area_id == area_id)
        .join(Area, Area.id == Person.area_id)
        .where(
            Person.name.contains(wanted, autoescape=True),
            or_(Person.area_id.in_(within), and_(~has_street, Person.area_id.in_(anywhere))),
            reached(Person.area_id, actor, Permission.STRUCTURE_EDIT),
        )
        .order_by((Person.area_id == area_id).desc(), func.length(Person.name), Person.id)
        .limit(limit)
    )
    with Reads() as session:
        rows = [(*row[:4], bool(row[4])) for row in session.execute(statement)]
    return pd.DataFrame(rows, columns=list(TAKER_COLUMNS), dtype=object)


@reads(Topic.STRUCTURE, Topic.AREAS)
def by_grid(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """GRID_COLUMNS of the areas that have offices below the area, by code; `vacant` of them all."""
    every = offices()

    def count(office: Office) -> ColumnElement[int]:
        return func.sum(case((every.c.office == office, 1), else_=0))

    statement = (
        select(
            Area.id,
            Area.code,
            Area.name_zh,
            Area.name_en,
            count(Office.BRANCH),
            count(Office.BUILDING_GROUP),
            count(Office.CENTRE_HOUSEHOLD),
            count(Office.POST),
            func.count() - func.count(every.c.person_id),
        )
        .join(every, every.c.area_id == Area.id)
        .where(seen(Area.id, actor, _VIEW, area_id))
        .group_by(Area.id, Area.code, Area.name_zh, Area.name_en)
        .order_by(Area.code)
    )
    with Reads() as session:
        rows = [
            (*row[:4], *(int(n or 0) for n in row[4:])) for row in session.execute(statement).all()
        ]
    return pd.DataFrame(rows, columns=list(GRID_COLUMNS))
