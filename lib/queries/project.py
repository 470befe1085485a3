"""Reads of the project library: what can be claimed, and how far each project has come.

Progress is counted from the claims; a claim whose promised day has passed holds no place.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from lib.domain.calendar import over
from lib.domain.claims import HOLDING, LEASED, STANDING
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimState, ProjectState, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    Area,
    AreaLink,
    Claim,
    Need,
    Person,
    Project,
    ProjectSkill,
    ProjectStep,
    VolunteerProfile,
)
from lib.persistence.scope import around, below, reached
from lib.queries.counters import reads
from lib.queries.service import STEP_COLUMNS

PROJECT_COLUMNS = (
    "project_id",
    "version",
    "state",
    "title",
    "words",
    "kind",
    "beneficiary",
    "entry",
    "brings",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "place",
    "collective",
    "capacity",
    "opens_on",
    "first_day",
    "last_day",
    "starts_at",
    "ends_at",
    "reason",
    "editable",
    "taken",
    "waiting",
    "served",
    "confirmed",
    "own",
    "micro_wish",
    "skills",
    "distance_m",
)
"""`taken`, `waiting`, `served` and `confirmed` count claims; `own` says that this actor in person
stands in the project, `editable` that the actor may publish or end it. `skills` is a tuple
of values of `Skill`, `distance_m` is known where the library is read near some place."""

_READ = PROJECT_COLUMNS[:-2]
METRES_A_DEGREE = 111_320
"""Of latitude; a street is small enough for a plane."""

_VIEW = Permission.PROJECT_VIEW


class Order(StrEnum):
    """How the library is sorted; `NEAREST` needs a place to be near to."""

    ENDING = "ending"
    NEWEST = "newest"
    NEAREST = "nearest"


@dataclass(frozen=True)
class Near:
    """Not farther than so many metres from the middle of an area, or offered to all round it."""

    area_id: int
    metres: int


@dataclass(frozen=True)
class Wanted:
    """Which projects of the library are looked for.

    `on` is a local day on which it can be done, `published` the first and last day of publishing.
    """

    kind: str | None = None
    skill: str | None = None
    entry: str | None = None
    beneficiary: str | None = None
    brings: str | None = None
    on: date | None = None
    micro_wish: bool = False
    near: Near | None = None
    published: tuple[date, date] | None = None


ANY = Wanted()


@reads(Topic.PROJECT, Topic.AREAS)
def library(
    actor: Actor,
    *,
    area_id: int | None,
    day: date,
    states: tuple[ProjectState, ...] = (ProjectState.PUBLISHED,),
    wanted: Wanted = ANY,
    order: Order = Order.ENDING,
    after: tuple[Any, int] | None = None,
    limit: int | None = 20,
) -> pd.DataFrame:
    """PROJECT_COLUMNS of projects in the area or offered to all of it, soonest ending first.

    `day` is the present day, by which leases end. A published project is over with its last day,
    and with the confirmation of its last place: from then on it is listed among the closed ones.
    With ``wanted.near`` the areas round that place stand in the stead of `area_id`. `after` is
    `position` of the last row of the page before: a page costs the same however many there are.
    """
    distances = _distances(wanted.near) if wanted.near else None
    conditions = _looked_for(actor, area_id, day, states, wanted, distances)
    # First which, then all about them: else the counts would be made of every project sorted.
    if order is Order.NEAREST and distances:
        page = _nearest(conditions, distances, after, limit)
    else:
        page = _in_order(conditions, order, after, limit)
    return _frame(_rows(actor, day).where(Project.id.in_(page)), page, distances)


@reads(Topic.PROJECT, Topic.AREAS)
def by_area(
    actor: Actor,
    *,
    area_id: int | None,
    day: date,
    states: tuple[ProjectState, ...] = (ProjectState.PUBLISHED,),
    wanted: Wanted = ANY,
) -> pd.DataFrame:
    """Columns area_id and projects: how many of `library` there are in each area."""
    distances = _distances(wanted.near) if wanted.near else None
    statement = (
        select(Project.area_id, func.count())
        .where(*_looked_for(actor, area_id, day, states, wanted, distances))
        .group_by(Project.area_id)
        .order_by(Project.area_id)
    )
    with Reads() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    return pd.DataFrame(rows, columns=["area_id", "projects"])


@reads(Topic.PEOPLE)
def home(actor: Actor) -> int | None:
    """The grid where the actor's person lives, as far as it is known."""
    statement = (
        select(func.coalesce(VolunteerProfile.home_area_id, Person.area_id))
        .select_from(Person)
        .outerjoin(VolunteerProfile, VolunteerProfile.person_id == Person.id)
        .where(Person.id == (actor.person_id or 0))
    )
    with Reads() as session:
        return session.scalar(statement)


