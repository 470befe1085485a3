"""Reads of check-ins (报到): who is checked in where, requests that wait, units and deadlines.

The unit's ledger stands in `lib.queries.unit_ledger`.
"""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, or_, select
from sqlalchemy.orm import aliased

from lib.domain.calendar import local
from lib.domain.check_in import CHIEFS, OPEN
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import CheckInState, DayPart, Level, Skill, Topic, VolunteerDuty
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Account,
    Area,
    CheckIn,
    CheckInRequest,
    CheckInStep,
    Membership,
    Organisation,
    Person,
    UnitDeadline,
    VolunteerProfile,
    VolunteerRole,
    VolunteerSkill,
    VolunteerTime,
)
from lib.persistence.scope import below, owned, reached, seen
from lib.queries.counters import reads
from lib.queries.service import STEP_COLUMNS

CHECK_IN_COLUMNS = (
    "check_in_id",
    "version",
    "person_id",
    "name",
    "state",
    "reason",
    "area_id",
    "area_zh",
    "area_en",
    "home_id",
    "home_zh",
    "home_en",
    "organisation_id",
    "unit_zh",
    "unit_en",
    "certificate_number",
    "checked_in_on",
    "due_on",
    "ended_on",
    "slip_returned_on",
    "in_team",
    "duties",
)
"""`duties` is a tuple of `VolunteerDuty` held now; `home_…` is where the person lives."""

TOTAL_COLUMNS = ("members", "organisations", "communities", "chiefs", "open", "paused", "slips")
REQUEST_COLUMNS = (
    "number",
    "name",
    "area_zh",
    "area_en",
    "home_zh",
    "home_en",
    "unit_zh",
    "unit_en",
    "certificate_number",
    "skills",
    "asked_at",
)
GRID_COLUMNS = ("area_id", "name_zh", "name_en")
WAITING_COLUMNS = ("kind", "n", "since")
UNIT_COLUMNS = (
    "organisation_id",
    "unit_zh",
    "unit_en",
    "area_zh",
    "area_en",
    "due_on",
    "expected",
    "version",
    "checked_in",
    "slips",
    "missing",
    "late",
)

_REGISTER = Permission.CHECKIN_REGISTER


@dataclass(frozen=True)
class Profile:
    """What a volunteer offers, and the duties held now; `version` is 0 where none was saved."""

    version: int = 0
    home_area_id: int | None = None
    radius_m: int | None = None
    skills: Set[Skill] = field(default_factory=frozenset)
    times: Set[tuple[int, DayPart]] = field(default_factory=frozenset)
    duties: Set[VolunteerDuty] = field(default_factory=frozenset)


@reads(Topic.PEOPLE, Topic.UNITS, Topic.AREAS)
def listing(
    actor: Actor,
    *,
    area_id: int | None,
    states: tuple[CheckInState, ...] = (),
    organisation_id: int | None = None,
    text: str = "",
    limit: int = 100,
) -> pd.DataFrame:
    """CHECK_IN_COLUMNS of the check-ins below the area, the newest first.

    `text` is found in names, of the person and of the unit, and in certificate numbers.
    """
    conditions: list[ColumnElement[bool]] = [_sight(actor, area_id)]
    if states:
        conditions.append(CheckIn.state.in_(states))
    if organisation_id is not None:
        conditions.append(CheckIn.organisation_id == organisation_id)
    wanted = line(text)
    if wanted:
        columns = (Person.name, Organisation.name_zh, CheckIn.certificate_number)
        conditions.append(or_(*(one.contains(wanted, autoescape=True) for one in columns)))
    statement = _rows(actor).where(*conditions)
    return _frame(statement.order_by(CheckIn.checked_in_on.desc(), CheckIn.id.desc()).limit(limit))


@reads(Topic.PEOPLE, Topic.UNITS, Topic.AREAS)
def check_in(actor: Actor, *, check_in_id: int) -> pd.DataFrame:
    """One row of CHECK_IN_COLUMNS, none when it is not within the actor's sight."""
    return _frame(_rows(actor).where(CheckIn.id == check_in_id, _sight(actor, None)))


