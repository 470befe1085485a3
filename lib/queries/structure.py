"""Reads of the three-tier structure and of who holds a grid; vacancies are rows, not gaps."""

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Office, PostKind, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Appointment,
    Area,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Estate,
    EstateGrid,
    Person,
    Post,
)
from lib.persistence.scope import seen
from lib.queries.areas import valid_on
from lib.queries.counters import reads
from lib.queries.few import frame_for

TIER_COLUMNS = ("tier", "id", "parent_id", "name_zh", "name_en", "number", "person", "vacant")
POST_COLUMNS = ("kind", "person", "since", "vacant")
ESTATE_COLUMNS = ("estate_id", "name_zh", "name_en", "grids")
VACANCY_COLUMNS = ("kind", "area_id", "code", "name_zh", "name_en", "n")
SIZE_COLUMNS = ("households", "buildings", "branches", "groups", "centres", "centres_held")

VACANCIES = ("head", "worker", "secretary", "leader", "centre")
"""Kinds of vacancy, the widest responsibility first."""

_VIEW = Permission.AREA_VIEW


def offices() -> Subquery:
    """Every office: ``office``, ``office_id``, its grid ``area_id``, ``person_id`` who holds it."""
    group, centre = BuildingGroup, CentreHousehold
    return union_all(
        _office(Office.POST, Post.id, Post.area_id, Post.person_id),
        _office(Office.BRANCH, Branch.id, Branch.area_id, Branch.secretary_id),
        _office(Office.BUILDING_GROUP, group.id, Branch.area_id, group.leader_id).join(
            Branch, Branch.id == group.branch_id
        ),
        _office(Office.CENTRE_HOUSEHOLD, centre.id, Branch.area_id, centre.person_id)
        .join(group, group.id == centre.building_group_id)
        .join(Branch, Branch.id == group.branch_id),
    ).subquery()


def _office(
    office: Office,
    number: InstrumentedAttribute[int],
    area: InstrumentedAttribute[int],
    person: InstrumentedAttribute[int | None],
) -> Select[Office, int, int, int | None]:
    table = number.class_
    return select(
        literal(office, Appointment.office.type).label("office"),
        number.label("office_id"),
        area.label("area_id"),
        person.label("person_id"),
    ).select_from(table)