def position(row: Any, order: Order) -> tuple[Any, int]:  # noqa: ANN401 - a row of `library`
    """Where the next page begins after this row."""
    first = {
        Order.ENDING: row["last_day"],
        Order.NEWEST: int(row["project_id"]),
        Order.NEAREST: row["distance_m"],
    }[order]
    return first, int(row["project_id"])


def _in_order(
    conditions: list[ColumnElement[bool]],
    order: Order,
    after: tuple[Any, int] | None,
    limit: int | None,
) -> list[int]:
    down = order is Order.NEWEST
    key = [Project.id, Project.id] if down else [Project.last_day, Project.id]
    begins: list[ColumnElement[bool]] = []
    if after is not None:
        # Said plainly, an index begins where the page does; a comparison of pairs reads up to it.
        begins.append(key[0] <= after[0] if down else key[0] >= after[0])
        begins.append(tuple_(*key) < after if down else tuple_(*key) > after)
    ways = [one.desc() for one in key] if down else key
    numbers = select(Project.id).where(*conditions, *begins).order_by(*ways).limit(limit)
    with Reads() as session:
        return list(session.scalars(numbers))


def _nearest(
    conditions: list[ColumnElement[bool]],
    distances: Mapping[int, int],
    after: tuple[Any, int] | None,
    limit: int | None,
) -> list[int]:
    """The page, nearest first: ring by ring outwards, each time as many areas as before together.

    Sorting them all by distance would cost more with every project farther out.
    """
    rings: dict[int, list[int]] = {}
    for area_id, metres in distances.items():
        rings.setdefault(metres, []).append(area_id)
    to_come = sorted(metres for metres in rings if after is None or metres >= after[0])
    found: list[int] = []
    together = 1
    with Reads() as session:
        while to_come and (limit is None or len(found) < limit):
            ring, to_come = to_come[:together], to_come[together:]
            together *= 2
            near = {area_id: metres for metres in ring for area_id in rings[metres]}
            away = case(near, value=Project.area_id)
            begins = [] if after is None else [tuple_(away, Project.id) > after]
            numbers = (
                select(Project.id)
                .where(Project.area_id.in_(list(near)), *conditions, *begins)
                .order_by(away, Project.id)
                .limit(None if limit is None else limit - len(found))
            )
            found += session.scalars(numbers)
    return found


def _looked_for(
    actor: Actor,
    area_id: int | None,
    day: date,
    states: tuple[ProjectState, ...],
    wanted: Wanted,
    distances: Mapping[int, int] | None,
) -> list[ColumnElement[bool]]:
    where = or_(below(Project.area_id, area_id), _above(area_id))
    conditions = [
        _visible(actor),
        where if distances is None else Project.area_id.in_(list(distances)),
        _in_states(states, day),
    ]
    for name in ("kind", "entry", "beneficiary", "brings"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(getattr(Project, name) == value)
    if wanted.on is not None:
        conditions += [Project.first_day <= wanted.on, Project.last_day >= wanted.on]
    if wanted.skill is not None:
        asked = (ProjectSkill.project_id == Project.id, ProjectSkill.skill == wanted.skill)
        conditions.append(exists().where(*asked))
    if wanted.published is not None:
        first, last = wanted.published
        conditions += [
            Project.published_at >= over(first - timedelta(days=1)),
            Project.published_at < over(last),
        ]
    if wanted.micro_wish:
        conditions.append(_micro_wish())
    return conditions


def _in_states(states: tuple[ProjectState, ...], day: date) -> ColumnElement[bool]:
    """Whether a project is listed under one of the states, as it stands on the day."""
    published = Project.state == ProjectState.PUBLISHED
    open_ = and_(published, Project.last_day >= day, ~_all_confirmed())
    if states == (ProjectState.PUBLISHED,):
        return open_
    ended = or_(Project.last_day < day, _all_confirmed())
    plain = [state for state in states if state is not ProjectState.PUBLISHED]
    ways: list[ColumnElement[bool]] = [Project.state.in_(plain)]
    if ProjectState.PUBLISHED in states:
        ways.append(open_)
    if ProjectState.CLOSED in states:
        ways.append(and_(published, ended))
    return or_(*ways)


def _all_confirmed() -> ColumnElement[bool]:
    """Whether nothing of a project is left to be done: every place is confirmed."""
    confirmed: ColumnElement[int] = _count(Claim.state == ClaimState.CONFIRMED)
    return confirmed >= Project.capacity


def _micro_wish() -> ColumnElement[bool]:
    return exists().where(Need.project_id == Project.id, Need.micro_wish)


def _distances(near: Near) -> dict[int, int]:
    """Metres from the middle of an area to that of every area round it; what holds it is at 0.

    Only areas that have a label point; straight lines.
    """
    with Reads() as session:
        spot = session.execute(
            select(Area.label_lon, Area.label_lat).where(Area.id == near.area_id)
        ).one_or_none()
        above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id == near.area_id)
        found = dict.fromkeys(session.scalars(above), 0)
        if spot is None or spot.label_lon is None:
            return found
        lat = near.metres / METRES_A_DEGREE
        lon = lat / math.cos(math.radians(spot.label_lat))
        boxed = select(Area.id, Area.label_lon, Area.label_lat).where(
            Area.label_lon.between(spot.label_lon - lon, spot.label_lon + lon),
            Area.label_lat.between(spot.label_lat - lat, spot.label_lat + lat),
        )
        for number, east, north in session.execute(boxed):
            metres = math.hypot((east - spot.label_lon) * lat / lon, north - spot.label_lat)
            if metres * METRES_A_DEGREE <= near.metres:
                found.setdefault(number, round(metres * METRES_A_DEGREE))
    return found


