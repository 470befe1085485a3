"""Commands on certificates of voluntary service: ask, issue, decline, revoke.

A certificate counts confirmed hours alone and vouches for them: they are certified in the same
transaction, and no more when nothing valid counts them (Ministry of Civil Affairs, Order 67).
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select, update

from lib.domain.calendar import now, today
from lib.domain.certificates import new_number
from lib.domain.errors import Invalid, NotFound, NotPermitted, Problem, Refusal
from lib.domain.permissions import Actor
from lib.domain.text import line, required
from lib.domain.vocab import CertificateAction, CertificateState, ServiceState, Topic, Trust
from lib.domain.workflow import Step, certificate_step
from lib.persistence.bulk import insert_rows
from lib.persistence.models import (
    Account,
    Certificate,
    CertificateService,
    CertificateStep,
    Participation,
    Person,
    Service,
)
from lib.persistence.summaries import Work
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.steps import at_version, keep_step, reason_given

FIELD_MAX = 60
_VOUCHED = (Trust.CONFIRMED, Trust.CERTIFIED)


@dataclass(frozen=True)
class Signature:
    """Who vouches for it: the issuer, the person responsible there, and how to reach them."""

    issuer: str
    responsible: str
    contact: str


@once(Certificate)
def ask_certificate(actor: Actor, *, first_day: date, last_day: date, request_id: str) -> int:
    """Ask for a certificate of one's own confirmed hours of some days.

    Returns:
        The id of the certificate to be.

    Raises:
        Invalid: the days are turned round.
        NotPermitted: nobody stands behind the account.
        Refusal: ``certificate.no_hours`` when nothing is confirmed in these days,
            ``certificate.asked_already`` while another one waits.
    """
    with transaction(actor) as tx:
        step = certificate_step(None, CertificateAction.ASK)
        if actor.person_id is None or not actor.may(step.permission):
            raise NotPermitted(step.permission)
        person = _person(tx, actor.person_id)
        _refuse_turned(first_day, last_day)
        asked = select(Certificate.id).where(
            Certificate.person_id == person.id, Certificate.state == CertificateState.ASKED
        )
        if tx.session.scalar(asked.limit(1)) is not None:
            raise Refusal("certificate.asked_already")
        if not _countable(tx, person.id, first_day, last_day):
            raise Refusal("certificate.no_hours")
        wanted = Certificate(
            person_id=person.id,
            area_id=person.area_id,
            first_day=first_day,
            last_day=last_day,
            state=step.target,
            asked_by_id=actor.account_id,
            asked_at=now(),
            request_id=request_id,
        )
        tx.session.add(wanted)
        _take_step(tx, wanted, step, None, frozenset())
        return wanted.id


@once(Certificate)
def issue_certificate(
    actor: Actor,
    *,
    person_id: int,
    first_day: date,
    last_day: date,
    signature: Signature,
    request_id: str,
) -> int:
    """Issue a certificate to somebody who asked in person.

    Returns:
        The id of the certificate.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: the volunteer is not within the actor's reach.
        Refusal: ``certificate.no_hours``, ``certificate.own``.
    """
    with transaction(actor) as tx:
        step = certificate_step(None, CertificateAction.ISSUE)
        person = _person(tx, person_id)
        tx.permit(step.permission, person.area_id)
        _refuse_turned(first_day, last_day)
        certificate = Certificate(
            person_id=person.id,
            area_id=person.area_id,
            first_day=first_day,
            last_day=last_day,
            request_id=request_id,
        )
        _issue(tx, certificate, step, signature)
        return certificate.id


def issue_asked(actor: Actor, *, certificate_id: int, version: int, signature: Signature) -> None:
    """Issue the certificate that a volunteer asked for; see `issue_certificate`."""
    with transaction(actor) as tx:
        certificate = at_version(tx, Certificate, certificate_id, version, lock=True)
        step = certificate_step(certificate.state, CertificateAction.ISSUE)
        tx.permit(step.permission, certificate.area_id)
        _issue(tx, certificate, step, signature)


def decline_certificate(actor: Actor, *, certificate_id: int, version: int, reason: str) -> None:
    """Issue none, saying why."""
    with transaction(actor) as tx:
        certificate = at_version(tx, Certificate, certificate_id, version, lock=True)
        step = certificate_step(certificate.state, CertificateAction.DECLINE)
        tx.permit(step.permission, certificate.area_id)
        _refuse_own(tx, certificate)
        _take_step(tx, certificate, step, reason_given(step, reason), frozenset())


def revoke_certificate(actor: Actor, *, certificate_id: int, version: int, reason: str) -> None:
    """Take a certificate back, saying why: its hours are confirmed again and no longer certified.

    What another valid certificate counts stays certified.
    """
    with transaction(actor) as tx:
        certificate = at_version(tx, Certificate, certificate_id, version, lock=True)
        step = certificate_step(certificate.state, CertificateAction.REVOKE)
        tx.permit(step.permission, certificate.area_id)
        words = reason_given(step, reason)
        certificate.state, certificate.reason = step.target, words
        tx.session.flush()
        counted = select(CertificateService.service_id).where(
            CertificateService.certificate_id == certificate.id
        )
        still = exists().where(
            Certificate.id == CertificateService.certificate_id,
            Certificate.person_id == certificate.person_id,
            Certificate.state == CertificateState.ISSUED,
            CertificateService.service_id == Participation.service_id,
        )
        left = select(Participation.service_id).where(
            Participation.person_id == certificate.person_id,
            Participation.service_id.in_(counted),
            Participation.trust == Trust.CERTIFIED,
            ~still,
        )
        services = tx.session.scalars(left).all()
        areas = _vouch(tx, certificate.person_id, services, Trust.CONFIRMED)
        _take_step(tx, certificate, step, words, areas)


def _person(tx: Transaction, person_id: int) -> Person:
    person = tx.session.get(Person, person_id)
    if person is None or person.forgotten_on is not None:
        raise NotFound
    return person


def _refuse_turned(first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise Invalid([Problem("last_day", "problem.days_turned")])


def _refuse_own(tx: Transaction, certificate: Certificate) -> None:
    if tx.actor is not None and tx.actor.person_id == certificate.person_id:
        raise Refusal("certificate.own")


def _issue(
    tx: Transaction,
    certificate: Certificate,
    step: Step[CertificateState, CertificateAction],
    signature: Signature,
) -> None:
    _refuse_own(tx, certificate)
    said = {name: line(text) for name, text in vars(signature).items()}
    problems = [p for name, text in said.items() for p in required(name, text, FIELD_MAX)]
    if problems:
        raise Invalid(problems)
    person = _person(tx, certificate.person_id)
    minutes = _countable(tx, person.id, certificate.first_day, certificate.last_day, lock=True)
    if not minutes:
        raise Refusal("certificate.no_hours")
    for name, text in said.items():
        setattr(certificate, name, text)
    account = tx.session.get_one(Account, tx.actor.account_id) if tx.actor else None
    certificate.handler = account.display_zh if account else ""
    certificate.number, certificate.issued_on = new_number(today()), today()
    certificate.issued_by_id = account.id if account else None
    certificate.minutes, certificate.services = sum(minutes.values()), len(minutes)
    certificate.state, certificate.reason = step.target, None
    tx.session.add(certificate)
    tx.session.flush()
    rows = [
        {"certificate_id": certificate.id, "service_id": number, "minutes": spent}
        for number, spent in minutes.items()
    ]
    insert_rows(tx.session, CertificateService, rows)
    areas = _vouch(tx, person.id, minutes, Trust.CERTIFIED)
    _take_step(tx, certificate, step, None, areas)


def _countable(
    tx: Transaction, person_id: int, first: date, last: date, *, lock: bool = False
) -> dict[int, int]:
    """The person's confirmed minutes in these days, by service."""
    statement = (
        select(Service.id, Participation.minutes)
        .join(Participation, Participation.service_id == Service.id)
        .where(
            Participation.person_id == person_id,
            Participation.trust.in_(_VOUCHED),
            Service.state == ServiceState.CONFIRMED,
            Service.day.between(first, last),
        )
        .order_by(Service.id)
    )
    if lock:  # whoever corrects or voids one of them waits, and then finds it certified
        statement = statement.with_for_update()
    return dict(tx.session.execute(statement).tuples().all())


