"""Reads of certificates: one's own, those of an area, one in full, and whether a number stands."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, func, or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import CertificateState, ServiceKind, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import Area, Certificate, CertificateService, Person, Service
from lib.persistence.scope import reached, seen
from lib.queries.counters import reads

CERTIFICATE_COLUMNS = (
    "certificate_id",
    "version",
    "state",
    "person_id",
    "name",
    "area_zh",
    "area_en",
    "first_day",
    "last_day",
    "number",
    "issued_on",
    "minutes",
    "services",
    "asked_at",
    "reason",
    "own",
)
"""`number` is empty until it is issued; `own` says that it is this actor's own."""

SIGNATURE_COLUMNS = ("issuer", "responsible", "contact")

_ISSUE = Permission.CERTIFICATE_ISSUE


@dataclass(frozen=True)
class Content:
    """How often and how long the volunteer served in one kind of service."""

    kind: ServiceKind
    services: int
    minutes: int


@dataclass(frozen=True)
class Sheet:
    """Everything that stands on an issued certificate, the fields of Order 67."""

    name: str
    person_id: int
    number: str
    first_day: date
    last_day: date
    minutes: int
    services: int
    content: tuple[Content, ...]
    issuer: str
    responsible: str
    handler: str
    contact: str
    issued_on: date
    revoked: bool


@dataclass(frozen=True)
class Validity:
    """What anybody may know of a number: whether the certificate stands, and of which day it is."""

    valid: bool
    number: str
    issued_on: date


@reads(Topic.SERVICE, Topic.PEOPLE, Topic.AREAS)
def mine(actor: Actor, *, limit: int = 50) -> pd.DataFrame:
    """CERTIFICATE_COLUMNS of one's own certificates, the latest first."""
    own = Certificate.person_id == (actor.person_id or 0)
    return _frame(_rows(actor).where(own).order_by(Certificate.id.desc()).limit(limit))


@reads(Topic.SERVICE, Topic.PEOPLE, Topic.AREAS)
def listing(
    actor: Actor, *, area_id: int | None, states: tuple[CertificateState, ...], limit: int = 100
) -> pd.DataFrame:
    """CERTIFICATE_COLUMNS below the area for those who may issue there, the latest first."""
    within = seen(Certificate.area_id, actor, _ISSUE, area_id)
    rows = _rows(actor).where(within, Certificate.state.in_(states))
    return _frame(rows.order_by(Certificate.id.desc()).limit(limit))


@reads(Topic.SERVICE)
def last_signature(actor: Actor) -> pd.DataFrame:
    """SIGNATURE_COLUMNS of the certificate that the actor issued last; empty without one."""
    statement = (
        select(Certificate.issuer, Certificate.responsible, Certificate.contact)
        .where(Certificate.issued_by_id == actor.account_id, Certificate.number.is_not(None))
        .order_by(Certificate.id.desc())
        .limit(1)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(SIGNATURE_COLUMNS))


def sheet(actor: Actor, *, certificate_id: int) -> Sheet | None:
    """What stands on an issued certificate, for its volunteer and those who may issue there."""
    own: ColumnElement[bool] = Certificate.person_id == (actor.person_id or 0)
    may = or_(own, reached(Certificate.area_id, actor, _ISSUE))
    statement = (
        select(Certificate, Person.name)
        .join(Person, Person.id == Certificate.person_id)
        .where(
            Certificate.id == certificate_id,
            Person.forgotten_on.is_(None),
            may,
        )
    )
    with Reads() as session:
        row = session.execute(statement).one_or_none()
        if row is None:
            return None
        one, name = row
        if one.number is None or one.issued_on is None:
            return None
        content = tuple(Content(*found) for found in session.execute(_content(one.id)))
        return Sheet(
            name=name,
            person_id=one.person_id,
            number=one.number,
            first_day=one.first_day,
            last_day=one.last_day,
            minutes=one.minutes,
            services=one.services,
            content=content,
            issuer=one.issuer,
            responsible=one.responsible,
            handler=one.handler,
            contact=one.contact,
            issued_on=one.issued_on,
            revoked=one.state is CertificateState.REVOKED,
        )


def validity(number: str) -> Validity | None:
    """Whether a certificate of this number stands; None where there never was one.

    For everybody, without signing in: so it tells nothing else.
    """
    statement = select(Certificate.state, Certificate.number, Certificate.issued_on).where(
        Certificate.number == number
    )
    with Reads() as session:
        row = session.execute(statement).one_or_none()
    if row is None:
        return None
    return Validity(row.state is CertificateState.ISSUED, row.number, row.issued_on)


def _content(certificate_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Service.kind, func.count(), func.sum(CertificateService.minutes))
        .join(CertificateService, CertificateService.service_id == Service.id)
        .where(CertificateService.certificate_id == certificate_id)
        .group_by(Service.kind)
        .order_by(Service.kind)
    )


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Certificate.id,
            Certificate.version,
            Certificate.state,
            Certificate.person_id,
            name_for(actor, Certificate.area_id),
            Area.name_zh,
            Area.name_en,
            Certificate.first_day,
            Certificate.last_day,
            func.coalesce(Certificate.number, ""),
            Certificate.issued_on,
            Certificate.minutes,
            Certificate.services,
            Certificate.asked_at,
            func.coalesce(Certificate.reason, ""),
            Certificate.person_id == (actor.person_id or 0),
        )
        .join(Area, Area.id == Certificate.area_id)
        .join(Person, Person.id == Certificate.person_id)
    )


def _frame(statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    with Reads() as session:
        rows = session.execute(statement).all()
    frame = pd.DataFrame(rows, columns=list(CERTIFICATE_COLUMNS))
    frame["own"] = frame["own"].astype(bool)
    return frame
