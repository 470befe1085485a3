"""What follows when a service record is settled, whoever settles it: state, trust, sums, trail.

Who may do it is decided by the commands, in `lib.services.service` and `lib.services.resident`.
"""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from lib.domain.calendar import now
from lib.domain.errors import Invalid, Refusal
from lib.domain.rules import SATISFACTION_MAX, amount_problems
from lib.domain.text import NAME_MAX, line, too_long
from lib.domain.vocab import ConfirmedBy, ServiceAction, ServiceState, Topic, Trust
from lib.domain.workflow import Step, service_step
from lib.persistence.models import (
    Account,
    Area,
    ClaimService,
    Participation,
    PlaceCheckIn,
    Service,
    ServiceStep,
)
from lib.persistence.summaries import Work
from lib.persistence.transaction import Transaction
from lib.services.claim import follow_service
from lib.services.steps import area_of, keep_step


@dataclass(frozen=True)
class Feedback:
    """What the person served thinks of it: 1 to 5, and a word; both may be left out."""

    satisfaction: int | None = None
    word: str = ""

    def acceptable(self) -> "Feedback":
        """The same as stored.

        Raises:
            Invalid: naming what to mend.
        """
        word = line(self.word)
        problems = too_long("satisfaction_word", word, NAME_MAX)
        if self.satisfaction is not None:
            problems += amount_problems("satisfaction", self.satisfaction, SATISFACTION_MAX, 1)
        if problems:
            raise Invalid(problems)
        return Feedback(self.satisfaction, word)


def decide(
    tx: Transaction,
    service: Service,
    step: Step[ServiceState, ServiceAction],
    reason: str | None,
    *,
    confirmed_by: ConfirmedBy | None = None,
    feedback: Feedback | None = None,
) -> None:
    """Take a permitted step that settles a record, and write all that follows from it.

    Without an actor it was the person served, by their own link.

    Raises:
        Invalid: no such satisfaction, or too long a word.
        Refusal: ``refusal.certified`` while a certificate counts its hours.
    """
    said = (feedback or Feedback()).acceptable()
    area = area_of(tx, service.area_id)
    before, work = service.state, standing_work(tx.session, service)
    if any(trust is Trust.CERTIFIED for trust, _ in work):
        raise Refusal("refusal.certified")
    tx.sums.take(service, work)
    service.state, service.reason = step.target, reason
    service.decided_by_id = tx.actor.account_id if tx.actor else None
    service.decided_at, service.confirmed_by = now(), confirmed_by
    changes: dict[str, tuple[object, object]] = {"state": (before, step.target)}
    if confirmed_by is not None:
        service.satisfaction, service.satisfaction_word = said.satisfaction, said.word
        changes["confirmed_by"] = (None, confirmed_by)
    tx.session.flush()
    vouch(tx, service)
    by = tx.actor.account_id if tx.actor else None
    record_service_step(tx, service, step, reason, area, changes, by=by)


def vouch(tx: Transaction, service: Service) -> None:
    """Say of each participation how it is vouched for, and count the service as it stands now.

    Of a confirmed service all are confirmed; of others those are checked in who were at the place
    of its claim on its day.
    """
    of_service = Participation.service_id == service.id
    trust = Trust.CONFIRMED if service.state is ServiceState.CONFIRMED else Trust.SELF_REPORTED
    how = {"synchronize_session": False}
    change = update(Participation).where(of_service).execution_options(**how)
    tx.session.execute(change.values(trust=trust))
    if trust is Trust.SELF_REPORTED:
        there = (
            select(PlaceCheckIn.person_id)
            .join(ClaimService, ClaimService.claim_id == PlaceCheckIn.claim_id)
            .where(ClaimService.service_id == service.id, PlaceCheckIn.day == service.day)
        )
        there_too = change.where(Participation.person_id.in_(there))
        tx.session.execute(there_too.values(trust=Trust.CHECKED_IN))
    tx.sums.put(service, standing_work(tx.session, service))