@reads(Topic.PROJECT, Topic.AREAS)
def project(actor: Actor, *, project_id: int, day: date) -> pd.DataFrame:
    """One row of PROJECT_COLUMNS, none when there is no such project within the actor's sight."""
    rows = _rows(actor, day).where(Project.id == project_id, _visible(actor))
    return _frame(rows, [project_id], None)


@reads(Topic.PROJECT, Topic.AREAS)
def steps(actor: Actor, *, project_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one project within the actor's sight, oldest first."""
    by = aliased(Account)
    statement = (
        select(
            ProjectStep.action,
            ProjectStep.target,
            ProjectStep.at,
            by.display_zh,
            by.display_en,
            func.coalesce(ProjectStep.reason, ""),
        )
        .join(Project, Project.id == ProjectStep.project_id)
        .join(by, by.id == ProjectStep.account_id)
        .where(ProjectStep.project_id == project_id, _visible(actor))
        .order_by(ProjectStep.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STEP_COLUMNS))


def _frame(
    statement: Select[*tuple[Any, ...]],
    page: Sequence[int],
    distances: Mapping[int, int] | None,
) -> pd.DataFrame:
    """The rows in the order of `page`, with the skills of each and how far it is."""
    asked = select(ProjectSkill.project_id, ProjectSkill.skill).where(
        ProjectSkill.project_id.in_(page)
    )
    skills: dict[int, tuple[str, ...]] = {}
    with Reads() as session:
        rows = {row[0]: tuple(row) for row in session.execute(statement)} if page else {}
        if page:
            for number, skill in session.execute(asked.order_by(ProjectSkill.skill)):
                skills[number] = (*skills.get(number, ()), skill.value)
    found = [rows[number] for number in page if number in rows]
    frame = pd.DataFrame(found, columns=list(_READ))
    for name in ("editable", "own", "micro_wish"):
        frame[name] = frame[name].astype(bool)
    frame["skills"] = pd.Series([skills.get(row[0], ()) for row in found], dtype=object)
    metres = [(distances or {}).get(area) for area in frame["area_id"]]
    frame["distance_m"] = pd.Series(metres, dtype="float64")
    return frame[list(PROJECT_COLUMNS)]


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Drafts are seen by those who may publish them."""
    own_draft = reached(Project.area_id, actor, Permission.PROJECT_EDIT)
    seen = around(Project.area_id, actor, _VIEW)
    return and_(seen, or_(Project.state != ProjectState.DRAFT, own_draft))


def _above(area_id: int | None) -> ColumnElement[bool]:
    if area_id is None:
        return true()
    above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id == area_id)
    return Project.area_id.in_(above)


def _count(*conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a scalar subquery
    of_project = Claim.project_id == Project.id
    return select(func.count()).where(of_project, *conditions).scalar_subquery()


def kept(day: date) -> ColumnElement[bool]:
    """Whether a claim's promised day has not passed before anybody began."""
    return or_(Claim.state.not_in(LEASED), Claim.promised_on >= day)


def _rows(actor: Actor, day: date) -> Select[*tuple[Any, ...]]:
    mine = Claim.person_id == (actor.person_id or 0)
    return select(
        Project.id,
        Project.version,
        Project.state,
        Project.title,
        Project.words,
        Project.kind,
        Project.beneficiary,
        Project.entry,
        Project.brings,
        Project.area_id,
        Area.code,
        Area.name_zh,
        Area.name_en,
        Project.place,
        Project.collective,
        Project.capacity,
        Project.opens_on,
        Project.first_day,
        Project.last_day,
        Project.starts_at,
        Project.ends_at,
        func.coalesce(Project.reason, ""),
        reached(Project.area_id, actor, Permission.PROJECT_EDIT),
        _count(Claim.state.in_(HOLDING), kept(day)),
        _count(Claim.state == ClaimState.WAITING, kept(day)),
        _count(Claim.state == ClaimState.SERVED),
        _count(Claim.state == ClaimState.CONFIRMED),
        _count(Claim.state.in_(STANDING), kept(day), mine) > 0,
        _micro_wish(),
    ).join(Area, Area.id == Project.area_id)
