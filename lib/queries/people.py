"""Reads of volunteers and teams; people are counted here, and named only where they are served.

Teams may be sorted by confirmed hours; persons never are.
"""

from datetime import date

import pandas as pd
from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import ServiceState, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Area,
    AreaLink,
    Membership,
    Participation,
    Person,
    Service,
    Team,
)
from lib.persistence.scope import owned, reached, seen
from lib.queries.counters import reads
from lib.queries.few import count_for, frame_for

TEAM_COLUMNS = (
    "team_id",
    "name_zh",
    "name_en",
    "kind",
    "area_id",
    "area_zh",
    "area_en",
    "members",
    "minutes",
)
MEMBER_COLUMNS = ("person_id", "name")
CANDIDATE_COLUMNS = ("name", "person_id", "area_id", "area_zh", "area_en", "distance")

_VIEW = Permission.AREA_VIEW


@reads(Topic.PEOPLE, Topic.AREAS)
def volunteers(actor: Actor, *, area_id: int | None) -> float:
    """How many volunteers live or serve below the area."""
    statement = select(func.count()).where(
        seen(Person.area_id, actor, _VIEW, area_id), Person.volunteer_since.is_not(None)
    )
    with Reads() as session:
        n = session.scalar(statement) or 0
    return count_for(actor, area_id, n)


@reads(Topic.PEOPLE, Topic.SERVICE, Topic.AREAS)
def teams(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """TEAM_COLUMNS of the teams whose area lies below the area, or holds it, by minutes.

    `minutes` are confirmed minutes of members and of the team itself within the days, in
    services of the area; `members` those who belong today.
    """
    current = and_(Membership.team_id == Team.id, Membership.until.is_(None))
    members = select(func.count()).where(current).scalar_subquery()
    confirmed = _confirmed(actor, area_id, first, last)
    worked, together = _worked(confirmed), _together(confirmed)
    holds = Team.area_id.in_(
        select(AreaLink.ancestor_id).where(
            AreaLink.descendant_id == (area_id or 0), reached(AreaLink.descendant_id, actor, _VIEW)
        )
    )
    minutes = (func.coalesce(worked.c.minutes, 0) + func.coalesce(together.c.minutes, 0)).label(
        "minutes"
    )
    statement = (
        select(
            Team.id,
            Team.name_zh,
            Team.name_en,
            Team.kind,
            Team.area_id,
            Area.name_zh,
            Area.name_en,
            members,
            minutes,
        )
        .join(Area, Area.id == Team.area_id)
        .outerjoin(worked, worked.c.team_id == Team.id)
        .outerjoin(together, together.c.team_id == Team.id)
        .where(or_(seen(Team.area_id, actor, _VIEW, area_id), holds))
        .order_by(minutes.desc(), Team.name_zh)
    )
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(TEAM_COLUMNS))
    return frame_for(actor, area_id, frame, "members")


def _confirmed(actor: Actor, area_id: int | None, first: date, last: date) -> ColumnElement[bool]:
    return and_(
        Service.day.between(first, last),
        Service.state == ServiceState.CONFIRMED,
        seen(Service.area_id, actor, _VIEW, area_id),
    )


def _worked(confirmed: ColumnElement[bool]) -> Subquery:
    """Minutes of those who belong to a team today, in services of the team's kind."""
    return (
        select(Membership.team_id, func.sum(Participation.minutes).label("minutes"))
        .join(Participation, Participation.person_id == Membership.person_id)
        .join(Service, Service.id == Participation.service_id)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.until.is_(None), Service.kind == Team.kind, confirmed)
        .group_by(Membership.team_id)
        .subquery()
    )


def _together(confirmed: ColumnElement[bool]) -> Subquery:
    """Minutes of services in which a team took part as one."""
    return (
        select(Participation.team_id, func.sum(Participation.minutes).label("minutes"))
        .join(Service, Service.id == Participation.service_id)
        .where(Participation.team_id.is_not(None), confirmed)
        .group_by(Participation.team_id)
        .subquery()
    )


@reads(Topic.PEOPLE, Topic.AREAS)
def team(actor: Actor, *, team_id: int) -> pd.DataFrame:
    """One row of the team's id and names, none when it is not within the actor's sight."""
    statement = select(Team.id.label("team_id"), Team.name_zh, Team.name_en).where(
        Team.id == team_id, reached(Team.area_id, actor, _VIEW)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    return pd.DataFrame(rows, columns=["team_id", "name_zh", "name_en"])


@reads(Topic.PEOPLE)
def team_members(actor: Actor, *, team_id: int) -> pd.DataFrame:
    """MEMBER_COLUMNS of those who belong to the team today, by name.

    Empty for actors who may not record for others: they have no use for the names.
    """
    statement = (
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.team_id == team_id,
            Membership.until.is_(None),
            owned(Person, actor, Permission.SERVICE_RECORD_OTHERS),
        )
        .order_by(Person.name, Person.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(MEMBER_COLUMNS))


@reads(Topic.PEOPLE, Topic.AREAS)
def candidates(actor: Actor, *, names: tuple[str, ...], area_id: int) -> pd.DataFrame:
    """CANDIDATE_COLUMNS: volunteers of these names, nearest in the tree to the area first.

    `distance` is 0 for the area itself, 1 for its siblings, 2 further away. Several rows of
    one name at the same distance are several people: somebody must say which.
    """
    if not names:
        return pd.DataFrame(columns=list(CANDIDATE_COLUMNS))
    siblings = select(Area.parent_id).where(Area.id == area_id).scalar_subquery()
    statement = (
        select(
            Person.name, Person.id, Area.id, Area.name_zh, Area.name_en, Area.parent_id == siblings
        )
        .join(Area, Area.id == Person.area_id)
        .where(
            Person.name.in_([line(name) for name in names]),
            owned(Person, actor, Permission.SERVICE_RECORD_OTHERS),
        )
    )
    with Reads() as session:
        rows = [
            (name, person, area, zh, en, 0 if area == area_id else 1 if sibling else 2)
            for name, person, area, zh, en, sibling in session.execute(statement)
        ]
    frame = pd.DataFrame(rows, columns=list(CANDIDATE_COLUMNS))
    return frame.sort_values(["name", "distance", "person_id"], ignore_index=True)
