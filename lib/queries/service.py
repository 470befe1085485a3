"""Reads of service records: what waits, what was done, by month, by area, by team.

People and services are counted as `lib.queries.few` tells them. Sums come from `DaySummary`, lists
from the services themselves. Hours count when the service is confirmed.
"""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    extract,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Language, ServiceState, Topic
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.households import households_of
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Account,
    Area,
    DaySummary,
    Membership,
    Organisation,
    Participation,
    Person,
    Service,
    ServiceStep,
    Team,
)
from lib.persistence.scope import seen
from lib.queries.counters import reads
from lib.queries.few import count_for, exact, frame_for
from lib.queries.summaries import summed

TOTAL_COLUMNS = ("minutes", "people_served", "services", "goods", "money_fen", "participations")
MONTH_COLUMNS = ("month", "minutes", "waiting_minutes", "people_served", "services", "areas")
AREA_COLUMNS = ("area_id", "minutes", "people_served", "services", "waiting", "last_day")
RECORD_COLUMNS = (
    "service_id",
    "version",
    "state",
    "day",
    "starts_at",
    "kind",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "place",
    "people_served",
    "beneficiary",
    "goods",
    "money_fen",
    "note",
    "reason",
    "minutes",
    "participants",
    "recorded_by_zh",
    "recorded_by_en",
    "recorded_at",
    "own",
    "confirmed_by",
    "satisfaction",
    "satisfaction_word",
)
PARTICIPANT_COLUMNS = (
    "service_id",
    "kind",
    "participant_id",
    "name_zh",
    "name_en",
    "minutes",
    "trust",
)
STEP_COLUMNS = ("action", "target", "at", "by_zh", "by_en", "reason")
SATISFACTION_COLUMNS = ("answers", "median", "mean")
KIND_COLUMNS = ("kind", "minutes", "services")

ANSWERS_LEAST = 5
"""Of fewer answers a median would tell what single neighbours think."""

_VIEW = Permission.AREA_VIEW
_ANY = DaySummary.services + DaySummary.waiting


def _in_days(first: date | None, last: date | None) -> ColumnElement[bool]:
    return and_(
        true(), *([Service.day >= first] if first else []), *([Service.day <= last] if last else [])
    )


