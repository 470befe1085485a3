"""Commands on check-ins (报到): register, pause, resume, move, leave, give the slip back.

What the pledge says stands in words, its version in `lib.domain.check_in`; requests from phones
come in by `lib.services.check_in_requests`.
"""

import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import IntegrityError

from lib.domain.calendar import now, today
from lib.domain.check_in import (
    MANY_MAX,
    OPEN,
    PLEDGE_TEXT,
    certificate_problems,
    day_problems,
)
from lib.domain.errors import Invalid, Named, NotFound, NotPermitted, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.text import line, required
from lib.domain.vocab import CheckInAction, CheckInState, Level, Topic, VolunteerDuty
from lib.domain.workflow import Step, check_in_step
from lib.persistence.models import (
    Area,
    CheckIn,
    CheckInStep,
    Organisation,
    Person,
    UnitDeadline,
)
from lib.persistence.scope import community_of, reaches
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.consents import note_consent
from lib.services.steps import area_of, at_version, keep_step, reason_given
from lib.services.volunteers import (
    ProfileEntry,
    change_duties,
    keep_profile,
    profile_problems,
)

_Step = Step[CheckInState, CheckInAction]


@dataclass(frozen=True)
class CheckInEntry:
    """What the form says: who checks in, where they live, and what they brought.

    The person is one who is known, `person_id`, or somebody new who agrees to be registered,
    `new_name` and `consented`. `area_id` is the community or grid where they live; `day` is today
    where nothing else is said. Duties and profile that are not given stay as they are.
    """

    area_id: int
    person_id: int | None = None
    new_name: str = ""
    organisation_id: int | None = None
    certificate_number: str = ""
    day: date | None = None
    pledged: bool = False
    consented: bool = False
    duties: Set[VolunteerDuty] | None = None
    profile: ProfileEntry | None = None


@dataclass(frozen=True)
class MoveEntry:
    """Where somebody moves, and the certificate of another unit if they changed that too.

    Without `organisation_id` unit and certificate stay; a `certificate_number` then only proves
    who is there to a community that did not know them.
    """

    area_id: int
    organisation_id: int | None = None
    certificate_number: str = ""
    day: date | None = None


@once(CheckIn)
def check_in(actor: Actor | None, *, entry: CheckInEntry, request_id: str) -> int:
    """Check somebody in with the community where they live; the same request writes once.

    Returns:
        The id of the check-in.

    Raises:
        Invalid: naming every field to mend; also without pledge, or consent of somebody new.
        NotPermitted: the area or the person is out of the actor's reach.
        Refusal: ``refusal.checked_in`` or ``refusal.certificate_used`` where the person, or the
            certificate, is checked in already: its values say where, since when and under which
            unit, and `check_in_id` and `version` what to move.
    """
    with transaction(actor) as tx:
        return register(tx, entry, request_id)


def check_in_many(
    actor: Actor | None, *, entries: Sequence[CheckInEntry], request_id: str
) -> list[int]:
    """Check a whole list in, all or none; returns the ids in the list's order.

    Raises:
        Invalid: too many, or what is wrong with the first entry that is refused, with its number
            in the list and its sentence.
        NotPermitted: as `check_in`.
    """
    if len(entries) > MANY_MAX:
        raise Invalid([Problem("members", "problem.too_many_members", {"limit": MANY_MAX})])
    with transaction(actor) as tx:
        made = []
        for number, entry in enumerate(entries, start=1):
            own = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{request_id} {number}"))
            known = tx.session.scalar(select(CheckIn.id).where(CheckIn.request_id == own))
            try:
                made.append(known or register(tx, entry, own))
            except NotPermitted:
                raise
            except Refusal as refusal:
                said = refusal.problems[0] if refusal.problems else refusal
                values = {"number": number, "problem": said}
                raise Invalid([Problem("members", "problem.in_list", values)]) from refusal
        return made


