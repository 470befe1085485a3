"""Commands on service records: record, confirm, return, correct, void.

This is the slice that the other services copy: load, permit, decide, record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, time

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from lib.domain.calendar import now, today
from lib.domain.errors import Invalid, NotPermitted, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.rules import (
    GOODS_MAX,
    MINUTES_MAX,
    MONEY_FEN_MAX,
    PEOPLE_SERVED_MAX,
    amount_problems,
    day_problems,
)
from lib.domain.text import NAME_MAX, NOTE_MAX, clean, line, too_long
from lib.domain.vocab import (
    Beneficiary,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Topic,
    Trust,
)
from lib.domain.workflow import Step, service_step
from lib.persistence.bulk import insert_rows
from lib.persistence.models import (
    Account,
    Area,
    Participation,
    Person,
    Service,
    ServiceStep,
)
from lib.persistence.summaries import Work
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.acting import act_for
from lib.services.claim import attach_service, follow_service
from lib.services.consents import note_consent
from lib.services.steps import (
    area_of,
    at_version,
    keep_step,
    reason_given,
    requests_of,
    written,
)
from lib.services.team_event import attach_event


@dataclass(frozen=True)
class ServiceEntry:
    """What the form says of a service; `day` is a local day, `money_fen` 1/100 yuan."""

    kind: ServiceKind
    area_id: int
    day: date
    people_served: int
    beneficiary: Beneficiary
    place: str = ""
    starts_at: time | None = None
    goods: int = 0
    money_fen: int = 0
    note: str = ""


@dataclass(frozen=True)
class Participant:
    """One who took part and for how many minutes: a person, a team or a unit.

    `new_name` registers a volunteer in the area of the service, who has agreed to it.
    """

    minutes: int
    person_id: int | None = None
    team_id: int | None = None
    organisation_id: int | None = None
    new_name: str | None = None


@dataclass(frozen=True)
class ServiceRecord:
    """One service of a list, with who took part and what promise or event it was."""

    entry: ServiceEntry
    participants: tuple[Participant, ...]
    claim_id: int | None = None
    event_id: int | None = None


@once(Service)
def record_service(
    actor: Actor,
    *,
    entry: ServiceEntry,
    participants: Sequence[Participant],
    request_id: str,
    claim_id: int | None = None,
    event_id: int | None = None,
) -> int:
    """Record one service with everybody who took part; the same request writes once.

    With `claim_id` it is the service, or one of the services, that the claim promised; with
    `event_id` it is what an event of a team was.

    Returns:
        The id of the service.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: the area or a participant is not within the actor's reach.
        Refusal: the claim cannot be served, or the event was not held; see
            `lib.services.claim.attach_service` and `lib.services.team_event.attach_event`.
    """
    with transaction(actor) as tx:
        what = ServiceRecord(entry, tuple(participants), claim_id, event_id)
        return _record(tx, actor, what, request_id)


def record_many(actor: Actor, *, records: Sequence[ServiceRecord], request_id: str) -> list[int]:
    """Record a whole list of services, all or none; see `record_service`. Ids in its order."""
    with transaction(actor) as tx:
        requests = requests_of(request_id, len(records))
        return written(tx, Service, requests) or [
            _record(tx, actor, *one) for one in zip(records, requests, strict=True)
        ]


def confirm_service(actor: Actor, *, service_id: int, version: int) -> None:
    """Confirm a waiting record: its hours count from now on.

    Raises:
        Refusal: ``refusal.own_service`` when the actor recorded it or served in it,
            ``refusal.wrong_state`` or ``refusal.changed_meanwhile`` when it moved on.
    """
    _decide(actor, service_id, version, ServiceAction.CONFIRM, None)


def confirm_many(actor: Actor, *, services: Sequence[tuple[int, int]]) -> None:
    """Confirm many waiting records, each an id and a version, all or none."""
    with transaction(actor) as tx:
        for service_id, version in services:
            _take_decision(tx, actor, service_id, version, ServiceAction.CONFIRM, None)


def return_service(actor: Actor, *, service_id: int, version: int, reason: str) -> None:
    """Return a waiting record to whoever recorded it, saying why; see `confirm_service`."""
    _decide(actor, service_id, version, ServiceAction.RETURN, reason)


def void_service(actor: Actor, *, service_id: int, version: int, reason: str) -> None:
    """Void a record for good, saying why; it stays readable and counts nowhere.

    Raises:
        Refusal: ``refusal.certified`` while a certificate counts its hours.
    """
    _decide(actor, service_id, version, ServiceAction.VOID, reason)


def correct_service(
    actor: Actor,
    *,
    service_id: int,
    version: int,
    entry: ServiceEntry,
    participants: Sequence[Participant],
) -> None:
    """Correct a returned record and send it for confirmation again; the trail keeps both.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: only whoever recorded it may correct it.
    """
    with transaction(actor) as tx:
        service = at_version(tx, Service, service_id, version)
        step = service_step(service.state, ServiceAction.CORRECT)
        if not step.own_only:
            raise Refusal("refusal.wrong_state", state=service.state, action=step.action)
        tx.permit(step.permission, service.area_id)
        area = area_of(tx, entry.area_id)
        tx.permit(step.permission, area.id)
        if service.recorded_by_id != actor.account_id:
            raise NotPermitted(step.permission, service.area_id)
        found = _participants(tx, entry, area, participants)
        changes = _changes(tx.session, service, entry, found)
        tx.sums.take(service, _standing_work(tx.session, service))
        left_area = service.area_id
        for name, value in _values(entry).items():
            setattr(service, name, value)
        service.state, service.reason = step.target, None
        tx.session.execute(delete(Participation).where(Participation.service_id == service.id))
        _take_part(tx, service, found)
        tx.sums.put(service, _work(found))
        _record_step(tx, service, step, None, area, changes, also=left_area)


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
    if tx.actor is not None and _is_own(tx.session, service, tx.actor):
        raise Refusal("refusal.own_service")
    work = _standing_work(tx.session, service)
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
    tx.sums.put(service, _standing_work(tx.session, service))
    # Who has the record open on a form is told that it changed.
    flag_modified(service, "reason")
    _record_step(tx, service, step, reason, area, {"minutes": (before, minutes)})


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


def _decide(
    actor: Actor, service_id: int, version: int, action: ServiceAction, reason: str | None
) -> None:
    with transaction(actor) as tx:
        _take_decision(tx, actor, service_id, version, action, reason)


def _take_decision(
    tx: Transaction,
    actor: Actor,
    service_id: int,
    version: int,
    action: ServiceAction,
    reason: str | None,
) -> None:
    service = at_version(tx, Service, service_id, version)
    area = area_of(tx, service.area_id)
    step = service_step(service.state, action)
    tx.permit(step.permission, area.id)
    words = reason_given(step, reason)
    if step.not_own and _is_own(tx.session, service, actor):
        raise Refusal("refusal.own_service")
    before, work = service.state, _standing_work(tx.session, service)
    if any(trust is Trust.CERTIFIED for trust, _ in work):
        raise Refusal("refusal.certified")
    tx.sums.take(service, work)
    service.state, service.reason = step.target, words
    service.decided_by_id, service.decided_at = actor.account_id, now()
    tx.session.flush()
    trust = Trust.CONFIRMED if step.target is ServiceState.CONFIRMED else Trust.SELF_REPORTED
    tx.session.execute(
        update(Participation)
        .where(Participation.service_id == service.id)
        .values(trust=trust)
        .execution_options(synchronize_session=False)
    )
    tx.sums.put(service, [(trust, minutes) for _, minutes in work])
    _record_step(tx, service, step, words, area, {"state": (before, step.target)})


def _record(tx: Transaction, actor: Actor, what: ServiceRecord, request_id: str) -> int:
    entry, step = what.entry, service_step(None, ServiceAction.RECORD)
    area = area_of(tx, entry.area_id)
    tx.permit(step.permission, area.id)
    found = _participants(tx, entry, area, what.participants)
    service = Service(
        **_values(entry),
        state=step.target,
        recorded_by_id=actor.account_id,
        recorded_at=now(),
        request_id=request_id,
    )
    tx.session.add(service)
    tx.session.flush()
    _take_part(tx, service, found)
    tx.sums.put(service, _work(found))
    if what.claim_id is not None:
        attach_service(tx, what.claim_id, service)
    if what.event_id is not None:
        attach_event(tx, what.event_id, service)
    _record_step(tx, service, step, None, area, {})
    return service.id


def _is_own(session: Session, service: Service, actor: Actor) -> bool:
    if service.recorded_by_id == actor.account_id:
        return True
    if actor.person_id is None:
        return False
    served = select(Participation.id).where(
        Participation.service_id == service.id, Participation.person_id == actor.person_id
    )
    return session.scalar(served.limit(1)) is not None


def _values(entry: ServiceEntry) -> dict[str, object]:
    values = {f.name: getattr(entry, f.name) for f in fields(entry)}
    return values | {"place": line(entry.place), "note": clean(entry.note)}


def _participants(
    tx: Transaction, entry: ServiceEntry, area: Area, participants: Sequence[Participant]
) -> list[Participant]:
    """The participants with new volunteers registered, once everything is acceptable."""
    problems = [
        *day_problems(entry.day, today()),
        *amount_problems("people_served", entry.people_served, PEOPLE_SERVED_MAX),
        *amount_problems("goods", entry.goods, GOODS_MAX),
        *amount_problems("money", entry.money_fen, MONEY_FEN_MAX),
        *too_long("place", line(entry.place), NAME_MAX),
        *too_long("note", clean(entry.note), NOTE_MAX),
        *(
            p
            for one in participants
            for p in amount_problems("minutes", one.minutes, MINUTES_MAX, 1)
        ),
    ]
    if area.valid_until is not None and entry.day > area.valid_until:
        problems.append(
            Problem("area_id", "problem.area_closed", {"day": area.valid_until.isoformat()})
        )
    if not participants:
        problems.append(Problem("participants", "problem.nobody"))
    problems += _twice(participants)
    problems += [p for one in participants for p in _name_problems(one.new_name)]
    if problems:
        raise Invalid(problems)
    _within_reach(tx, participants, area.id)
    return [
        Participant(p.minutes, person_id=_register(tx, entry, p.new_name)) if p.new_name else p
        for p in participants
    ]


def _name_problems(new_name: str | None) -> list[Problem]:
    if new_name is None or 1 <= len(line(new_name)) <= PERSON_NAME_MAX:
        return []
    return [Problem("participants", "problem.bad_name", {"name": line(new_name)[:30]})]


def _twice(participants: Sequence[Participant]) -> list[Problem]:
    keys = [(p.person_id, p.team_id, p.organisation_id, line(p.new_name)) for p in participants]
    repeated = len(keys) - len(set(keys))
    return [Problem("participants", "problem.repeated", {"n": repeated})] if repeated else []


def _within_reach(tx: Transaction, participants: Sequence[Participant], area_id: int) -> None:
    """Everybody named must be somebody the actor may record for."""
    act_for(
        tx,
        area_id,
        persons={p.person_id for p in participants if not p.team_id and not p.organisation_id},
        teams={p.team_id for p in participants if p.team_id},
        units={p.organisation_id for p in participants if p.organisation_id},
    )


def _register(tx: Transaction, entry: ServiceEntry, name: str) -> int:
    tx.permit(Permission.PERSON_REGISTER, entry.area_id)
    person = Person(
        name=line(name), area_id=entry.area_id, consented_on=today(), volunteer_since=today()
    )
    tx.session.add(person)
    note_consent(tx, person)
    tx.record(
        "person.register",
        person,
        topic=Topic.PEOPLE,
        area_ids=frozenset({entry.area_id}),
        changes={"name": (None, "")},
    )
    return person.id


def _take_part(tx: Transaction, service: Service, participants: Sequence[Participant]) -> None:
    """Write who took part, past the unit of work: twenty objects would cost more than the rest."""
    insert_rows(
        tx.session,
        Participation,
        [
            {
                "service_id": service.id,
                "person_id": p.person_id,
                "team_id": p.team_id,
                "organisation_id": p.organisation_id,
                "minutes": p.minutes,
                "trust": Trust.SELF_REPORTED,
            }
            for p in participants
        ],
    )


def _work(participants: Sequence[Participant]) -> list[Work]:
    return [(Trust.SELF_REPORTED, p.minutes) for p in participants]


def _standing_work(session: Session, service: Service) -> list[Work]:
    statement = select(Participation.trust, Participation.minutes).where(
        Participation.service_id == service.id
    )
    return [(trust, minutes) for trust, minutes in session.execute(statement)]


def _changes(
    session: Session, service: Service, entry: ServiceEntry, participants: Sequence[Participant]
) -> dict[str, tuple[object, object]]:
    changes = {
        name: (getattr(service, name), value)
        for name, value in _values(entry).items()
        if getattr(service, name) != value
    }
    before = session.execute(
        select(func.count(), func.sum(Participation.minutes)).where(
            Participation.service_id == service.id
        )
    ).one()
    after = (len(participants), sum(p.minutes for p in participants))
    if tuple(before) != after:
        changes["participants"] = (before[0], after[0])
        changes["minutes"] = (before[1], after[1])
    return changes


def _record_step(
    tx: Transaction,
    service: Service,
    step: Step[ServiceState, ServiceAction],
    reason: str | None,
    area: Area,
    changes: dict[str, tuple[object, object]],
    *,
    also: int | None = None,
) -> None:
    tx.record(
        f"service.{step.action}",
        service,
        topic=Topic.SERVICE,
        area_ids=frozenset({area.id, also or area.id}),
        label=f"{area.name_zh} {service.day.isoformat()}",
        changes=changes,
    )
    by = tx.actor.account_id if tx.actor else service.recorded_by_id
    keep_step(tx, ServiceStep, step, reason, by, service_id=service.id)
    follow_service(tx, service)