@reads(Topic.PEOPLE)
def steps(actor: Actor, *, check_in_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one check-in, oldest first; `by_…` is None where nobody took the step."""
    by = aliased(Account)
    statement = (
        select(
            CheckInStep.action,
            CheckInStep.target,
            CheckInStep.at,
            by.display_zh,
            by.display_en,
            func.coalesce(CheckInStep.reason, ""),
        )
        .join(CheckIn, CheckIn.id == CheckInStep.check_in_id)
        .join(Person, Person.id == CheckIn.person_id)
        .outerjoin(by, by.id == CheckInStep.account_id)
        .where(CheckInStep.check_in_id == check_in_id, _sight(actor, None))
        .order_by(CheckInStep.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STEP_COLUMNS))


@reads(Topic.PEOPLE, Topic.AREAS)
def totals(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """One row of TOTAL_COLUMNS below the area, for who registers or keeps ledgers there.

    `members` are distinct people who ever checked in for a unit, `organisations` and `communities`
    those with at least one of them; `chiefs` people who hold one of the three chiefs' duties now;
    `open` and `paused` check-ins as they stand, `slips` those still to go back to a unit.
    """
    within = or_(
        seen(CheckIn.area_id, actor, _REGISTER, area_id),
        seen(CheckIn.area_id, actor, Permission.CHECKIN_LEDGER, area_id),
    )
    of_unit, still = CheckIn.organisation_id.is_not(None), CheckIn.state.in_(OPEN)
    counted = select(
        func.count(distinct(case((of_unit, CheckIn.person_id)))),
        func.count(distinct(CheckIn.organisation_id)),
        func.count(distinct(case((of_unit, CheckIn.area_id)))),
        func.count(case((still, 1))),
        func.count(case((CheckIn.state == CheckInState.PAUSED, 1))),
        func.count(case((and_(still, of_unit, CheckIn.slip_returned_on.is_(None)), 1))),
    ).where(within)
    chiefs = select(func.count(distinct(VolunteerRole.person_id))).where(
        VolunteerRole.role.in_(CHIEFS),
        VolunteerRole.until.is_(None),
        or_(
            seen(VolunteerRole.area_id, actor, _REGISTER, area_id),
            seen(VolunteerRole.area_id, actor, Permission.CHECKIN_LEDGER, area_id),
        ),
    )
    with Reads() as session:
        members, organisations, communities, *rest = session.execute(counted).one()
        row = (members, organisations, communities, session.scalar(chiefs) or 0, *rest)
    return pd.DataFrame([row], columns=list(TOTAL_COLUMNS))


@reads(Topic.PEOPLE, Topic.UNITS, Topic.AREAS)
def requests(actor: Actor, *, area_id: int | None) -> pd.DataFrame:
    """REQUEST_COLUMNS of what was sent from phones below the area, the oldest first.

    `skills` is a tuple of `Skill`.
    """
    home = aliased(Area)
    statement = (
        select(
            CheckInRequest.id,
            CheckInRequest.name,
            Area.name_zh,
            Area.name_en,
            home.name_zh,
            home.name_en,
            Organisation.name_zh,
            Organisation.name_en,
            CheckInRequest.certificate_number,
            CheckInRequest.skills,
            CheckInRequest.asked_at,
        )
        .join(Area, Area.id == CheckInRequest.area_id)
        .outerjoin(home, home.id == CheckInRequest.home_area_id)
        .outerjoin(Organisation, Organisation.id == CheckInRequest.organisation_id)
        .where(seen(CheckInRequest.area_id, actor, _REGISTER, area_id))
        .order_by(CheckInRequest.id)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    frame = pd.DataFrame(rows, columns=list(REQUEST_COLUMNS), dtype=object)
    frame["skills"] = [tuple(Skill(one) for one in skills.split()) for skills in frame["skills"]]
    return frame


@reads(Topic.PEOPLE, Topic.UNITS, Topic.AREAS)
def units(actor: Actor, *, area_id: int | None, day: date) -> pd.DataFrame:
    """UNIT_COLUMNS of the open units below the area, those late on `day` first, then by name.

    `checked_in` are members checked in now, `missing` how many of those expected are not, `late`
    whether some are missing after the unit's day. For who registers there, and a unit's own.
    """
    still = CheckIn.state.in_(OPEN)
    here = (
        select(
            CheckIn.organisation_id,
            func.count().label("n"),
            func.count(case((CheckIn.slip_returned_on.is_(None), 1))).label("slips"),
        )
        .where(still, CheckIn.organisation_id.is_not(None))
        .group_by(CheckIn.organisation_id)
        .subquery()
    )
    may = or_(
        reached(Organisation.area_id, actor, _REGISTER),
        owned(Organisation, actor, Permission.CHECKIN_LEDGER),
    )
    statement = (
        select(
            Organisation.id,
            Organisation.name_zh,
            Organisation.name_en,
            Area.name_zh,
            Area.name_en,
            UnitDeadline.due_on,
            UnitDeadline.expected,
            func.coalesce(UnitDeadline.version, 0),
            func.coalesce(here.c.n, 0),
            func.coalesce(here.c.slips, 0),
        )
        .join(Area, Area.id == Organisation.area_id)
        .outerjoin(UnitDeadline, UnitDeadline.organisation_id == Organisation.id)
        .outerjoin(here, here.c.organisation_id == Organisation.id)
        .where(
            may,
            seen(Organisation.area_id, actor, Permission.UNIT_VIEW, area_id),
            Organisation.closed_on.is_(None),
        )
    )
    with Reads() as session:
        rows = [_judged(tuple(row), day) for row in session.execute(statement)]
    rows.sort(key=lambda row: (not row[-1], row[1], row[0]))
    return pd.DataFrame(rows, columns=list(UNIT_COLUMNS), dtype=object)


@reads(Topic.PEOPLE, Topic.UNITS, Topic.AREAS)
def waiting(actor: Actor, *, area_id: int | None, day: date) -> pd.DataFrame:
    """WAITING_COLUMNS: what waits for who registers below the area.

    Kinds: ``asked`` requests from phones, ``members_late`` units whose members are late on `day`;
    `since` is the day of the oldest.
    """
    asked = select(func.count(), func.min(CheckInRequest.asked_at)).where(
        seen(CheckInRequest.area_id, actor, _REGISTER, area_id)
    )
    with Reads() as session:
        n, first = session.execute(asked).one()
    rows: list[tuple[object, ...]] = [("asked", n, local(first).date())] if n else []
    if actor.may(_REGISTER):
        late = units(actor, area_id=area_id, day=day)
        late = late[late["late"].astype(bool)]
        if len(late):
            rows.append(("members_late", len(late), late["due_on"].min()))
    return pd.DataFrame(rows, columns=list(WAITING_COLUMNS))


def grids_of(area_id: int) -> pd.DataFrame:
    """GRID_COLUMNS of the open grids below a community, for the form that anybody may fill in."""
    statement = (
        select(Area.id, Area.name_zh, Area.name_en)
        .where(below(Area.id, area_id), Area.level == Level.GRID, Area.valid_until.is_(None))
        .order_by(Area.code)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(GRID_COLUMNS))


@reads(Topic.PEOPLE, Topic.AREAS)
def profile(actor: Actor, *, person_id: int) -> Profile:
    """What a volunteer offers; an empty one where nothing is known or it is not for the actor."""
    mine = person_id == actor.person_id
    with Reads() as session:
        there = select(Person.id).where(
            Person.id == person_id, reached(Person.area_id, actor, _REGISTER)
        )
        if not mine and session.scalar(there) is None:
            return Profile()
        kept = session.get(VolunteerProfile, person_id)
        skills = session.scalars(
            select(VolunteerSkill.skill).where(VolunteerSkill.person_id == person_id)
        )
        times = session.execute(
            select(VolunteerTime.weekday, VolunteerTime.part).where(
                VolunteerTime.person_id == person_id
            )
        )
        duties = session.scalars(
            select(VolunteerRole.role).where(
                VolunteerRole.person_id == person_id, VolunteerRole.until.is_(None)
            )
        )
        return Profile(
            kept.version if kept else 0,
            kept.home_area_id if kept else None,
            kept.radius_m if kept else None,
            frozenset(skills),
            frozenset((weekday, part) for weekday, part in times),
            frozenset(duties),
        )


def duties_of(
    session: Any,  # noqa: ANN401 - a session that reads
    person_ids: Iterable[int],
) -> dict[int, tuple[VolunteerDuty, ...]]:
    """The duties that each of these people holds now, in the order of the vocabulary."""
    held: defaultdict[int, list[VolunteerDuty]] = defaultdict(list)
    statement = select(VolunteerRole.person_id, VolunteerRole.role).where(
        VolunteerRole.person_id.in_(sorted(set(person_ids))), VolunteerRole.until.is_(None)
    )
    for person_id, duty in session.execute(statement):
        held[person_id].append(duty)
    order = list(VolunteerDuty)
    return {n: tuple(sorted(duties, key=order.index)) for n, duties in held.items()}


def _judged(row: tuple[Any, ...], day: date) -> tuple[Any, ...]:
    due_on, expected, checked_in = row[5], row[6], row[8]
    missing = max(0, (expected or 0) - checked_in)
    return (*row, missing, bool(missing and due_on is not None and due_on < day))


def _sight(actor: Actor, area_id: int | None) -> ColumnElement[bool]:
    """Check-ins with a community within reach, and those of people who live within it."""
    return or_(
        seen(CheckIn.area_id, actor, _REGISTER, area_id),
        seen(Person.area_id, actor, _REGISTER, area_id),
    )


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    home = aliased(Area)
    in_team = (
        select(Membership.id)
        .where(Membership.person_id == CheckIn.person_id, Membership.until.is_(None))
        .exists()
    )
    return (
        select(
            CheckIn.id,
            CheckIn.version,
            CheckIn.person_id,
            name_for(actor, CheckIn.area_id),
            CheckIn.state,
            func.coalesce(CheckIn.reason, ""),
            CheckIn.area_id,
            Area.name_zh,
            Area.name_en,
            Person.area_id,
            home.name_zh,
            home.name_en,
            CheckIn.organisation_id,
            Organisation.name_zh,
            Organisation.name_en,
            func.coalesce(CheckIn.certificate_number, ""),
            CheckIn.checked_in_on,
            CheckIn.due_on,
            CheckIn.ended_on,
            CheckIn.slip_returned_on,
            in_team,
        )
        .join(Person, Person.id == CheckIn.person_id)
        .join(Area, Area.id == CheckIn.area_id)
        .join(home, home.id == Person.area_id)
        .outerjoin(Organisation, Organisation.id == CheckIn.organisation_id)
    )


def _frame(statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    with Reads() as session:
        rows = session.execute(statement).all()
        duties = duties_of(session, (row[2] for row in rows))
    whole = [(*row, duties.get(row[2], ())) for row in rows]
    return pd.DataFrame(whole, columns=list(CHECK_IN_COLUMNS), dtype=object)
