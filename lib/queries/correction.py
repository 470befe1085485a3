"""Reads of requests for a correction: one's own, and those that wait for an answer."""

from typing import Any

import pandas as pd
from sqlalchemy import Select, func, or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import CorrectionState, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import Area, CorrectionRequest, Participation, Person, Service
from lib.persistence.scope import seen
from lib.queries.counters import reads

CORRECTION_COLUMNS = (
    "correction_id",
    "version",
    "state",
    "service_id",
    "day",
    "kind",
    "area_zh",
    "area_en",
    "name",
    "minutes_before",
    "minutes_wanted",
    "words",
    "reason",
    "asked_at",
    "own",
)
"""`minutes_before` is 0 for somebody who is not listed; `own` says that this actor asked, took part
or recorded the service and so may not answer."""


@reads(Topic.SERVICE, Topic.PEOPLE, Topic.AREAS)
def mine(actor: Actor, *, limit: int = 50) -> pd.DataFrame:
    """CORRECTION_COLUMNS of what this person asked for, the latest first."""
    own = CorrectionRequest.person_id == (actor.person_id or 0)
    return _frame(_rows(actor).where(own).order_by(CorrectionRequest.id.desc()).limit(limit))


@reads(Topic.SERVICE, Topic.PEOPLE, Topic.AREAS)
def waiting(actor: Actor, *, area_id: int | None, limit: int = 100) -> pd.DataFrame:
    """CORRECTION_COLUMNS of what waits for an answer below the area, the longest wait first."""
    within = seen(Service.area_id, actor, Permission.SERVICE_CONFIRM, area_id)
    asked = CorrectionRequest.state == CorrectionState.ASKED
    return _frame(_rows(actor).where(within, asked).order_by(CorrectionRequest.id).limit(limit))


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    served = (
        select(Participation.id)
        .where(
            Participation.service_id == Service.id,
            Participation.person_id == (actor.person_id or 0),
        )
        .exists()
    )
    return (
        select(
            CorrectionRequest.id,
            CorrectionRequest.version,
            CorrectionRequest.state,
            CorrectionRequest.service_id,
            Service.day,
            Service.kind,
            Area.name_zh,
            Area.name_en,
            name_for(actor, Service.area_id),
            func.coalesce(CorrectionRequest.minutes_before, 0),
            CorrectionRequest.minutes_wanted,
            CorrectionRequest.words,
            func.coalesce(CorrectionRequest.reason, ""),
            CorrectionRequest.asked_at,
            or_(
                CorrectionRequest.asked_by_id == actor.account_id,
                Service.recorded_by_id == actor.account_id,
                served,
            ),
        )
        .join(Service, Service.id == CorrectionRequest.service_id)
        .join(Area, Area.id == Service.area_id)
        .join(Person, Person.id == CorrectionRequest.person_id)
    )


def _frame(statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    with Reads() as session:
        rows = session.execute(statement).all()
    frame = pd.DataFrame(rows, columns=list(CORRECTION_COLUMNS))
    frame["own"] = frame["own"].astype(bool)
    return frame