def held(office: Office, number: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether an appointment is the present one of the office in that column."""
    return and_(
        Appointment.office == office,
        Appointment.office_id == number,
        Appointment.ended_on.is_(None),
    )


def _holder(actor: Actor, area: InstrumentedAttribute[int]) -> SQLColumnExpression[str]:
    """The office holder's name as the actor may see it."""
    return name_for(actor, area)


@reads(Topic.STRUCTURE, Topic.AREAS, Topic.PEOPLE)
def tiers(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """TIER_COLUMNS of a grid: its branch, building groups and centre households, in order.

    `parent_id` is the id of the row's own upper tier; a centre household is named by its
    building and never by its holder, who is at home there.
    """
    within = seen(Branch.area_id, actor, _VIEW, area_id)
    holder = _holder(actor, Branch.area_id)
    branch = (
        select(Branch.id, Branch.name_zh, Branch.name_en, holder, Branch.secretary_id.is_(None))
        .outerjoin(Person, Person.id == Branch.secretary_id)
        .where(within)
        .order_by(Branch.id)
    )
    group = (
        select(
            BuildingGroup.id,
            BuildingGroup.branch_id,
            BuildingGroup.number,
            holder,
            BuildingGroup.leader_id.is_(None),
        )
        .join(Branch, Branch.id == BuildingGroup.branch_id)
        .outerjoin(Person, Person.id == BuildingGroup.leader_id)
        .where(within)
        .order_by(BuildingGroup.branch_id, BuildingGroup.number)
    )
    centre = (
        select(
            CentreHousehold.id,
            CentreHousehold.building_group_id,
            Building.label,
            CentreHousehold.person_id.is_(None),
        )
        .join(Building, Building.id == CentreHousehold.building_id)
        .join(BuildingGroup, BuildingGroup.id == CentreHousehold.building_group_id)
        .join(Branch, Branch.id == BuildingGroup.branch_id)
        .where(within)
        .order_by(CentreHousehold.building_group_id, CentreHousehold.id)
    )
    with Reads() as session:
        rows: list[tuple[object, ...]] = [
            ("branch", i, None, zh, en, None, person or "", bool(vacant))
            for i, zh, en, person, vacant in session.execute(branch)
        ]
        rows += [
            ("group", i, parent, "", None, number, person or "", bool(vacant))
            for i, parent, number, person, vacant in session.execute(group)
        ]
        rows += [
            ("centre", i, parent, label, None, None, "", bool(vacant))
            for i, parent, label, vacant in session.execute(centre)
        ]
    return pd.DataFrame(rows, columns=list(TIER_COLUMNS))


@reads(Topic.STRUCTURE, Topic.PEOPLE)
def posts(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """POST_COLUMNS of one grid: its head first, then its workers."""
    statement = (
        select(Post.kind, _holder(actor, Post.area_id), Appointment.since, Post.person_id.is_(None))
        .outerjoin(Person, Person.id == Post.person_id)
        .outerjoin(Appointment, held(Office.POST, Post.id))
        .where(seen(Post.area_id, actor, _VIEW, None), Post.area_id == area_id)
        .order_by(Post.kind, Post.id)
    )
    with Reads() as session:
        rows = [(k, p or "", s, bool(v)) for k, p, s, v in session.execute(statement)]
    return pd.DataFrame(rows, columns=list(POST_COLUMNS))


@reads(Topic.AREAS, Topic.STRUCTURE)
def estates(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """ESTATE_COLUMNS of the estates that reach into the area, by name."""
    reach = select(EstateGrid.estate_id).where(seen(EstateGrid.area_id, actor, _VIEW, area_id))
    statement = (
        select(Estate.id, Estate.name_zh, Estate.name_en, func.count())
        .join(EstateGrid, EstateGrid.estate_id == Estate.id)
        .where(Estate.id.in_(reach))
        .group_by(Estate.id, Estate.name_zh, Estate.name_en)
        .order_by(Estate.name_zh)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(ESTATE_COLUMNS))


@reads(Topic.STRUCTURE, Topic.AREAS)
def size(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """One row of SIZE_COLUMNS: households and tiers below the area."""
    homes = select(func.coalesce(func.sum(Building.households), 0), func.count()).where(
        seen(Building.area_id, actor, _VIEW, area_id)
    )
    within = seen(Branch.area_id, actor, _VIEW, area_id)
    branches = select(func.count(Branch.id)).where(within)
    groups = select(func.count(BuildingGroup.id)).join(Branch).where(within)
    centres = (
        select(func.count(CentreHousehold.id), func.count(CentreHousehold.person_id))
        .join(BuildingGroup)
        .join(Branch)
        .where(within)
    )
    with Reads() as session:
        row = (
            *session.execute(homes).one(),
            session.scalar(branches),
            session.scalar(groups),
            *session.execute(centres).one(),
        )
    frame = pd.DataFrame([tuple(int(n or 0) for n in row)], columns=list(SIZE_COLUMNS))
    return frame_for(actor, area_id, frame, "households")


@reads(Topic.STRUCTURE, Topic.AREAS)
def vacancies(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """VACANCY_COLUMNS: how many offices of each kind nobody holds, by grid that is open today."""

    def count(
        kind: str, area: InstrumentedAttribute[int], *vacant: ColumnElement[bool]
    ) -> Select[str, int, int]:
        return (
            select(literal(kind).label("kind"), area.label("area_id"), func.count().label("n"))
            .where(and_(*vacant), seen(area, actor, _VIEW, area_id))
            .group_by(area)
        )

    of_branch = BuildingGroup.branch_id == Branch.id
    of_group = CentreHousehold.building_group_id == BuildingGroup.id
    nobody = Post.person_id.is_(None)
    found = union_all(
        count("head", Post.area_id, nobody, Post.kind == PostKind.HEAD),
        count("worker", Post.area_id, nobody, Post.kind == PostKind.WORKER),
        count("secretary", Branch.area_id, Branch.secretary_id.is_(None)),
        count("leader", Branch.area_id, of_branch, BuildingGroup.leader_id.is_(None)),
        count("centre", Branch.area_id, of_branch, of_group, CentreHousehold.person_id.is_(None)),
    ).subquery()
    statement = (
        select(found.c.kind, Area.id, Area.code, Area.name_zh, Area.name_en, found.c.n)
        .join(Area, Area.id == found.c.area_id)
        .where(valid_on(None))
        .order_by(Area.code)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(VACANCY_COLUMNS))