@reads(Topic.SERVICE, Topic.AREAS)
def totals(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """One row of TOTAL_COLUMNS over confirmed services of the days `first` to `last`."""
    sums = (func.coalesce(func.sum(getattr(DaySummary, name)), 0) for name in TOTAL_COLUMNS)
    statement = select(*sums).where(summed(actor, area_id=area_id, first=first, last=last))
    with Reads() as session:
        row = session.execute(statement).one()
    frame = pd.DataFrame([tuple(map(int, row))], columns=list(TOTAL_COLUMNS))
    return frame_for(actor, area_id, frame, "people_served", "services", "participations")


@reads(Topic.SERVICE, Topic.AREAS)
def by_month(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """MONTH_COLUMNS by first day of month, oldest first, months without services left out.

    `minutes` and `people_served` are confirmed ones, `waiting_minutes` those not confirmed yet,
    `areas` the number of areas with any service.
    """
    year, month = extract("year", DaySummary.day), extract("month", DaySummary.day)
    statement = (
        select(
            year,
            month,
            func.sum(DaySummary.minutes),
            func.sum(DaySummary.waiting_minutes),
            func.sum(DaySummary.people_served),
            func.sum(_ANY),
            func.count(DaySummary.area_id.distinct()),
        )
        .where(summed(actor, area_id=area_id, first=first, last=last), _ANY > 0)
        .group_by(year, month)
    )
    with Reads() as session:
        rows = [(date(int(y), int(m), 1), *map(int, n)) for y, m, *n in session.execute(statement)]
    frame = pd.DataFrame(sorted(rows), columns=list(MONTH_COLUMNS))
    return frame_for(actor, area_id, frame, "people_served", "services")


@reads(Topic.SERVICE, Topic.AREAS)
def by_area(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """AREA_COLUMNS for every area with a service in the days, or one waiting at any time.

    `minutes` and `people_served` are confirmed; `services` counts confirmed and waiting ones.
    """
    frame = exact_by_area(actor, area_id=area_id, first=first, last=last)
    return frame_for(actor, area_id, frame, "people_served", "services", "waiting")


@reads(Topic.SERVICE, Topic.AREAS)
def exact_by_area(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """`by_area` as it is, for queries that add it up; it leaves no query as it is."""
    given = (
        select(
            DaySummary.area_id,
            func.sum(DaySummary.minutes).label("minutes"),
            func.sum(DaySummary.people_served).label("people_served"),
            func.sum(_ANY).label("services"),
            func.max(DaySummary.day).label("last_day"),
        )
        .where(summed(actor, area_id=area_id, first=first, last=last), _ANY > 0)
        .group_by(DaySummary.area_id)
    )
    waiting = (
        select(Service.area_id, func.count().label("waiting"))
        .where(seen(Service.area_id, actor, _VIEW, area_id), Service.state == ServiceState.RECORDED)
        .group_by(Service.area_id)
    )
    with Reads() as session:
        counted = {area: (*map(int, n), day) for area, *n, day in session.execute(given)}
        waits = {row.area_id: row.waiting for row in session.execute(waiting)}
    rows = []
    for area in sorted({*counted, *waits}):
        minutes, people, services, last_day = counted.get(area, (0, 0, 0, None))
        rows.append((area, minutes, people, services, waits.get(area, 0), last_day))
    return pd.DataFrame(rows, columns=list(AREA_COLUMNS))


@reads(Topic.SERVICE, Topic.AREAS)
def by_kind(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """KIND_COLUMNS over confirmed services of the days, most minutes first."""
    minutes, services = func.sum(DaySummary.minutes), func.sum(DaySummary.services)
    statement = (
        select(DaySummary.kind, minutes, services)
        .where(summed(actor, area_id=area_id, first=first, last=last), DaySummary.services > 0)
        .group_by(DaySummary.kind)
        .order_by(minutes.desc(), DaySummary.kind)
    )
    with Reads() as session:
        rows = [(k.value, int(m), int(n)) for k, m, n in session.execute(statement)]
    frame = pd.DataFrame(rows, columns=list(KIND_COLUMNS))
    return frame_for(actor, area_id, frame, "services")


@reads(Topic.SERVICE, Topic.AREAS)
def waiting_count(
    actor: Actor, *, area_id: int | None, recorded_before: date | None = None
) -> float:
    """How many records wait for confirmation, all or those of days before `recorded_before`."""
    statement = select(func.count()).where(
        seen(Service.area_id, actor, _VIEW, area_id), Service.state == ServiceState.RECORDED
    )
    if recorded_before is not None:
        statement = statement.where(Service.day < recorded_before)
    with Reads() as session:
        n = session.scalar(statement) or 0
    return count_for(actor, area_id, n)


@reads(Topic.SERVICE, Topic.AREAS, Topic.UNITS, Topic.PEOPLE)
def records(
    actor: Actor,
    *,
    area_id: int | None,
    states: tuple[ServiceState, ...] = tuple(ServiceState),
    first: date | None = None,
    last: date | None = None,
    kind: str | None = None,
    beneficiary: str | None = None,
    trust: str | None = None,
    unit_id: int | None = None,
    team_id: int | None = None,
    itself: bool = False,
    mine: bool = False,
    service_ids: tuple[int, ...] | None = None,
    oldest_first: bool = False,
    limit: int = 200,
) -> pd.DataFrame:
    """RECORD_COLUMNS of the service records that match, newest day first unless told otherwise.

    `trust` keeps those with a participation vouched for in this way, `itself` those of the area
    that were recorded for none below it, `service_ids` only these. `own` says that this actor
    recorded it or served in it and so may not confirm it; `reason` is empty where none was given.
    """
    conditions = [
        seen(Service.area_id, actor, Permission.SERVICE_VIEW, area_id),
        _in_days(first, last),
        Service.state.in_(states),
    ]
    if kind is not None:
        conditions.append(Service.kind == kind)
    if beneficiary is not None:
        conditions.append(Service.beneficiary == beneficiary)
    if trust is not None:
        of_service = Participation.service_id == Service.id
        conditions.append(exists().where(of_service, Participation.trust == trust))
    if unit_id is not None:
        conditions.append(_took_part(unit_id=unit_id))
    if team_id is not None:
        conditions.append(_took_part(team_id=team_id))
    if itself:
        conditions.append(Service.area_id == area_id)
    if service_ids is not None:
        conditions.append(Service.id.in_(service_ids))
    if mine:
        conditions.append(Service.recorded_by_id == actor.account_id)
    order = (Service.day, Service.id) if oldest_first else (Service.day.desc(), Service.id.desc())
    statement = _record_rows(actor).where(*conditions).order_by(*order).limit(limit)
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(RECORD_COLUMNS))
    frame["own"] = frame["own"].astype(bool)
    return frame


def _took_part(*, unit_id: int | None = None, team_id: int | None = None) -> ColumnElement[bool]:
    of_service = Participation.service_id == Service.id
    if team_id is not None:
        current = select(Membership.person_id).where(
            Membership.team_id == team_id, Membership.until.is_(None)
        )
        kind = select(Team.kind).where(Team.id == team_id).scalar_subquery()
        together = Participation.team_id == team_id
        apart = and_(Participation.person_id.in_(current), Service.kind == kind)
        return exists().where(of_service, or_(together, apart))
    members = select(Person.id).where(Person.organisation_id == unit_id)
    return exists().where(
        of_service,
        or_(Participation.organisation_id == unit_id, Participation.person_id.in_(members)),
    )


def _record_rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    part = Participation.service_id == Service.id
    served = exists().where(part, Participation.person_id == (actor.person_id or 0))
    minutes = select(func.sum(Participation.minutes)).where(part).scalar_subquery()
    people = select(func.count()).where(part).scalar_subquery()
    recorder = aliased(Account)
    return (
        select(
            Service.id,
            Service.version,
            Service.state,
            Service.day,
            Service.starts_at,
            Service.kind,
            Service.area_id,
            Area.code,
            Area.name_zh,
            Area.name_en,
            Service.place,
            Service.people_served,
            Service.beneficiary,
            Service.goods,
            Service.money_fen,
            Service.note,
            func.coalesce(Service.reason, ""),
            minutes,
            people,
            recorder.display_zh,
            recorder.display_en,
            Service.recorded_at,
            or_(Service.recorded_by_id == actor.account_id, served),
            Service.confirmed_by,
            Service.satisfaction,
            Service.satisfaction_word,
        )
        .join(Area, Area.id == Service.area_id)
        .join(recorder, recorder.id == Service.recorded_by_id)
    )


@reads(Topic.SERVICE, Topic.AREAS)
def to_vouch(actor: Actor, *, limit: int = 50) -> pd.DataFrame:
    """RECORD_COLUMNS that wait in grids where the actor holds a centre household; none of its own.

    Oldest first.
    """
    held = households_of(actor.person_id)
    waits = and_(Service.state == ServiceState.RECORDED, Service.area_id.in_(held))
    statement = _record_rows(actor).where(waits).order_by(Service.day, Service.id).limit(limit)
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(RECORD_COLUMNS))
    return frame[~frame["own"].astype(bool)].assign(own=False)


@reads(Topic.SERVICE, Topic.AREAS)
def satisfaction(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """One row of SATISFACTION_COLUMNS over the confirmed services of the days.

    Who may not count exactly is told median and mean only where `ANSWERS_LEAST` have answered;
    else both are null.
    """
    statement = select(Service.satisfaction).where(
        seen(Service.area_id, actor, _VIEW, area_id),
        _in_days(first, last),
        Service.state == ServiceState.CONFIRMED,
        Service.satisfaction.is_not(None),
    )
    with Reads() as session:
        grades = pd.Series(session.scalars(statement).all(), dtype="float64")
    told = len(grades) > 0 and (len(grades) >= ANSWERS_LEAST or exact(actor, area_id))
    row = (len(grades), *((grades.median(), grades.mean()) if told else (None, None)))
    frame = pd.DataFrame([row], columns=list(SATISFACTION_COLUMNS))
    return frame_for(actor, area_id, frame, "answers")


@reads(Topic.SERVICE, Topic.AREAS)
def record(actor: Actor, *, service_id: int) -> pd.DataFrame:
    """One row of RECORD_COLUMNS, none when there is no such record within the actor's sight."""
    statement = _record_rows(actor).where(
        Service.id == service_id, seen(Service.area_id, actor, Permission.SERVICE_VIEW, None)
    )
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(RECORD_COLUMNS))
    frame["own"] = frame["own"].astype(bool)
    return frame


@reads(Topic.SERVICE, Topic.PEOPLE, Topic.UNITS)
def participants(actor: Actor, *, service_ids: tuple[int, ...]) -> pd.DataFrame:
    """PARTICIPANT_COLUMNS of the services; names of people as the actor may see them.

    `kind` is person, team or unit, and `participant_id` the id among those of its kind.
    """
    statement = (
        select(
            Participation.service_id,
            Participation.person_id,
            Participation.team_id,
            Participation.organisation_id,
            name_for(actor, Service.area_id),
            func.coalesce(Team.name_zh, Organisation.name_zh),
            func.coalesce(Team.name_en, Organisation.name_en),
            Participation.minutes,
            Participation.trust,
        )
        .join(Service, Service.id == Participation.service_id)
        .outerjoin(Person, Person.id == Participation.person_id)
        .outerjoin(Team, Team.id == Participation.team_id)
        .outerjoin(Organisation, Organisation.id == Participation.organisation_id)
        .where(
            Participation.service_id.in_(service_ids),
            seen(Service.area_id, actor, Permission.SERVICE_VIEW, None),
        )
        .order_by(Participation.service_id, Participation.id)
    )
    rows: list[tuple[object, ...]] = []
    with Reads() as session:
        for service_id, person, team, unit, name, zh, en, *given in session.execute(statement):
            if person is not None:
                rows.append((service_id, "person", person, name, None, *given))
            elif team is not None:
                rows.append((service_id, "team", team, zh, en, *given))
            else:
                rows.append((service_id, "unit", unit, zh, en, *given))
    return pd.DataFrame(rows, columns=list(PARTICIPANT_COLUMNS))


@reads(Topic.SERVICE)
def steps(actor: Actor, *, service_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one record, oldest first; `reason` is empty where none was given."""
    by = aliased(Account)
    statement = (
        select(
            ServiceStep.action,
            ServiceStep.target,
            ServiceStep.at,
            *name_or(by, "history.by_resident"),
            func.coalesce(ServiceStep.reason, ""),
        )
        .join(Service, Service.id == ServiceStep.service_id)
        .outerjoin(by, by.id == ServiceStep.account_id)
        .where(
            ServiceStep.service_id == service_id,
            seen(Service.area_id, actor, Permission.SERVICE_VIEW, None),
        )
        .order_by(ServiceStep.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STEP_COLUMNS))


def name_or(account: type[Account], key: str) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The account's two names; where no account did it, the words of `key`."""
    return (
        func.coalesce(account.display_zh, say(key, Language.ZH)),
        func.coalesce(account.display_en, say(key, Language.EN)),
    )
