"""Commands on service records: record, confirm, return, correct, void.

This is the slice that the other services copy: load, permit, decide, record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, time

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

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
    ConfirmedBy,
    ServiceAction,
    ServiceKind,
    Topic,
    Trust,
)
from lib.domain.workflow import service_step
from lib.persistence.bulk import insert_rows
from lib.persistence.households import households_of
from lib.persistence.models import (
    Area,
    Branch,
    Participation,
    Person,
    Service,
)
from lib.persistence.summaries import Work
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.acting import act_for
from lib.services.claim import attach_service
from lib.services.consents import note_consent
from lib.services.photos import BlurredPhoto, attach_photo
from lib.services.settling import (
    Feedback,
    decide,
    is_own,
    record_service_step,
    standing_work,
    vouch,
)
from lib.services.steps import area_of, at_version, reason_given, requests_of, written
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
    photos: Sequence[BlurredPhoto] = (),
) -> int:
    """Record one service with everybody who took part; the same request writes once.

    With `claim_id` it is the service, or one of the services, that the claim promised; with
    `event_id` it is what an event of a team was. Photos come with their faces blurred.

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
        number = _record(tx, actor, what, request_id)
        for photo in photos:
            attach_photo(tx, tx.session.get_one(Service, number), photo)
        return number


def record_many(actor: Actor, *, records: Sequence[ServiceRecord], request_id: str) -> list[int]:
    """Record a whole list of services, all or none; see `record_service`. Ids in its order."""
    with transaction(actor) as tx:
        requests = requests_of(request_id, len(records))
        return written(tx, Service, requests) or [
            _record(tx, actor, *one) for one in zip(records, requests, strict=True)
        ]


def confirm_service(
    actor: Actor,
    *,
    service_id: int,
    version: int,
    by_phone: bool = False,
    feedback: Feedback | None = None,
) -> None:
    """Confirm a waiting record: its hours count from now on.

    `by_phone` says that the person served said so on the telephone, `feedback` what they think.

    Raises:
        Invalid: no such satisfaction, or too long a word.
        Refusal: ``refusal.own_service`` when the actor recorded it or served in it,
            ``refusal.wrong_state`` or ``refusal.changed_meanwhile`` when it moved on.
    """
    by = ConfirmedBy.ON_BEHALF_BY_PHONE if by_phone else ConfirmedBy.SECRETARY
    _decide(actor, service_id, version, ServiceAction.CONFIRM, None, by, feedback)


def confirm_as_household(
    actor: Actor,
    *,
    service_id: int,
    version: int,
    by_phone: bool = False,
    feedback: Feedback | None = None,
) -> None:
    """Confirm a waiting record of a grid in which the actor holds a centre household.

    Raises:
        NotPermitted: they hold none there.
        Refusal: as in `confirm_service`.
    """
    by = ConfirmedBy.ON_BEHALF_BY_PHONE if by_phone else ConfirmedBy.CENTRE_HOUSEHOLD
    _decide(
        actor, service_id, version, ServiceAction.CONFIRM, None, by, feedback, as_household=True
    )


def confirm_many(actor: Actor, *, services: Sequence[tuple[int, int]]) -> None:
    """Confirm many waiting records, each an id and a version, all or none."""
    with transaction(actor) as tx:
        by = ConfirmedBy.SECRETARY
        for shown in services:
            _take_decision(tx, actor, shown, ServiceAction.CONFIRM, None, by)


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
        tx.sums.take(service, standing_work(tx.session, service))
        left_area = service.area_id
        for name, value in _values(entry).items():
            setattr(service, name, value)
        service.state, service.reason = step.target, None
        tx.session.execute(delete(Participation).where(Participation.service_id == service.id))
        _take_part(tx, service, found)
        tx.session.flush()
        vouch(tx, service)
        record_service_step(
            tx, service, step, None, area, changes, by=actor.account_id, also=left_area
        )


def _decide(
    actor: Actor,
    service_id: int,
    version: int,
    action: ServiceAction,
    reason: str | None,
    confirmed_by: ConfirmedBy | None = None,
    feedback: Feedback | None = None,
    *,
    as_household: bool = False,
) -> None:
    with transaction(actor) as tx:
        _take_decision(
            tx,
            actor,
            (service_id, version),
            action,
            reason,
            confirmed_by,
            feedback,
            as_household=as_household,
        )


def _take_decision(
    tx: Transaction,
    actor: Actor,
    shown: tuple[int, int],
    action: ServiceAction,
    reason: str | None,
    confirmed_by: ConfirmedBy | None = None,
    feedback: Feedback | None = None,
    *,
    as_household: bool = False,
) -> None:
    """Decide on the record of this id at this version."""
    service = at_version(tx, Service, *shown)
    step = service_step(service.state, action)
    if as_household:
        _permit_household(tx, actor, step.permission, service.area_id)
    else:
        tx.permit(step.permission, service.area_id)
    words = reason_given(step, reason)
    if step.not_own and is_own(tx.session, service, actor.account_id, actor.person_id):
        raise Refusal("refusal.own_service")
    decide(tx, service, step, words, confirmed_by=confirmed_by, feedback=feedback)


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
    if what.claim_id is None:
        tx.sums.put(service, _work(found))
    else:
        attach_service(tx, what.claim_id, service)
        vouch(tx, service)
    if what.event_id is not None:
        attach_event(tx, what.event_id, service)
    record_service_step(tx, service, step, None, area, {}, by=actor.account_id)
    return service.id


def _permit_household(tx: Transaction, actor: Actor, permission: Permission, area_id: int) -> None:
    held = households_of(actor.person_id).where(Branch.area_id == area_id)
    if tx.session.scalar(held.limit(1)) is None:
        raise NotPermitted(permission, area_id)


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
