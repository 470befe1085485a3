"""The unit's ledger (台账): who of its members checked in where, and what they did, by quarter.

Nothing of residents stands in it: where a service was, whom it was for and what was noted stay out.
"""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import CheckInState, ServiceState, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import Area, CheckIn, Organisation, Participation, Person, Service
from lib.persistence.scope import owned
from lib.queries.check_in import duties_of
from lib.queries.counters import reads

QUARTERS = (1, 2, 3, 4)
LEDGER_COLUMNS = (
    "person_id",
    "name",
    "state",
    "area_zh",
    "area_en",
    "since",
    "duties",
    *(f"q{n}_{what}" for n in QUARTERS for what in ("services", "minutes")),
    "services",
    "minutes",
)
"""`area_…` is the community of the last check-in, `since` the day of the first one for the unit;
services and minutes are confirmed ones, by quarter of the service's day and in the whole year."""

UNIT_COLUMNS = ("organisation_id", "name_zh", "name_en")


@reads(Topic.PEOPLE, Topic.UNITS)
def units(actor: Actor) -> pd.DataFrame:
    """UNIT_COLUMNS of the open units whose ledger the actor may read, by name."""
    statement = (
        select(Organisation.id, Organisation.name_zh, Organisation.name_en)
        .where(
            owned(Organisation, actor, Permission.CHECKIN_LEDGER),
            Organisation.closed_on.is_(None),
        )
        .order_by(Organisation.name_zh, Organisation.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(UNIT_COLUMNS))


@reads(Topic.PEOPLE, Topic.SERVICE, Topic.AREAS)
def ledger(actor: Actor, *, organisation_id: int, year: int) -> pd.DataFrame:
    """LEDGER_COLUMNS of the unit's members checked in at any time of the year, by name.

    Empty for who may not read the unit's ledger. A member who moved stands there once.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    of_unit = CheckIn.organisation_id == organisation_id
    may = exists().where(
        Organisation.id == organisation_id, owned(Organisation, actor, Permission.CHECKIN_LEDGER)
    )
    members = (
        select(
            CheckIn.person_id,
            name_for(actor, CheckIn.area_id),
            CheckIn.state,
            Area.name_zh,
            Area.name_en,
            CheckIn.checked_in_on,
        )
        .join(Person, Person.id == CheckIn.person_id)
        .join(Area, Area.id == CheckIn.area_id)
        .where(
            of_unit,
            may,
            CheckIn.checked_in_on <= last,
            or_(CheckIn.ended_on.is_(None), CheckIn.ended_on >= first),
        )
        .order_by(CheckIn.person_id, CheckIn.id)
    )
    with Reads() as session:
        found: dict[int, tuple[Any, ...]] = {}
        for person_id, *row, since in session.execute(members):
            earlier = found.get(person_id)
            found[person_id] = (person_id, *row, earlier[5] if earlier else since)
        duties = duties_of(session, found)
        work = _work(session, organisation_id, first, last) if found else {}
    rows = [
        (*row, duties.get(person_id, ()), *work.get(person_id, (0,) * 10))
        for person_id, row in found.items()
    ]
    rows.sort(key=lambda row: (row[1], row[0]))
    return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS), dtype=object)


def _work(
    session: Any,  # noqa: ANN401 - a session that reads
    organisation_id: int,
    first: date,
    last: date,
) -> dict[int, tuple[int, ...]]:
    """Confirmed services and minutes of each member: the four quarters, then the year."""
    starts = [first.replace(month=month) for month in (4, 7, 10)]
    quarters = [
        Service.day < starts[0],
        and_(Service.day >= starts[0], Service.day < starts[1]),
        and_(Service.day >= starts[1], Service.day < starts[2]),
        Service.day >= starts[2],
    ]
    sums = [
        figure
        for quarter in quarters
        for figure in (
            func.count(case((quarter, 1))),
            func.coalesce(func.sum(case((quarter, Participation.minutes))), 0),
        )
    ]
    statement = (
        select(
            Participation.person_id,
            *sums,
            func.count(),
            func.coalesce(func.sum(Participation.minutes), 0),
        )
        .join(Service, Service.id == Participation.service_id)
        .where(
            Participation.person_id.in_(
                select(CheckIn.person_id).where(CheckIn.organisation_id == organisation_id)
            ),
            Service.state == ServiceState.CONFIRMED,
            Service.day.between(first, last),
            _checked_in_then(organisation_id),
        )
        .group_by(Participation.person_id)
    )
    return {row[0]: tuple(int(n) for n in row[1:]) for row in session.execute(statement)}


def _checked_in_then(organisation_id: int) -> ColumnElement[bool]:
    """Whether the participant was checked in for the unit on the day of the service."""
    return exists().where(
        CheckIn.person_id == Participation.person_id,
        CheckIn.organisation_id == organisation_id,
        CheckIn.checked_in_on <= Service.day,
        or_(
            CheckIn.ended_on.is_(None),
            CheckIn.ended_on > Service.day,
            and_(CheckIn.state == CheckInState.LEFT, CheckIn.ended_on == Service.day),
        ),
    )
