"""Commands on the three-tier structure and on posts: set up, appoint, hand over, end.

An office's own person column says who holds it now, its appointments who held it when; both
change in one transaction. Estates and buildings are `lib.services.buildings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.text import line, required, too_long
from lib.domain.vocab import Office, PostKind, Topic
from lib.persistence.models import (
    Appointment,
    Area,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Person,
    Post,
)
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.consents import note_consent
from lib.services.tree import OLDEST, one_street, open_grid

TERM_DAYS = 366 * 10
"""How far ahead the end of a term may be agreed upon."""

Holdable = Post | Branch | BuildingGroup | CentreHousehold

_HOLDER: Mapping[Office, tuple[type[Any], str]] = {
    Office.POST: (Post, "person_id"),
    Office.BRANCH: (Branch, "secretary_id"),
    Office.BUILDING_GROUP: (BuildingGroup, "leader_id"),
    Office.CENTRE_HOUSEHOLD: (CentreHousehold, "person_id"),
}


@dataclass(frozen=True)
class Holder:
    """Who takes an office: somebody known, or a new name whose owner has agreed to be kept."""

    person_id: int | None = None
    new_name: str | None = None


@once(Branch)
def set_up_branch(
    actor: Actor, *, area_id: int, name_zh: str, name_en: str = "", request_id: str | None = None
) -> int:
    """Set up the grid's branch. The same request adds it once.

    Returns:
        Its id.

    Raises:
        Invalid: the name is missing or too long.
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``structure.branch_there``, ``structure.not_a_grid``.
    """
    with transaction(actor) as tx:
        tx.permit(Permission.STRUCTURE_EDIT, area_id)
        area = open_grid(tx, area_id)
        if tx.session.scalar(select(Branch.id).where(Branch.area_id == area_id)) is not None:
            raise Refusal("structure.branch_there", area=area.name_zh)
        branch = Branch(area_id=area_id, request_id=request_id, **_names(name_zh, name_en))
        tx.session.add(branch)
        _record(tx, "branch.set_up", branch, area_id, {"name_zh": (None, branch.name_zh)})
        return branch.id


def rename_branch(
    actor: Actor, *, branch_id: int, version: int, name_zh: str, name_en: str = ""
) -> None:
    """Save a branch's names from a form that was opened at `version`.

    Raises:
        Changed: somebody saved in between.
        Invalid: the name is missing or too long.
        NotPermitted: the grid is not within the actor's reach.
    """
    with transaction(actor) as tx:
        branch = _branch(tx, branch_id)
        names = ("name_zh", "name_en")
        if branch.version != version:
            raise Changed({name: getattr(branch, name) for name in names}, branch.version)
        values = _names(name_zh, name_en)
        changes = {
            n: (getattr(branch, n), values[n]) for n in names if getattr(branch, n) != values[n]
        }
        if changes:
            for name, value in values.items():
                setattr(branch, name, value)
            _record(tx, "branch.rename", branch, branch.area_id, changes)


@once(BuildingGroup)
def add_group(actor: Actor, *, branch_id: int, request_id: str | None = None) -> int:
    """Add a building group under the branch's next number; once for each request.

    Returns:
        Its id.

    Raises:
        NotPermitted: the grid is not within the actor's reach.
    """
    with transaction(actor) as tx:
        branch = _branch(tx, branch_id)
        last = tx.session.scalar(
            select(func.max(BuildingGroup.number)).where(BuildingGroup.branch_id == branch_id)
        )
        number = (last or 0) + 1
        group = BuildingGroup(branch_id=branch_id, number=number, request_id=request_id)
        tx.session.add(group)
        _record(tx, "building_group.add", group, branch.area_id, {"number": (None, group.number)})
        return group.id


@once(CentreHousehold)
def add_centre(
    actor: Actor, *, group_id: int, building_id: int, request_id: str | None = None
) -> int:
    """Add a centre household of the group at a building of its grid; once for each request.

    Returns:
        Its id.

    Raises:
        Invalid: the building stands in another grid, or the group has one there already.
        NotPermitted: the grid is not within the actor's reach.
    """
    with transaction(actor) as tx:
        group = tx.session.get(BuildingGroup, group_id, with_for_update=True)
        if group is None:
            raise NotFound
        branch = _branch(tx, group.branch_id)
        building = tx.session.get(Building, building_id)
        if building is None:
            raise NotFound
        if building.area_id != branch.area_id:
            raise Invalid([Problem("building_id", "problem.other_grid")])
        same = select(CentreHousehold.id).where(
            CentreHousehold.building_group_id == group_id,
            CentreHousehold.building_id == building_id,
        )
        if tx.session.scalar(same) is not None:
            raise Invalid([Problem("building_id", "problem.centre_there")])
        centre = CentreHousehold(
            building_group_id=group_id, building_id=building_id, request_id=request_id
        )
        tx.session.add(centre)
        where = {"building_id": (None, building.label)}
        _record(tx, "centre_household.add", centre, branch.area_id, where)
        return centre.id


@once(Post)
def add_post(actor: Actor, *, area_id: int, kind: PostKind, request_id: str | None = None) -> int:
    """Add a post that holds the grid; a grid has one head and any number of workers.

    Raises:
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``structure.head_there``, ``structure.not_a_grid``.
    """
    with transaction(actor) as tx:
        tx.permit(Permission.STRUCTURE_EDIT, area_id)
        area = open_grid(tx, area_id)
        heads = select(Post.id).where(Post.area_id == area_id, Post.kind == PostKind.HEAD)
        if kind is PostKind.HEAD and tx.session.scalar(heads.limit(1)) is not None:
            raise Refusal("structure.head_there", area=area.name_zh)
        post = Post(area_id=area_id, kind=kind, request_id=request_id)
        tx.session.add(post)
        _record(tx, "post.add", post, area_id, {"kind": (None, kind)})
        return post.id


def remove_office(actor: Actor, *, office: Office, office_id: int) -> None:
    """Take back an office that nobody ever held, such as one set up by mistake.

    Raises:
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``structure.has_terms`` when somebody held it, ``structure.has_offices_below``.
    """
    with transaction(actor) as tx:
        row, area_id = _office(tx, office, office_id)
        tx.permit(Permission.STRUCTURE_EDIT, area_id)
        terms = select(Appointment.id).where(
            Appointment.office == office, Appointment.office_id == office_id
        )
        if tx.session.scalar(terms.limit(1)) is not None:
            raise Refusal("structure.has_terms")
        below = {
            Office.BRANCH: select(BuildingGroup.id).where(BuildingGroup.branch_id == office_id),
            Office.BUILDING_GROUP: select(CentreHousehold.id).where(
                CentreHousehold.building_group_id == office_id
            ),
        }.get(office)
        if below is not None and tx.session.scalar(below.limit(1)) is not None:
            raise Refusal("structure.has_offices_below")
        _record(tx, f"{office}.remove", row, area_id, {})
        tx.session.delete(row)


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
        row, area_id = _office(tx, office, office_id)
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
        setattr(row, _HOLDER[term.office][1], None)
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
            _record(tx, "office.term", row, area_id, changes)


def _names(name_zh: str, name_en: str) -> dict[str, str | None]:
    zh, en = line(name_zh), line(name_en)
    problems = [*required("name_zh", zh), *too_long("name_en", en, 200)]
    if problems:
        raise Invalid(problems)
    return {"name_zh": zh, "name_en": en or None}


def _branch(tx: Transaction, branch_id: int) -> Branch:
    branch = tx.session.get(Branch, branch_id, with_for_update=True)
    if branch is None:
        raise NotFound
    tx.permit(Permission.STRUCTURE_EDIT, branch.area_id)
    return branch


def _office(tx: Transaction, office: Office, office_id: int) -> tuple[Holdable, int]:
    """The office's row, locked, and its grid."""
    row: Holdable | None = tx.session.get(_HOLDER[office][0], office_id, with_for_update=True)
    if row is None:
        raise NotFound
    if isinstance(row, Post | Branch):
        return row, row.area_id
    branches = select(Branch.area_id).join(BuildingGroup, BuildingGroup.branch_id == Branch.id)
    group = row.id if isinstance(row, BuildingGroup) else row.building_group_id
    return row, tx.session.scalars(branches.where(BuildingGroup.id == group)).one()


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
    row, area_id = _office(tx, term.office, term.office_id)
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
    setattr(row, _HOLDER[office][1], person_id)
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
    _record(tx, action, row, area_id, {"person_id": (None, None), **changes, **agreed})


def _record(
    tx: Transaction,
    action: str,
    row: Holdable,
    area_id: int,
    changes: Mapping[str, tuple[object, object]],
) -> None:
    area = tx.session.get_one(Area, area_id)
    tx.record(
        action,
        row,
        topic=Topic.STRUCTURE,
        area_ids=frozenset({area_id}),
        label=row.name_zh if isinstance(row, Branch) else area.name_zh,
        changes=changes,
    )
