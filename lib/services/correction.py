"""Commands on what volunteers say of their own part in a service: ask, withdraw, accept, decline.

Accepting corrects the record by `lib.services.settling.amend_participation`, in one transaction.
"""

from sqlalchemy import select

from lib.domain.calendar import now
from lib.domain.errors import Invalid, NotFound, NotPermitted, Problem, Refusal
from lib.domain.permissions import Actor
from lib.domain.rules import MINUTES_MAX, amount_problems
from lib.domain.text import clean, required
from lib.domain.vocab import CorrectionAction, CorrectionState, Topic, Trust
from lib.domain.workflow import Step, correction_step
from lib.persistence.models import CorrectionRequest, CorrectionStep, Service
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.settling import amend_participation, amending_step, participation_of
from lib.services.steps import REASON_MAX, area_of, at_version, keep_step, reason_given


@once(CorrectionRequest)
def ask_correction(
    actor: Actor, *, service_id: int, minutes: int, words: str, request_id: str
) -> int:
    """Ask that one's own part in a service be corrected, 0 minutes for no part at all.

    Whoever took part may ask; who is not listed may ask within the own area.

    Returns:
        The id of the request.

    Raises:
        Invalid: the same minutes as recorded, or no words.
        NotPermitted: nobody stands behind the account, or the service is out of reach.
        Refusal: ``refusal.wrong_state``, ``refusal.certified`` while a certificate counts the
            minutes, ``correction.asked_already``.
    """
    with transaction(actor) as tx:
        step = correction_step(None, CorrectionAction.ASK)
        service = tx.session.get(Service, service_id)
        if service is None:
            raise NotFound
        if actor.person_id is None or not actor.may(step.permission):
            raise NotPermitted(step.permission, service.area_id)
        part = participation_of(tx.session, service_id, actor.person_id)
        if part is None:
            tx.permit(step.permission, service.area_id)
        elif part.trust is Trust.CERTIFIED:
            raise Refusal("refusal.certified")
        amending_step(service)
        before = part.minutes if part else None
        said = _acceptable(minutes, before, words)
        _refuse_twice(tx, service_id, actor.person_id)
        asked = CorrectionRequest(
            service_id=service_id,
            person_id=actor.person_id,
            minutes_before=before,
            minutes_wanted=minutes,
            words=said,
            state=step.target,
            asked_by_id=actor.account_id,
            asked_at=now(),
            request_id=request_id,
        )
        tx.session.add(asked)
        _take_step(tx, asked, service, step, None)
        return asked.id


def withdraw_correction(actor: Actor, *, correction_id: int, version: int) -> None:
    """Take one's own request back."""
    with transaction(actor) as tx:
        asked, service = _asked(tx, correction_id, version)
        step = correction_step(asked.state, CorrectionAction.WITHDRAW)
        if asked.person_id != actor.person_id:
            raise NotPermitted(step.permission, service.area_id)
        _take_step(tx, asked, service, step, None)


def accept_correction(actor: Actor, *, correction_id: int, version: int) -> None:
    """Correct the record as asked; the hours change with it at once.

    Raises:
        NotPermitted: the service is not within the actor's reach.
        Refusal: ``refusal.own_service``, and what `amend_participation` says.
    """
    with transaction(actor) as tx:
        asked, service = _asked(tx, correction_id, version)
        step = _settling(tx, asked, service, CorrectionAction.ACCEPT)
        _take_step(tx, asked, service, step, None)
        amend_participation(
            tx,
            service,
            person_id=asked.person_id,
            minutes=asked.minutes_wanted,
            reason=asked.words,
        )


def decline_correction(actor: Actor, *, correction_id: int, version: int, reason: str) -> None:
    """Leave the record as it is, saying why; see `accept_correction`."""
    with transaction(actor) as tx:
        asked, service = _asked(tx, correction_id, version)
        step = _settling(tx, asked, service, CorrectionAction.DECLINE)
        _take_step(tx, asked, service, step, reason_given(step, reason))


def _acceptable(minutes: int, before: int | None, words: str) -> str:
    said = clean(words)
    problems = amount_problems("my_minutes", minutes, MINUTES_MAX)
    if minutes == (before or 0):
        problems.append(Problem("my_minutes", "problem.same_minutes"))
    problems += required("correction_words", said, REASON_MAX)
    if problems:
        raise Invalid(problems)
    return said


def _refuse_twice(tx: Transaction, service_id: int, person_id: int) -> None:
    standing = select(CorrectionRequest.id).where(
        CorrectionRequest.service_id == service_id,
        CorrectionRequest.person_id == person_id,
        CorrectionRequest.state == CorrectionState.ASKED,
    )
    if tx.session.scalar(standing) is not None:
        raise Refusal("correction.asked_already")


def _asked(tx: Transaction, correction_id: int, version: int) -> tuple[CorrectionRequest, Service]:
    """The request as it was on the screen and its service, which others wait for meanwhile."""
    asked = at_version(tx, CorrectionRequest, correction_id, version, lock=True)
    return asked, tx.session.get_one(Service, asked.service_id, with_for_update=True)


def _settling(
    tx: Transaction, asked: CorrectionRequest, service: Service, action: CorrectionAction
) -> Step[CorrectionState, CorrectionAction]:
    step = correction_step(asked.state, action)
    tx.permit(step.permission, service.area_id)
    if tx.actor is not None and tx.actor.person_id == asked.person_id:
        raise Refusal("refusal.own_service")
    return step


def _take_step(
    tx: Transaction,
    asked: CorrectionRequest,
    service: Service,
    step: Step[CorrectionState, CorrectionAction],
    reason: str | None,
) -> None:
    asked.state, asked.reason = step.target, reason
    tx.session.flush()
    by = tx.actor.account_id if tx.actor else asked.asked_by_id
    keep_step(tx, CorrectionStep, step, reason, by, correction_id=asked.id)
    area = area_of(tx, service.area_id)
    tx.record(
        f"correction.{step.action}",
        asked,
        topic=Topic.SERVICE,
        area_ids=frozenset({area.id}),
        label=f"{area.name_zh} {service.day.isoformat()}",
        changes={"minutes": (asked.minutes_before, asked.minutes_wanted)},
    )