def _vouch(
    tx: Transaction, person_id: int, services: Collection[int], trust: Trust
) -> frozenset[int]:
    """Let the person's part in the services be vouched for so, and give the areas of them."""
    numbers = sorted(services)
    _count(tx, numbers, tx.sums.take)
    tx.session.execute(
        update(Participation)
        .where(Participation.person_id == person_id, Participation.service_id.in_(numbers))
        .values(trust=trust)
        .execution_options(synchronize_session=False)
    )
    _count(tx, numbers, tx.sums.put)
    areas = select(Service.area_id).where(Service.id.in_(numbers)).distinct()
    return frozenset(tx.session.scalars(areas))


def _count(
    tx: Transaction, numbers: Collection[int], count: Callable[[Service, list[Work]], None]
) -> None:
    """Hand each service with everybody's work in it to the summaries."""
    work: defaultdict[int, list[Work]] = defaultdict(list)
    parts = select(Participation.service_id, Participation.trust, Participation.minutes)
    for number, trust, spent in tx.session.execute(
        parts.where(Participation.service_id.in_(numbers))
    ):
        work[number].append((trust, spent))
    for service in tx.session.scalars(select(Service).where(Service.id.in_(numbers))):
        count(service, work[service.id])


def _take_step(
    tx: Transaction,
    certificate: Certificate,
    step: Step[CertificateState, CertificateAction],
    reason: str | None,
    areas: frozenset[int],
) -> None:
    certificate.state, certificate.reason = step.target, reason
    tx.session.flush()
    by = tx.actor.account_id if tx.actor else None
    keep_step(tx, CertificateStep, step, reason, by, certificate_id=certificate.id)
    tx.record(
        f"certificate.{step.action}",
        certificate,
        topic=Topic.SERVICE,
        area_ids=areas | {certificate.area_id},
        label=certificate.number or "",
        changes={"state": (step.source, step.target)},
    )
