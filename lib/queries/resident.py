"""Where a need or a service stands, for whoever holds the link to it: no name, no account.

The token is the scope: it reaches one need, the project that answers it and that one's services.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lib.domain.calendar import now, today
from lib.domain.claims import has_lapsed
from lib.domain.vocab import (
    ClaimState,
    NeedStage,
    NeedState,
    ProjectState,
    ServiceKind,
    ServiceState,
)
from lib.persistence.engine import Reads
from lib.persistence.links import answered_with, link_of, services_reached
from lib.persistence.models import Area, Claim, Need, Project, ResidentLink, Service

_SHOWN = 20
_SETTLED = (ServiceState.CONFIRMED, ServiceState.RETURNED)


@dataclass(frozen=True)
class Given:
    """A service that the link reaches, as its holder sees it."""

    service_id: int
    version: int
    state: ServiceState
    kind: ServiceKind
    day: date
    place: str
    satisfaction: int | None


@dataclass(frozen=True)
class Standing:
    """What the page of a link says.

    `words` and what follows it are empty where the link is to a single service. `promised_on` is
    the day that somebody who claimed it has promised, `reason` why it was declined or called off.
    """

    stage: NeedStage
    area_zh: str
    area_en: str | None
    expires_at: datetime
    services: tuple[Given, ...]
    words: str = ""
    asked_at: datetime | None = None
    merged: bool = False
    reason: str = ""
    promised_on: date | None = None


def standing(token: str) -> Standing | None:
    """Where it stands; None for a link that expired, was revoked, or never was."""
    with Reads() as session:
        link = link_of(session, token, now())
        if link is None:
            return None
        services = _services(session, link)
        if link.need_id is None:
            held = session.get_one(Area, session.get_one(Service, link.service_id).area_id)
            stage = _stage_of(services) or NeedStage.IN_SERVICE
            return Standing(stage, held.name_zh, held.name_en, link.expires_at, services)
        need = session.get_one(Need, link.need_id)
        return _of_need(session, need, link.expires_at, services)


def _of_need(
    session: Session, need: Need, expires_at: datetime, services: tuple[Given, ...]
) -> Standing:
    area = session.get_one(Area, need.area_id)
    answered = answered_with(session, need)
    stage, reason, promised = NeedStage.COLLECTED, "", None
    if answered.state is NeedState.DECLINED:
        stage, reason = NeedStage.DECLINED, answered.reason or ""
    elif answered.project_id is not None:
        project = session.get_one(Project, answered.project_id)
        begun, promised = _claims(session, project.id)
        stage = _stage_of(services) or begun
        if stage is NeedStage.ADOPTED and project.state is ProjectState.WITHDRAWN:
            stage, reason = NeedStage.CALLED_OFF, project.reason or ""
    return Standing(
        stage,
        area.name_zh,
        area.name_en,
        expires_at,
        services,
        words=need.words,
        asked_at=need.collected_at,
        merged=need.state is NeedState.MERGED,
        reason=reason,
        promised_on=promised if stage is NeedStage.CLAIMED else None,
    )


def _services(session: Session, link: ResidentLink) -> tuple[Given, ...]:
    shown = (ServiceState.RECORDED, *_SETTLED)
    statement = (
        select(
            Service.id,
            Service.version,
            Service.state,
            Service.kind,
            Service.day,
            Service.place,
            Service.satisfaction,
        )
        .where(services_reached(session, link), Service.state.in_(shown))
        .order_by(Service.day.desc(), Service.id.desc())
        .limit(_SHOWN)
    )
    return tuple(Given(*row) for row in session.execute(statement))


def _stage_of(services: tuple[Given, ...]) -> NeedStage | None:
    """What waits for an answer comes first, then what was done; None while nothing was."""
    states = {one.state for one in services}
    if ServiceState.RECORDED in states:
        return NeedStage.SERVED
    return NeedStage.CONFIRMED if ServiceState.CONFIRMED in states else None


def _claims(session: Session, project_id: int) -> tuple[NeedStage, date | None]:
    """How far the project's claims have come, and the next promised day among them."""
    rows = session.execute(
        select(Claim.state, func.min(Claim.promised_on))
        .where(
            Claim.project_id == project_id,
            Claim.state.in_((ClaimState.ACTIVE, ClaimState.IN_SERVICE)),
        )
        .group_by(Claim.state, Claim.promised_on)
    ).tuples()
    states = {
        state: promised
        for state, promised in sorted(rows, key=lambda row: row[1], reverse=True)
        if not has_lapsed(state, promised, today())
    }
    if ClaimState.IN_SERVICE in states:
        return NeedStage.IN_SERVICE, None
    if ClaimState.ACTIVE in states:
        return NeedStage.CLAIMED, states[ClaimState.ACTIVE]
    return NeedStage.ADOPTED, None
