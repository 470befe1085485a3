"""Commands on who holds an office of the three-tier structure, and when: appoint, hand over, end.

An office's own person column says who holds it now, its appointments who held it when; both
change in one transaction. The offices themselves are `lib.services.structure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.text import line, required
from lib.domain.vocab import Office, Topic
from lib.persistence.models import Appointment, Person
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.consents import note_consent
from lib.services.structure import HOLDERS, Holdable, locked_office, record_office
from lib.services.tree import OLDEST, one_street

TERM_DAYS = 366 * 10
"""How far ahead the end of a term may be agreed upon."""


@dataclass(frozen=True)
class Holder:
    """Who takes an office: somebody known, or a new name whose owner has agreed to be kept."""

    person_id: int | None = None
    new_name: str | None = None


@once(Appointment)
def appoint(
    actor: Actor,
    *,
    office: Office,
    office_id: int,
    holder: Holder,
    since: date,
    until: date | None = None,
    request_id: str | None = None,
) -> int:
    """Let somebody take a vacant office from `since`, until an agreed day if there is one.

    Returns:
        The id of the appointment.

    Raises:
        Invalid: naming every field to mend: nobody named, somebody of another street, days that
            are reversed, ahead of today, or within the last holder's term.
        NotPermitted: the office or the person is not within the actor's reach.
        Refusal: ``structure.held`` when somebody holds it.
    """
    with transaction(actor) as tx:
        row, area_id = locked_office(tx, office, office_id)
        tx.permit(Permission.STRUCTURE_EDIT, area_id)
        if _present(tx, office, office_id) is not None:
            raise Refusal("structure.held")
        problems = _term_problems("since", since, until)
        left = tx.session.scalar(
            select(func.max(Appointment.ended_on)).where(
                Appointment.office == office, Appointment.office_id == office_id
            )
        )
        if left is not None and since <= left:
            problems.append(Problem("since", "problem.before", _next_day(left)))
        person_id = _taker(tx, holder, area_id, problems)
        number = _take(tx, row, area_id, person_id, since, until, request_id)
        _record_term(tx, "office.appoint", row, area_id, {"since": (None, since)}, until)
        return number


@once(Appointment)
def hand_over(
    actor: Actor,
    *,
    appointment_id: int,
    holder: Holder,
    day: date,
    until: date | None = None,
    request_id: str | None = None,
) -> int:
    """Let a successor take the office from `day`; the present term ends on the day before.

    Returns:
        The id of the successor's appointment.

    Raises:
        Invalid: naming every field to mend, see `appoint`; also a successor who is the holder.
        NotPermitted: the office or the successor is not within the actor's reach.
        Refusal: ``refusal.changed_meanwhile`` when the term has ended.
    """
    with transaction(actor) as tx:
        return take_over(tx, appointment_id, holder, day, until, request_id)


def take_over(
    tx: Transaction,
    appointment_id: int,
    holder: Holder,
    day: date,
    until: date | None = None,
    request_id: str | None = None,
) -> int:
    """Like `hand_over`, within an open transaction."""
    term, row, area_id = _running(tx, appointment_id)
    problems = _term_problems("since", day, until)
    if term.since is not None and day <= term.since:
        problems.append(Problem("since", "problem.before", _next_day(term.since)))
    if holder.person_id == term.person_id:
        problems.append(Problem("person_id", "problem.same_holder"))
    person_id = _taker(tx, holder, area_id, problems)
    term.ended_on = day - timedelta(days=1)
    tx.session.flush()
    number = _take(tx, row, area_id, person_id, day, until, request_id)
    _record_term(tx, "office.hand_over", row, area_id, {"since": (term.since, day)}, until)
    return number


def end_appointment(actor: Actor, *, appointment_id: int, day: date) -> None:
    """Let `day` be the holder's last in office; it is vacant from then on.

    Raises:
        Invalid: the day is ahead of today or before the term began.
        NotPermitted: the office is not within the actor's reach.
        Refusal: ``refusal.changed_meanwhile`` when the term has ended.
    """
    with transaction(actor) as tx:
        term, row, area_id = _running(tx, appointment_id)
        problems = _day_problems("day", day)
        if term.since is not None and day < term.since:
            problems.append(Problem("day", "problem.before", {"day": term.since.isoformat()}))
        if problems:
            raise Invalid(problems)
        term.ended_on = day
        setattr(row, HOLDERS[term.office][1], None)
        _record_term(tx, "office.end", row, area_id, {"ended_on": (None, day)}, None)


def change_term(
    actor: Actor, *, appointment_id: int, since: date, until: date | None = None
) -> None:
    """Correct a running term's first day, or agree on another last day.

    Raises:
        Invalid: the days are reversed, or the first is ahead of today.
        NotPermitted: the office is not within the actor's reach.
        Refusal: ``refusal.changed_meanwhile`` when the term has ended.
    """
    with transaction(actor) as tx:
        term, row, area_id = _running(tx, appointment_id)
        problems = _term_problems("since", since, until)
        left = tx.session.scalar(
            select(func.max(Appointment.ended_on)).where(
                Appointment.office == term.office, Appointment.office_id == term.office_id
            )
        )
        if left is not None and since <= left:
            problems.append(Problem("since", "problem.before", _next_day(left)))
        if problems:
            raise Invalid(problems)
        new = {"since": since, "until": until}
        changes = {n: (getattr(term, n), day) for n, day in new.items() if getattr(term, n) != day}
        if changes:
            term.since, term.until = since, until
            record_office(tx, "office.term", row, area_id, changes)


def _present(tx: Transaction, office: Office, office_id: int) -> Appointment | None:
    return tx.session.scalar(
        select(Appointment).where(
            Appointment.office == office,
            Appointment.office_id == office_id,
            Appointment.ended_on.is_(None),
        )
    )


def _running(tx: Transaction, appointment_id: int) -> tuple[Appointment, Holdable, int]:
    """A term that has not ended, its office and grid; for those who may change it."""
    term = tx.session.get(Appointment, appointment_id)
    if term is None:
        raise NotFound
    row, area_id = locked_office(tx, term.office, term.office_id)
    tx.permit(Permission.STRUCTURE_EDIT, area_id)
    tx.session.refresh(term)  # the office is locked now: nobody ends the term any more
    if term.ended_on is not None:
        raise Refusal("refusal.changed_meanwhile")
    return term, row, area_id


def _take(
    tx: Transaction,
    row: Holdable,
    area_id: int,
    person_id: int,
    since: date,
    until: date | None,
    request_id: str | None,
) -> int:
    office = Office(row.__tablename__)
    setattr(row, HOLDERS[office][1], person_id)
    term = Appointment(
        office=office,
        office_id=row.id,
        area_id=area_id,
        person_id=person_id,
        since=since,
        until=until,
        request_id=request_id,
    )
    tx.session.add(term)
    tx.session.flush()
    return term.id


def _taker(tx: Transaction, holder: Holder, area_id: int, problems: list[Problem]) -> int:
    """Who takes the office, registered if the name is new, once everything is acceptable."""
    if holder.person_id is not None:
        person = tx.session.get(Person, holder.person_id)
        if person is None:
            raise NotFound
        tx.permit(Permission.STRUCTURE_EDIT, person.area_id)
        if not one_street(tx, area_id, person.area_id):
            problems.append(Problem("person_id", "problem.other_street"))
    else:
        problems += required("person_id", line(holder.new_name), PERSON_NAME_MAX)
    if problems:
        raise Invalid(problems)
    if holder.person_id is not None:
        return holder.person_id
    tx.permit(Permission.PERSON_REGISTER, area_id)
    person = Person(name=line(holder.new_name), area_id=area_id, consented_on=today())
    tx.session.add(person)
    note_consent(tx, person)
    tx.record(
        "person.register",
        person,
        topic=Topic.PEOPLE,
        area_ids=frozenset({area_id}),
        changes={"name": (None, "")},
    )
    return person.id


def _day_problems(field: str, day: date) -> list[Problem]:
    if day > today():
        return [Problem(field, "problem.after", {"day": today().isoformat()})]
    if day < OLDEST:
        return [Problem(field, "problem.before", {"day": OLDEST.isoformat()})]
    return []


def _term_problems(field: str, since: date, until: date | None) -> list[Problem]:
    problems = _day_problems(field, since)
    if until is None:
        return problems
    last = today() + timedelta(days=TERM_DAYS)
    if until < since:
        problems.append(Problem("until", "problem.before", {"day": since.isoformat()}))
    elif until > last:
        problems.append(Problem("until", "problem.after", {"day": last.isoformat()}))
    return problems


def _next_day(day: date) -> dict[str, object]:
    return {"day": (day + timedelta(days=1)).isoformat()}


def _record_term(
    tx: Transaction,
    action: str,
    row: Holdable,
    area_id: int,
    changes: Mapping[str, tuple[object, object]],
    until: date | None,
) -> None:
    agreed = {} if until is None else {"until": (None, until)}
    record_office(tx, action, row, area_id, {"person_id": (None, None), **changes, **agreed})