def pause(actor: Actor, *, check_in_id: int, version: int, reason: str) -> None:
    """Let somebody rest for a while, saying why; they stay checked in."""
    with transaction(actor) as tx:
        one, step = _due(tx, check_in_id, version, CheckInAction.PAUSE)
        _take(tx, one, step, reason_given(step, reason))


def resume(actor: Actor, *, check_in_id: int, version: int) -> None:
    """End a pause."""
    with transaction(actor) as tx:
        one, step = _due(tx, check_in_id, version, CheckInAction.RESUME)
        _take(tx, one, step, None)


def leave(actor: Actor, *, check_in_id: int, version: int, reason: str) -> None:
    """End a check-in for good, saying why; duties end with it, what was done stays."""
    with transaction(actor) as tx:
        one, step = _due(tx, check_in_id, version, CheckInAction.LEAVE)
        person = tx.session.get_one(Person, one.person_id)
        words = reason_given(step, reason)
        _end(tx, one, person, max(today(), one.checked_in_on))
        person.checked_in_on = None
        _take(tx, one, step, words)


def return_slip(actor: Actor, *, check_in_id: int, version: int, day: date | None = None) -> None:
    """Note the day on which the slip went back to the unit's branch.

    Raises:
        Invalid: a day to come, or before the check-in.
        Refusal: ``refusal.no_slip`` for a volunteer without a unit.
    """
    with transaction(actor) as tx:
        one, step = _due(tx, check_in_id, version, CheckInAction.RETURN_SLIP)
        if one.organisation_id is None:
            raise Refusal("refusal.no_slip")
        on = day or today()
        problems = day_problems("slip_returned_on", on, today(), one.checked_in_on)
        if problems:
            raise Invalid(problems)
        before, one.slip_returned_on = one.slip_returned_on, on
        _take(tx, one, step, one.reason, {"slip_returned_on": (before, on)})


@once(CheckIn)
def move(actor: Actor, *, check_in_id: int, version: int, entry: MoveEntry, request_id: str) -> int:
    """End a check-in as moved and begin one where somebody lives now, or for another unit.

    The community that somebody moves to may do it alone when they show the same certificate.

    Returns:
        The id of the new check-in.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: the new area, or the person without their certificate, is out of reach.
        Refusal: ``refusal.same_place`` when nothing would change, ``refusal.certificate_used``.
    """
    with transaction(actor) as tx:
        one = at_version(tx, CheckIn, check_in_id, version, lock=True)
        step = check_in_step(one.state, CheckInAction.MOVE)
        area, person = area_of(tx, entry.area_id), tx.session.get_one(Person, one.person_id)
        tx.permit(step.permission, area.id)
        number = line(entry.certificate_number)
        _permit_old(tx, one, person, number)
        day = entry.day or today()
        community = _acceptable_move(tx, area, entry, day, one.checked_in_on)
        unit_id = entry.organisation_id or one.organisation_id
        if (area.id, unit_id) == (person.area_id, one.organisation_id):
            raise Refusal("refusal.same_place")
        if unit_id != one.organisation_id:
            _refuse_certificate(tx, unit_id, number, but=one.person_id)
        else:
            number = one.certificate_number or ""
        left = person.area_id
        _end(tx, one, person, day)
        _take(tx, one, step, None)
        new = CheckIn(
            person_id=person.id,
            area_id=community,
            organisation_id=unit_id,
            certificate_number=number or None,
            checked_in_on=day,
            due_on=one.due_on,
            pledge_version=one.pledge_version,
            pledged_at=one.pledged_at,
            request_id=request_id,
        )
        _settle_person(person, area, new)
        _begin(tx, new, also=left)
        keep_profile(tx, person.id, None, _home(area))
        return new.id


