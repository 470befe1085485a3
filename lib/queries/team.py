"""Reads of one team and the way into it: the teams of a place, members, requests, events.

Teams are sorted by their confirmed hours; the people in them never are.
"""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, case, func, or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.teams import UNANSWERED
from lib.domain.text import line
from lib.domain.vocab import Level, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Area,
    AreaLink,
    Membership,
    MembershipRequest,
    Person,
    Team,
    TeamEvent,
)
from lib.persistence.scope import around, below, owned, reached
from lib.queries import people
from lib.queries.areas import valid_on
from lib.queries.counters import reads

TEAM_COLUMNS = (
    "team_id",
    "version",
    "name_zh",
    "name_en",
    "kind",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "joining",
    "led",
    "leader_id",
    "leader",
    "editable",
    "own",
    "offered",
)
"""`leader` is the leader's name as the actor may see it and `leader_id` is known to those who look
after the team; `own` says that the actor belongs to it, `offered` that it is open to the actor."""

LISTED_COLUMNS = (*people.TEAM_COLUMNS, "joining", "led")
REQUEST_COLUMNS = (
    "membership_request_id",
    "version",
    "team_id",
    "team_zh",
    "team_en",
    "person_id",
    "name",
    "state",
    "made_at",
    "reason",
)
EVENT_COLUMNS = (
    "event_id",
    "version",
    "team_id",
    "kind",
    "area_id",
    "area_zh",
    "area_en",
    "place",
    "day",
    "starts_at",
    "ends_at",
    "planned_heads",
    "actual",
    "note",
    "reason",
    "service_id",
)
INVITABLE_COLUMNS = ("person_id", "area_zh", "area_en")

_VIEW = Permission.AREA_VIEW


@reads(Topic.PEOPLE, Topic.SERVICE, Topic.AREAS)
def listing(
    actor: Actor, *, area_id: int | None, first: date, last: date, text: str = ""
) -> pd.DataFrame:
    """LISTED_COLUMNS of the teams around the area, most confirmed minutes of the days first.

    `text` is found in names and initials. Columns are those of `lib.queries.people.teams`, with
    how one comes in and whether anybody leads.
    """
    found = people.teams(actor, area_id=area_id, first=first, last=last)
    statement = select(Team.id, Team.joining, Team.leader_id.is_not(None), Team.initials)
    with Reads() as session:
        rows = session.execute(statement.where(around(Team.area_id, actor, _VIEW))).all()
    more = pd.DataFrame(rows, columns=["team_id", "joining", "led", "initials"])
    frame = found.merge(more, on="team_id", how="inner")
    wanted = line(text).lower()
    if wanted:
        hit = frame["initials"].str.startswith(wanted)
        for name in ("name_zh", "name_en"):
            hit |= frame[name].fillna("").str.lower().str.contains(wanted, regex=False)
        frame = frame[hit]
    return frame[list(LISTED_COLUMNS)].reset_index(drop=True)


@reads(Topic.PEOPLE, Topic.AREAS)
def team(actor: Actor, *, team_id: int) -> pd.DataFrame:
    """One row of TEAM_COLUMNS, none when there is no such team within the actor's sight."""
    mine = select(Membership.id).where(
        Membership.team_id == Team.id,
        Membership.person_id == (actor.person_id or 0),
        Membership.until.is_(None),
    )
    edits = owned(Team, actor, Permission.TEAM_EDIT)
    statement = (
        select(
            Team.id,
            Team.version,
            Team.name_zh,
            Team.name_en,
            Team.kind,
            Team.area_id,
            Area.code,
            Area.name_zh,
            Area.name_en,
            Team.joining,
            Team.leader_id.is_not(None),
            case((edits, Team.leader_id)),
            func.coalesce(name_for(actor, Team.area_id), ""),
            edits.label("editable"),
            mine.exists().label("own"),
            around(Team.area_id, actor, Permission.TEAM_JOIN).label("offered"),
        )
        .join(Area, Area.id == Team.area_id)
        .outerjoin(Person, Person.id == Team.leader_id)
        .where(Team.id == team_id, around(Team.area_id, actor, _VIEW))
    )
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(TEAM_COLUMNS))
    flags = ("led", "editable", "own", "offered")
    return frame.astype(dict.fromkeys(flags, bool))


@reads(Topic.PEOPLE)
def requests(actor: Actor, *, team_id: int) -> pd.DataFrame:
    """REQUEST_COLUMNS of who waits to come into the team, oldest first, for who looks after it."""
    return _requests(
        actor,
        MembershipRequest.team_id == team_id,
        owned(Team, actor, Permission.TEAM_EDIT),
        MembershipRequest.state.in_(UNANSWERED),
    )


@reads(Topic.PEOPLE)
def my_requests(actor: Actor) -> pd.DataFrame:
    """REQUEST_COLUMNS of the actor's own way into teams, what waits first, then the newest."""
    return _requests(actor, MembershipRequest.person_id == (actor.person_id or 0))


