"""What a volunteer sees of themselves: who they are here, their hours, what they took part in.

Everything is the actor's own person's; nobody else's hours can be asked for, and nothing ranks.
"""

import pandas as pd
from sqlalchemy import case, exists, func, select

from lib.domain.permissions import Actor
from lib.domain.vocab import CorrectionState, ServiceState, Topic, Trust
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Area,
    CorrectionRequest,
    Membership,
    Participation,
    Person,
    Service,
    Team,
)
from lib.queries.counters import reads

SELF_COLUMNS = ("person_id", "name", "area_zh", "area_en", "volunteer_since")
HOURS_COLUMNS = ("trust", "minutes", "services")
PART_COLUMNS = (
    "service_id",
    "day",
    "kind",
    "area_zh",
    "area_en",
    "place",
    "minutes",
    "trust",
    "state",
    "asked",
)
"""`minutes` are the person's own, `asked` says that a correction waits for its answer."""

TEAM_COLUMNS = ("team_id", "name_zh", "name_en", "since")

_COUNTED = (ServiceState.RECORDED, ServiceState.CONFIRMED)


@reads(Topic.PEOPLE, Topic.AREAS)
def oneself(actor: Actor) -> pd.DataFrame:
    """SELF_COLUMNS of the person behind the account; empty where nobody is."""
    statement = (
        select(Person.id, Person.name, Area.name_zh, Area.name_en, Person.volunteer_since)
        .join(Area, Area.id == Person.area_id)
        .where(Person.id == (actor.person_id or 0), Person.forgotten_on.is_(None))
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(SELF_COLUMNS))


@reads(Topic.SERVICE)
def hours(actor: Actor) -> pd.DataFrame:
    """HOURS_COLUMNS, one row for every trust level, of services that wait or are confirmed."""
    statement = (
        select(Participation.trust, func.sum(Participation.minutes), func.count())
        .join(Service, Service.id == Participation.service_id)
        .where(Participation.person_id == (actor.person_id or 0), Service.state.in_(_COUNTED))
        .group_by(Participation.trust)
    )
    with Reads() as session:
        found = {trust: (int(minutes), n) for trust, minutes, n in session.execute(statement)}
    rows = [(trust, *found.get(trust, (0, 0))) for trust in Trust]
    return pd.DataFrame(rows, columns=list(HOURS_COLUMNS))


@reads(Topic.SERVICE, Topic.AREAS)
def participations(actor: Actor, *, limit: int = 100) -> pd.DataFrame:
    """PART_COLUMNS of what the person took part in, the latest day first."""
    waits = exists().where(
        CorrectionRequest.service_id == Service.id,
        CorrectionRequest.person_id == Participation.person_id,
        CorrectionRequest.state == CorrectionState.ASKED,
    )
    statement = (
        select(
            Service.id,
            Service.day,
            Service.kind,
            Area.name_zh,
            Area.name_en,
            Service.place,
            Participation.minutes,
            Participation.trust,
            Service.state,
            case((waits, 1), else_=0),
        )
        .join(Service, Service.id == Participation.service_id)
        .join(Area, Area.id == Service.area_id)
        .where(Participation.person_id == (actor.person_id or 0))
        .order_by(Service.day.desc(), Service.id.desc())
        .limit(limit)
    )
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(PART_COLUMNS))
    frame["asked"] = frame["asked"].astype(bool)
    return frame


@reads(Topic.PEOPLE)
def teams(actor: Actor) -> pd.DataFrame:
    """TEAM_COLUMNS of the teams that the person belongs to, by name."""
    statement = (
        select(Team.id, Team.name_zh, Team.name_en, Membership.since)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.person_id == (actor.person_id or 0), Membership.until.is_(None))
        .order_by(Team.name_zh, Team.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(TEAM_COLUMNS))