def amend_participation(
    tx: Transaction, service: Service, *, person_id: int, minutes: int, reason: str
) -> None:
    """Set what one person gave to a record that stands, 0 for nothing; the trail keeps both.

    How it is vouched for stays; whoever was not listed is vouched for as the record is.

    Raises:
        Refusal: ``refusal.own_service``; ``refusal.wrong_state`` while the recorder corrects it;
            ``refusal.certified`` while a certificate counts the minutes; ``correction.only_one``
            and ``correction.confirmed_it`` where the record would contradict itself.
    """
    step = amending_step(service)
    area = area_of(tx, service.area_id)
    if tx.actor is not None and is_own(
        tx.session, service, tx.actor.account_id, tx.actor.person_id
    ):
        raise Refusal("refusal.own_service")
    work = standing_work(tx.session, service)
    part = participation_of(tx.session, service.id, person_id)
    before = None if part is None else part.minutes
    if part is not None and part.trust is Trust.CERTIFIED:
        raise Refusal("refusal.certified")
    if part is None and _decided(tx.session, service, person_id):
        raise Refusal("correction.confirmed_it")
    if not minutes and len(work) == 1:
        raise Refusal("correction.only_one")
    tx.sums.take(service, work)
    if part is None:
        trust = Trust.CONFIRMED if service.state is ServiceState.CONFIRMED else Trust.SELF_REPORTED
        tx.session.add(
            Participation(service_id=service.id, person_id=person_id, minutes=minutes, trust=trust)
        )
    elif minutes:
        part.minutes = minutes
    else:
        tx.session.delete(part)
    tx.session.flush()
    tx.sums.put(service, standing_work(tx.session, service))
    # Who has the record open on a form is told that it changed.
    flag_modified(service, "reason")
    by = tx.actor.account_id if tx.actor else service.recorded_by_id
    record_service_step(tx, service, step, reason, area, {"minutes": (before, minutes)}, by=by)


def amending_step(service: Service) -> Step[ServiceState, ServiceAction]:
    """The step by which somebody else than the recorder corrects a record where it stands.

    Raises:
        Refusal: ``refusal.wrong_state``, also while the recorder is asked to correct it.
    """
    step = service_step(service.state, ServiceAction.CORRECT)
    if step.own_only:
        raise Refusal("refusal.wrong_state", state=service.state, action=step.action)
    return step


def participation_of(session: Session, service_id: int, person_id: int) -> Participation | None:
    """The part of one person in a service; None for whoever is not listed."""
    return session.scalar(
        select(Participation).where(
            Participation.service_id == service_id, Participation.person_id == person_id
        )
    )


def _decided(session: Session, service: Service, person_id: int) -> bool:
    """Whether the person confirmed the record; who confirms is never who served."""
    decider = select(Account.person_id).where(Account.id == service.decided_by_id)
    return session.scalar(decider) == person_id


def is_own(session: Session, service: Service, account_id: int, person_id: int | None) -> bool:
    """Whether the account recorded the service, or its person served in it."""
    if service.recorded_by_id == account_id:
        return True
    if person_id is None:
        return False
    served = select(Participation.id).where(
        Participation.service_id == service.id, Participation.person_id == person_id
    )
    return session.scalar(served.limit(1)) is not None


def standing_work(session: Session, service: Service) -> list[Work]:
    """How each participation of the service is vouched for now, and its minutes."""
    statement = select(Participation.trust, Participation.minutes).where(
        Participation.service_id == service.id
    )
    return [(trust, minutes) for trust, minutes in session.execute(statement)]


def record_service_step(
    tx: Transaction,
    service: Service,
    step: Step[ServiceState, ServiceAction],
    reason: str | None,
    area: Area,
    changes: dict[str, tuple[object, object]],
    *,
    by: int | None,
    also: int | None = None,
) -> None:
    """Enter a step of a service and let its claim follow; `by` is the account, if one took it."""
    tx.record(
        f"service.{step.action}",
        service,
        topic=Topic.SERVICE,
        area_ids=frozenset({area.id, also or area.id}),
        label=f"{area.name_zh} {service.day.isoformat()}",
        changes=changes,
    )
    keep_step(tx, ServiceStep, step, reason, by, service_id=service.id)
    follow_service(tx, service)