@reads(Topic.PEOPLE, Topic.SERVICE, Topic.AREAS)
def events(actor: Actor, *, team_id: int, limit: int = 30) -> pd.DataFrame:
    """EVENT_COLUMNS of the team's events, the latest day first; `reason` is why one was called off.

    Heads are not persons: what is counted here is told to whoever belongs to the team or looks
    after it, and to those who record services there.
    """
    mine = select(Membership.team_id).where(
        Membership.person_id == (actor.person_id or 0), Membership.until.is_(None)
    )
    may = or_(
        reached(TeamEvent.area_id, actor, Permission.SERVICE_RECORD),
        owned(Team, actor, Permission.TEAM_EDIT),
        Team.id.in_(mine),
    )
    statement = (
        select(
            TeamEvent.id,
            TeamEvent.version,
            TeamEvent.team_id,
            TeamEvent.kind,
            TeamEvent.area_id,
            Area.name_zh,
            Area.name_en,
            TeamEvent.place,
            TeamEvent.day,
            TeamEvent.starts_at,
            TeamEvent.ends_at,
            TeamEvent.planned_heads,
            TeamEvent.actual,
            TeamEvent.note,
            func.coalesce(TeamEvent.reason, ""),
            TeamEvent.service_id,
        )
        .join(Team, Team.id == TeamEvent.team_id)
        .join(Area, Area.id == TeamEvent.area_id)
        .where(TeamEvent.team_id == team_id, may)
        .order_by(TeamEvent.day.desc(), TeamEvent.id.desc())
        .limit(limit)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    frame = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    return frame.astype({"actual": "Int64", "service_id": "Int64"})


@reads(Topic.PEOPLE, Topic.AREAS)
def invitable(actor: Actor, *, team_id: int, name: str) -> pd.DataFrame:
    """INVITABLE_COLUMNS of volunteers of exactly this name who live where the team serves.

    For who looks after the team; several rows are namesakes, and somebody must say which.
    """
    area = select(Team.area_id).where(Team.id == team_id, owned(Team, actor, Permission.TEAM_EDIT))
    with Reads() as session:
        area_id = session.scalar(area)
        if area_id is None or not line(name):
            return pd.DataFrame(columns=list(INVITABLE_COLUMNS))
        members = select(Membership.person_id).where(
            Membership.team_id == team_id, Membership.until.is_(None)
        )
        statement = (
            select(Person.id, Area.name_zh, Area.name_en)
            .join(Area, Area.id == Person.area_id)
            .where(
                Person.name == line(name),
                Person.volunteer_since.is_not(None),
                below(Person.area_id, area_id),
                Person.id.not_in(members),
            )
            .order_by(Person.id)
        )
        return pd.DataFrame(session.execute(statement).all(), columns=list(INVITABLE_COLUMNS))


@reads(Topic.AREAS)
def areas_to_serve(actor: Actor, *, root_id: int | None, own_id: int | None = None) -> pd.DataFrame:
    """``area_id, name_zh, name_en`` of open areas that a team of this actor's can serve.

    Those below the root; of the whole tree streets and communities alone, and the area that the
    team has already.
    """
    wide = Area.level.in_([Level.STREET, Level.COMMUNITY])
    statement = (
        select(Area.id.label("area_id"), Area.name_zh, Area.name_en)
        .where(
            reached(Area.id, actor, Permission.TEAM_EDIT),
            valid_on(None),
            or_(Area.id == (own_id or 0), below(Area.id, root_id) if root_id else wide),
        )
        .order_by(Area.code)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    return pd.DataFrame(rows, columns=["area_id", "name_zh", "name_en"])


@reads(Topic.AREAS)
def covered(actor: Actor, *, area_id: int) -> tuple[int, ...]:
    """The grids that a team of this area covers, or the area itself where nothing is below it."""
    grids = (
        select(AreaLink.descendant_id)
        .join(Area, Area.id == AreaLink.descendant_id)
        .where(
            AreaLink.ancestor_id == area_id,
            Area.level == Level.GRID,
            reached(AreaLink.descendant_id, actor, _VIEW),
        )
        .order_by(AreaLink.descendant_id)
    )
    with Reads() as session:
        return tuple(session.scalars(grids)) or (area_id,)


def _requests(actor: Actor, *conditions: ColumnElement[bool]) -> pd.DataFrame:
    waits = case((MembershipRequest.state.in_(UNANSWERED), 0), else_=1)
    statement: Select[*tuple[Any, ...]] = (
        select(
            MembershipRequest.id,
            MembershipRequest.version,
            Team.id,
            Team.name_zh,
            Team.name_en,
            Person.id,
            Person.name,
            MembershipRequest.state,
            MembershipRequest.made_at,
            func.coalesce(MembershipRequest.reason, ""),
        )
        .join(Team, Team.id == MembershipRequest.team_id)
        .join(Person, Person.id == MembershipRequest.person_id)
        .where(*conditions)
        .order_by(waits, case((waits == 0, MembershipRequest.id)), MembershipRequest.id.desc())
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(REQUEST_COLUMNS))
