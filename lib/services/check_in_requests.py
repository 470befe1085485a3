"""Requests to check in that come from a phone: ask, accept, decline, drop what nobody answered.

What was asked goes when it is answered: an accepted one lives on as the check-in, of a declined
one nothing stays but that it was. Who may ask how often is counted where the form is served.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lib.domain.calendar import now
from lib.domain.check_in import PLEDGE_TEXT, REQUEST_DAYS, WAITING_MAX, certificate_problems
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.retention import CONSENT_TEXT
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.text import line, required
from lib.domain.vocab import Skill, Topic
from lib.persistence.models import CheckIn, CheckInRequest, Organisation
from lib.persistence.scope import community_of
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.check_in import CheckInEntry, register
from lib.services.steps import REASON_MAX, area_of
from lib.services.volunteers import ProfileEntry


@dataclass(frozen=True)
class RequestEntry:
    """What a phone sends: a name, the unit and its certificate if there is one, where they live."""

    name: str
    agreed: bool = False
    pledged: bool = False
    organisation_id: int | None = None
    certificate_number: str = ""
    home_area_id: int | None = None
    skills: Set[Skill] = field(default_factory=frozenset)


@once(CheckInRequest)
def ask_to_check_in(*, area_id: int, entry: RequestEntry, request_id: str) -> int:
    """Take a request at the check-in point of a community; the same request writes once.

    Raises:
        Invalid: naming every field to mend.
        Refusal: ``refusal.sheet_full`` when too many requests wait there unanswered.
    """
    with transaction(None) as tx:
        waiting = select(func.count()).where(CheckInRequest.area_id == area_id)
        if (tx.session.scalar(waiting) or 0) >= WAITING_MAX:
            raise Refusal("refusal.sheet_full")
        _refuse_wrong(tx, entry, area_id)
        request = CheckInRequest(
            area_id=area_id,
            home_area_id=entry.home_area_id,
            organisation_id=entry.organisation_id,
            name=line(entry.name),
            certificate_number=line(entry.certificate_number),
            skills=" ".join(sorted(entry.skills)),
            text_version=CONSENT_TEXT,
            pledge_version=PLEDGE_TEXT,
            asked_at=now(),
            request_id=request_id,
        )
        tx.session.add(request)
        _record(tx, "check_in.ask", request)
        return request.id


@once(CheckIn)
def accept_request(
    actor: Actor,
    *,
    number: int,
    request_id: str,
    person_id: int | None = None,
    day: date | None = None,
) -> int:
    """Check in who asked: as somebody new, or as `person_id` who is known; the check-in's id.

    Raises:
        Invalid, Refusal: as `lib.services.check_in.check_in`; the request then waits on.
        NotFound: somebody answered it meanwhile.
        NotPermitted: it was asked where the actor does not register.
    """
    with transaction(actor) as tx:
        request = _asked(tx, number)
        tx.permit(Permission.CHECKIN_REGISTER, request.area_id)
        skills = frozenset(Skill(one) for one in request.skills.split() if one in list(Skill))
        entry = CheckInEntry(
            area_id=request.home_area_id or request.area_id,
            person_id=person_id,
            new_name=request.name,
            organisation_id=request.organisation_id,
            certificate_number=request.certificate_number,
            day=day,
            pledged=True,
            consented=True,
            profile=ProfileEntry(skills) if skills else None,
        )
        check_in_id = register(tx, entry, request_id)
        tx.session.delete(request)
        return check_in_id


def decline_request(actor: Actor, *, number: int, reason: str) -> None:
    """Send a request away, saying why; nothing of who asked is kept.

    Raises:
        Invalid: the reason is missing or too long.
        NotFound: somebody answered it meanwhile.
        NotPermitted: it was asked where the actor does not register.
    """
    with transaction(actor) as tx:
        request = _asked(tx, number)
        tx.permit(Permission.CHECKIN_REGISTER, request.area_id)
        words = line(reason)
        problems = required("reason", words, REASON_MAX)
        if problems:
            raise Invalid(problems)
        _record(tx, "check_in.decline", request, words)
        tx.session.delete(request)


def drop_unanswered(session: Session) -> int:
    """Delete requests that nobody answered in time; how many."""
    limit = now() - timedelta(days=REQUEST_DAYS)
    return (
        session.connection()
        .execute(delete(CheckInRequest).where(CheckInRequest.asked_at < limit))
        .rowcount
    )


def _asked(tx: Transaction, number: int) -> CheckInRequest:
    request = tx.session.get(CheckInRequest, number, with_for_update=True)
    if request is None:
        raise NotFound
    return request


def _refuse_wrong(tx: Transaction, entry: RequestEntry, area_id: int) -> None:
    number, unit_id = line(entry.certificate_number), entry.organisation_id
    problems = [
        *required("person_name", line(entry.name), PERSON_NAME_MAX),
        *certificate_problems(number, has_unit=unit_id is not None),
    ]
    if not entry.agreed:
        problems.append(Problem("consented", "problem.no_consent"))
    if not entry.pledged:
        problems.append(Problem("pledged", "problem.no_pledge"))
    unit = tx.session.get(Organisation, unit_id) if unit_id is not None else None
    if unit_id is not None and (unit is None or unit.closed_on is not None):
        problems.append(Problem("organisation_id", "problem.no_unit"))
    if entry.home_area_id is not None:
        home = area_of(tx, entry.home_area_id)
        if community_of(tx.session, home.id) != community_of(tx.session, area_id):
            problems.append(Problem("home_area_id", "problem.home_elsewhere"))
    if problems:
        raise Invalid(problems)


def _record(tx: Transaction, action: str, request: CheckInRequest, reason: str = "") -> None:
    changes: dict[str, tuple[object, object]] = {"name": (None, None)}
    if reason:
        changes["reason"] = (None, reason)
    tx.record(
        action,
        request,
        topic=Topic.PEOPLE,
        area_ids=frozenset({request.area_id}),
        changes=changes,
    )