def register(tx: Transaction, entry: CheckInEntry, request_id: str | None) -> int:
    """`check_in` within a transaction that is open."""
    step = check_in_step(None, CheckInAction.REGISTER)
    area = area_of(tx, entry.area_id)
    tx.permit(step.permission, area.id)
    day, number = entry.day or today(), line(entry.certificate_number)
    community = _acceptable(tx, area, entry, day)
    person = _person(tx, entry, day)
    _refuse_certificate(tx, entry.organisation_id, number)
    left = person.area_id
    one = CheckIn(
        person_id=person.id,
        area_id=community,
        organisation_id=entry.organisation_id,
        certificate_number=number or None,
        checked_in_on=day,
        due_on=_due_on(tx, entry.organisation_id),
        pledge_version=PLEDGE_TEXT,
        pledged_at=now(),
        request_id=request_id,
    )
    new = entry.person_id is None
    _settle_person(person, area, one)
    _begin(tx, one, also=left, new=new)
    keep_profile(tx, person.id, entry.profile, _home(area), new=new)
    if entry.duties is not None:
        change_duties(tx, person, entry.duties, day, new=new)
    return one.id


def _acceptable(tx: Transaction, area: Area, entry: CheckInEntry, day: date) -> int:
    """The community to check in with, once everything that was entered is acceptable."""
    community = community_of(tx.session, area.id)
    problems = [
        *_area_problems(area, community),
        *day_problems("checked_in_on", day, today()),
        *certificate_problems(
            line(entry.certificate_number), has_unit=entry.organisation_id is not None
        ),
        *_unit_problems(tx, entry.organisation_id),
        *(profile_problems(entry.profile) if entry.profile else []),
    ]
    if not entry.pledged:
        problems.append(Problem("pledged", "problem.no_pledge"))
    if entry.person_id is None:
        problems += required("person_name", line(entry.new_name), PERSON_NAME_MAX)
        if not entry.consented:
            problems.append(Problem("consented", "problem.no_consent"))
    if problems or community is None:
        raise Invalid(problems)
    return community


def _acceptable_move(tx: Transaction, area: Area, entry: MoveEntry, day: date, since: date) -> int:
    community = community_of(tx.session, area.id)
    number = line(entry.certificate_number)
    problems = [
        *_area_problems(area, community),
        *day_problems("checked_in_on", day, today(), since),
        *certificate_problems(number, has_unit=True),
        *_unit_problems(tx, entry.organisation_id),
    ]
    if problems or community is None:
        raise Invalid(problems)
    return community


def _area_problems(area: Area, community: int | None) -> list[Problem]:
    if community is None:
        return [Problem("area_id", "problem.no_check_in_here")]
    if area.valid_until is not None and area.valid_until < today():
        return [Problem("area_id", "problem.area_closed", {"day": area.valid_until.isoformat()})]
    return []


def _unit_problems(tx: Transaction, unit_id: int | None) -> list[Problem]:
    if unit_id is None:
        return []
    unit = tx.session.get(Organisation, unit_id)
    if unit is None:
        return [Problem("organisation_id", "problem.no_unit")]
    if unit.closed_on is not None:
        return [Problem("organisation_id", "problem.unit_closed", {"name": unit.name_zh})]
    return []


def _person(tx: Transaction, entry: CheckInEntry, day: date) -> Person:
    """Who is checked in: somebody known who is not yet, or somebody new."""
    if entry.person_id is None:
        person = Person(
            name=line(entry.new_name),
            area_id=entry.area_id,
            consented_on=today(),
            volunteer_since=day,
        )
        tx.session.add(person)
        note_consent(tx, person)
        return person
    known = tx.session.get(Person, entry.person_id, with_for_update=True)
    if known is None or known.forgotten_on is not None:
        raise NotFound
    tx.permit(Permission.CHECKIN_REGISTER, known.area_id)
    _refuse(tx, CheckIn.person_id == known.id, "refusal.checked_in")
    return known


def _refuse_certificate(
    tx: Transaction, unit_id: int | None, number: str, *, but: int | None = None
) -> None:
    if unit_id is not None and number:
        same = and_(
            CheckIn.organisation_id == unit_id,
            CheckIn.certificate_number == number,
            CheckIn.person_id != (but or 0),
        )
        _refuse(tx, same, "refusal.certificate_used")


