"""Commands on what is held on a person: correct, erase, hand out, and forget in time.

Statistics stay true: a person who is forgotten keeps the participations and loses everything that
tells who it was. Looking at masked fields stands in `lib.services.personal`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from lib.domain.calendar import STREET_TIME, months_back, now, today
from lib.domain.check_in import OPEN
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.retention import Kept
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.text import line, required
from lib.domain.vocab import CheckInAction, CheckInState, Topic
from lib.persistence.models import (
    Account,
    Appointment,
    CheckIn,
    CheckInStep,
    Consent,
    CorrectionRequest,
    Membership,
    Participation,
    Person,
    Service,
    Team,
    VolunteerProfile,
    VolunteerRole,
    VolunteerSkill,
    VolunteerTime,
    WebSession,
)
from lib.persistence.transaction import Transaction, transaction
from lib.services.check_in_requests import drop_unanswered
from lib.services.team import end_requests

_AT_ONCE = 500


def correct_name(actor: Actor, *, person_id: int, before: str, name: str) -> None:
    """Write a person's name as it should be; `before` is what the screen showed.

    Raises:
        Invalid: no name, or too long a one.
        Refusal: ``refusal.changed_meanwhile`` when somebody corrected it in between.
    """
    with transaction(actor) as tx:
        person = _person(tx, person_id)
        if person.name != before:
            raise Refusal("refusal.changed_meanwhile")
        words = line(name)
        problems = required("person_name", words, PERSON_NAME_MAX)
        if problems:
            raise Invalid(problems)
        if words == before:
            return
        person.name = words
        _enter(tx, "person.correct", person, {"name": (None, None)})


def note_export(actor: Actor | None, *, person_id: int) -> None:
    """Enter that what is held on the person was handed out."""
    with transaction(actor) as tx:
        person = _person(tx, person_id)
        _enter(tx, "person.export", person, {"name": (None, None)}, topic=None)


def erase_person(actor: Actor, *, person_id: int, typed: str) -> None:
    """Take out everything that tells who somebody was; `typed` is the name, to confirm.

    Their account is closed, what they did stays counted.

    Raises:
        Invalid: what was typed is not the name.
        Refusal: ``people.holds_office`` while an office or a team waits for a successor.
    """
    with transaction(actor) as tx:
        person = _person(tx, person_id)
        if line(typed) != person.name:
            raise Invalid([Problem("person_typed", "problem.other_name")])
        if tx.session.scalar(select(_busy()).where(Person.id == person_id)):
            raise Refusal("people.holds_office")
        _forget(tx.session, [person_id], today())
        tx.session.expire(person)
        _enter(tx, "person.erase", person, {"name": (None, None)})


def forget_due(years: Mapping[Kept, int], *, dry_run: bool = False) -> dict[Kept, int]:
    """Forget everybody whose time is over; how many of each kind there are, or would be.

    The years run from the last of consent, its entry here, service and office. Whoever holds an
    office, leads a team or can sign in is still needed and stays.
    """
    counts: dict[Kept, int] = {}
    with transaction(None) as tx:
        if not dry_run:
            drop_unanswered(tx.session)
        for kind in Kept:
            limit = months_back(today(), 12 * years[kind])
            rows = tx.session.execute(
                select(Person.id, Person.area_id).where(_due(kind, limit)).order_by(Person.id)
            ).all()
            counts[kind] = len(rows)
            if dry_run or not rows:
                continue
            for start in range(0, len(rows), _AT_ONCE):
                some = rows[start : start + _AT_ONCE]
                _forget(tx.session, [row.id for row in some], today())
            tx.record(
                "person.forget",
                Person.__tablename__,
                topic=Topic.PEOPLE,
                area_ids=frozenset(row.area_id for row in rows),
                changes={"name": (None, None), "people": (None, len(rows))},
            )
    return counts


def _person(tx: Transaction, person_id: int) -> Person:
    person = tx.session.get(Person, person_id, with_for_update=True)
    if person is None or person.forgotten_on is not None:
        raise NotFound
    tx.permit(Permission.PERSON_KEEP, person.area_id)
    return person


def _enter(
    tx: Transaction,
    action: str,
    person: Person,
    changes: Mapping[str, tuple[object, object]],
    *,
    topic: Topic | None = Topic.PEOPLE,
) -> None:
    tx.record(action, person, topic=topic, area_ids=frozenset({person.area_id}), changes=changes)


def _busy() -> ColumnElement[bool]:
    """Whether somebody holds an office or leads a team."""
    return exists().where(
        Appointment.person_id == Person.id, Appointment.ended_on.is_(None)
    ) | exists().where(Team.leader_id == Person.id)


def _due(kind: Kept, limit: date) -> ColumnElement[bool]:
    volunteers = Person.volunteer_since.is_not(None)
    served = exists().where(
        Participation.person_id == Person.id,
        Participation.service_id == Service.id,
        Service.day >= limit,
    )
    noted = exists().where(
        Consent.person_id == Person.id,
        Consent.recorded_at >= datetime.combine(limit, time(), STREET_TIME),
    )
    in_office = exists().where(Appointment.person_id == Person.id, Appointment.ended_on >= limit)
    signs_in = exists().where(Account.person_id == Person.id, Account.closed_on.is_(None))
    return (
        Person.forgotten_on.is_(None)
        & (volunteers if kind is Kept.VOLUNTEER else ~volunteers)
        & (Person.consented_on < limit)
        & ~noted
        & ~served
        & ~in_office
        & ~_busy()
        & ~signs_in
    )


def _forget(session: Session, ids: Sequence[int], day: date) -> None:
    """Empty the rows, end the memberships, close the accounts."""
    session.execute(
        update(Person)
        .where(Person.id.in_(ids))
        .values(
            name="",
            organisation_id=None,
            checked_in_on=None,
            volunteer_since=None,
            forgotten_on=day,
        )
    )
    session.execute(
        update(Membership)
        .where(Membership.person_id.in_(ids), Membership.until.is_(None))
        .values(until=day)
    )
    session.execute(
        update(CorrectionRequest).where(CorrectionRequest.person_id.in_(ids)).values(words="")
    )
    end_requests(session, ids)
    session.execute(delete(Consent).where(Consent.person_id.in_(ids)))
    _end_check_ins(session, ids, day)
    theirs = select(Account.id).where(Account.person_id.in_(ids))
    session.execute(delete(WebSession).where(WebSession.account_id.in_(theirs)))
    session.execute(
        update(Account)
        .where(Account.person_id.in_(ids))
        .values(display_zh=Account.name, display_en=Account.name, closed_on=day, person_id=None),
        execution_options={"synchronize_session": False},
    )


def _end_check_ins(session: Session, ids: Sequence[int], day: date) -> None:
    """End what is open, with its step and without certificate; what they offered goes."""
    still = CheckIn.person_id.in_(ids) & CheckIn.state.in_(OPEN)
    left = [
        {
            "check_in_id": number,
            "action": CheckInAction.LEAVE,
            "source": state,
            "target": CheckInState.LEFT,
            "at": now(),
        }
        for number, state in session.execute(select(CheckIn.id, CheckIn.state).where(still))
    ]
    if left:
        session.execute(insert(CheckInStep), left)
    ended = {"state": CheckInState.LEFT, "ended_on": day, "version": CheckIn.version + 1}
    unsynchronised = {"synchronize_session": False}
    session.execute(update(CheckIn).where(still).values(**ended), execution_options=unsynchronised)
    session.execute(
        update(CheckIn)
        .where(CheckIn.person_id.in_(ids))
        .values(certificate_number=None, reason=None),
        execution_options=unsynchronised,
    )
    for model in (VolunteerProfile, VolunteerSkill, VolunteerTime, VolunteerRole):
        session.execute(
            delete(model).where(model.person_id.in_(ids)), execution_options=unsynchronised
        )