def _refuse(tx: Transaction, where: ColumnElement[bool], code: str) -> None:
    """Refuse if a check-in of that kind is open, saying where it is and since when."""
    row = tx.session.execute(
        select(
            CheckIn.id,
            CheckIn.version,
            CheckIn.checked_in_on,
            Area.name_zh,
            Area.name_en,
            Organisation.name_zh.label("unit_zh"),
            Organisation.name_en.label("unit_en"),
        )
        .join(Area, Area.id == CheckIn.area_id)
        .outerjoin(Organisation, Organisation.id == CheckIn.organisation_id)
        .where(where, CheckIn.state.in_(OPEN))
        .limit(1)
    ).first()
    if row is not None:
        raise Refusal(
            code,
            area=Named(row.name_zh, row.name_en),
            unit=Named(row.unit_zh or "—", row.unit_en or row.unit_zh),
            day=row.checked_in_on.isoformat(),
            check_in_id=row.id,
            version=row.version,
        )


def _home(area: Area) -> int | None:
    return area.id if area.level is Level.GRID else None


def _due_on(tx: Transaction, unit_id: int | None) -> date | None:
    if unit_id is None:
        return None
    due = select(UnitDeadline.due_on).where(UnitDeadline.organisation_id == unit_id)
    return tx.session.scalar(due)


def _settle_person(person: Person, area: Area, one: CheckIn) -> None:
    """Let the person's row say where they live and whose member they are, as the check-in does."""
    person.area_id = area.id
    if one.organisation_id is not None:
        person.organisation_id = one.organisation_id
        person.checked_in_on = one.checked_in_on
    if person.volunteer_since is None:
        person.volunteer_since = one.checked_in_on


def _begin(tx: Transaction, one: CheckIn, *, also: int, new: bool = False) -> None:
    step = check_in_step(None, CheckInAction.REGISTER)
    tx.session.add(one)
    changes: dict[str, tuple[object, object]] = {"organisation_id": (None, one.organisation_id)}
    if new:
        changes["name"] = (None, None)
    _take(tx, one, step, None, changes, also=also)


def _due(
    tx: Transaction, check_in_id: int, version: int, action: CheckInAction
) -> tuple[CheckIn, _Step]:
    """The check-in on the screen and the step to take, for who registers where its person lives."""
    one = at_version(tx, CheckIn, check_in_id, version)
    step = check_in_step(one.state, action)
    tx.permit(step.permission, tx.session.get_one(Person, one.person_id).area_id)
    return one, step


def _permit_old(tx: Transaction, one: CheckIn, person: Person, number: str) -> None:
    if tx.actor is None or reaches(
        tx.session, tx.actor, Permission.CHECKIN_REGISTER, person.area_id
    ):
        return
    if not number or number != one.certificate_number:
        raise NotPermitted(
            Permission.CHECKIN_REGISTER, person.area_id, code="refusal.move_needs_certificate"
        )


def _end(tx: Transaction, one: CheckIn, person: Person, day: date) -> None:
    change_duties(tx, person, frozenset(), day)
    one.ended_on = day


def _take(
    tx: Transaction,
    one: CheckIn,
    step: _Step,
    reason: str | None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    *,
    also: int | None = None,
) -> None:
    one.state, one.reason = step.target, reason
    try:
        tx.session.flush()
    except IntegrityError as error:
        # The same person, or the same certificate, was checked in at the same moment.
        raise Refusal("refusal.changed_meanwhile") from error
    by = tx.actor.account_id if tx.actor else None
    kept = reason if step.reason else None
    keep_step(tx, CheckInStep, step, kept, by, check_in_id=one.id)
    tx.record(
        f"check_in.{step.action}",
        one,
        topic=Topic.PEOPLE,
        area_ids=frozenset({one.area_id, also or one.area_id}),
        changes={"state": (step.source, step.target), **(changes or {})},
    )
