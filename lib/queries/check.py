"""Whether the data agree with each other: what the database's own constraints cannot hold.

Reads only and for the command line alone; nothing is mended here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from itertools import groupby

import pandas as pd
import shapely
from sqlalchemy import case, exists, func, or_, select, text
from sqlalchemy.orm import Session

from lib.domain.rules import MINUTES_MAX
from lib.domain.vocab import ServiceAction, ServiceState, Trust
from lib.domain.workflow import SERVICE_STEPS
from lib.geo.shapes import bounding_box, from_geojson_geometry
from lib.persistence.engine import Reads
from lib.persistence.guards import missing_guards
from lib.persistence.models import (
    Account,
    Appointment,
    Area,
    AreaLink,
    AuditEntry,
    ChangeCounter,
    Participation,
    Service,
    ServiceStep,
)
from lib.persistence.scope import INSTALLATION
from lib.persistence.summaries import differences
from lib.queries.chain import chain_flaws
from lib.queries.structure import offices

PROBLEM_COLUMNS = ("kind", "subject", "id", "key", "values")
"""`kind` is what was checked, `subject` a table, `id` its row or None for the whole of it, `key` a
word key and `values` its placeholders."""

_NEAR_DEGREES = 1e-6
"""About ten centimetres: boxes and label points were made before coordinates were rounded."""

_AT_ONCE = 5_000
"""Rows fetched at once where there may be millions."""

_VOUCHED = frozenset({Trust.CONFIRMED, Trust.CERTIFIED})
_STEPS = frozenset((step.source, step.action, step.target) for step in SERVICE_STEPS)


@dataclass(frozen=True)
class _Problem:
    kind: str
    subject: str
    id: int | None
    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def problems() -> pd.DataFrame:
    """Everything that does not agree, by what was checked; columns `PROBLEM_COLUMNS`."""
    with Reads() as session:
        found = [problem for check in _CHECKS for problem in check(session)]
    rows = [astuple(problem) for problem in found]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS), dtype=object)


def _references(session: Session) -> Iterator[_Problem]:
    # PostgreSQL holds foreign keys at all times; SQLite only for connections that ask for it.
    if session.get_bind().dialect.name != "sqlite":
        return
    for table, number, missing, _ in session.execute(text("pragma foreign_key_check")):
        yield _Problem("references", table, number, "check.reference", {"table": missing})


def _tree(session: Session) -> Iterator[_Problem]:
    areas = {
        row.id: row
        for row in session.execute(
            select(Area.id, Area.code, Area.parent_id, Area.level, Area.valid_until)
        )
    }
    linked: defaultdict[int, set[int]] = defaultdict(set)
    for ancestor, descendant in session.execute(
        select(AreaLink.ancestor_id, AreaLink.descendant_id)
    ):
        linked[descendant].add(ancestor)
    parents = {number: row.parent_id for number, row in areas.items()}
    for area in areas.values():
        above = _upwards(area.id, parents)
        for key, difference in (
            ("check.link_missing", above - linked[area.id]),
            ("check.link_extra", linked[area.id] - above),
        ):
            if difference:
                yield _Problem("tree", "area", area.id, key, {"n": len(difference)})
        parent = areas.get(area.parent_id)
        if parent is None:
            continue
        if area.level.depth <= parent.level.depth:
            yield _Problem("tree", "area", area.id, "check.level", {"parent": parent.code})
        if parent.valid_until and (not area.valid_until or area.valid_until > parent.valid_until):
            yield _Problem("tree", "area", area.id, "check.closed_parent", {"parent": parent.code})


def _upwards(area_id: int, parents: Mapping[int, int | None]) -> set[int]:
    seen: set[int] = set()
    at: int | None = area_id
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return seen


def _geometry(session: Session) -> Iterator[_Problem]:
    rows = session.execute(
        select(
            Area.id,
            Area.geometry,
            Area.west,
            Area.south,
            Area.east,
            Area.north,
            Area.label_lon,
            Area.label_lat,
        )
    )
    for number, geometry, *place in rows:
        for key, values in _drawing_flaws(geometry, place):
            yield _Problem("geometry", "area", number, key, values)


def _drawing_flaws(
    geometry: str | None, place: list[float | None]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    known = [value for value in place if value is not None]
    if geometry is None:
        if known:
            yield "check.box", {}
        return
    try:
        shape = from_geojson_geometry(geometry)
    except ValueError:
        yield "check.geometry_unreadable", {}
        return
    if shape.is_empty or not shape.is_valid:
        yield "check.geometry_invalid", {"reason": shapely.is_valid_reason(shape)}
        return
    *box, lon, lat = place
    pairs = zip(box, bounding_box(shape), strict=True)
    if any(one is None or abs(one - other) > _NEAR_DEGREES for one, other in pairs):
        yield "check.box", {}
    point = None if lon is None or lat is None else shapely.Point(lon, lat)
    if point is None or not shapely.dwithin(shape, point, _NEAR_DEGREES):
        yield "check.label", {}


def _counters(session: Session) -> Iterator[_Problem]:
    # What was removed leaves its counters: a street with its number must not begin anew.
    removed = exists().where(AuditEntry.action == "demonstration.remove")
    statement = select(
        ChangeCounter.street_id,
        ChangeCounter.topic,
        ChangeCounter.n,
        or_(
            ChangeCounter.street_id.in_(INSTALLATION),
            exists().where(Area.id == ChangeCounter.street_id),
            removed,
        ).label("known"),
    )
    for street, topic, n, known in session.execute(statement):
        values = {"topic": topic.value}
        if n < 0:
            yield _Problem("counters", "area", street, "check.counter_negative", values)
        if not known:
            yield _Problem("counters", "area", street, "check.counter_area", values)


def _participations(session: Session) -> Iterator[_Problem]:
    person, team, unit = (
        case((column.is_(None), 0), else_=1)
        for column in (
            Participation.person_id,
            Participation.team_id,
            Participation.organisation_id,
        )
    )
    named = person + team + unit
    vouched = Participation.trust.in_(sorted(_VOUCHED))
    confirmed = Service.state == ServiceState.CONFIRMED
    within = Participation.minutes.between(1, MINUTES_MAX)
    statement = (
        select(Participation.id, Participation.minutes, named, Participation.trust, Service.state)
        .join(Service, Participation.service_id == Service.id)
        .where(or_(~within, named != 1, vouched != confirmed))
        .order_by(Participation.id)
    )
    for number, minutes, n, trust, state in session.execute(statement):
        flaws: dict[str, Mapping[str, object]] = {}
        if not 1 <= minutes <= MINUTES_MAX:
            flaws["check.minutes"] = {"minutes": minutes, "limit": MINUTES_MAX}
        if n != 1:
            flaws["check.participant"] = {"n": n}
        if (trust in _VOUCHED) != (state is ServiceState.CONFIRMED):
            flaws["check.trust"] = {"trust": trust, "state": state}
        for key, values in flaws.items():
            yield _Problem("participations", "participation", number, key, values)


def _summaries(session: Session) -> Iterator[_Problem]:
    for row in session.execute(differences()).mappings():
        values = {"day": row["day"].isoformat(), "kind": row["kind"]}
        yield _Problem("summaries", "area", row["area_id"], "check.summary", values)


def _histories(session: Session) -> Iterator[_Problem]:
    without = select(Service.id).where(~exists().where(ServiceStep.service_id == Service.id))
    for number in session.scalars(without):
        yield _Problem("states", "service", number, "check.no_steps")
    steps = session.execute(
        select(
            ServiceStep.service_id,
            ServiceStep.source,
            ServiceStep.action,
            ServiceStep.target,
            Service.state,
        )
        .join(Service, ServiceStep.service_id == Service.id)
        .order_by(ServiceStep.service_id, ServiceStep.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for number, history in groupby(steps, key=lambda row: row.service_id):
        at = state = None
        for _, source, action, target, state in history:  # noqa: B007 - the same in every step
            if source is not at or (source, action, target) not in _STEPS:
                yield _wrong_step(number, at, action)
            at = target
        if at is not state:
            values = {"state": state, "target": at}
            yield _Problem("states", "service", number, "check.state", values)


def _wrong_step(number: int, source: ServiceState | None, action: ServiceAction) -> _Problem:
    values = {"source": source or "-", "action": action}
    return _Problem("states", "service", number, "check.step", values)


def _deciders(session: Session) -> Iterator[_Problem]:
    served = (
        select(func.count())
        .select_from(Participation)
        .join(Account, Account.person_id == Participation.person_id)
        .where(Participation.service_id == Service.id, Account.id == Service.decided_by_id)
        .scalar_subquery()
    )
    statement = select(Service.id).where(
        Service.state == ServiceState.CONFIRMED,
        or_(Service.decided_by_id == Service.recorded_by_id, served > 0),
    )
    for number in session.scalars(statement.order_by(Service.id)):
        yield _Problem("deciders", "service", number, "check.decider")


def _offices(session: Session) -> Iterator[_Problem]:
    everyone = offices()
    term = (Appointment.office == everyone.c.office) & (
        Appointment.office_id == everyone.c.office_id
    )
    present = Appointment.ended_on.is_(None)
    differs = (
        select(everyone.c.office, everyone.c.office_id)
        .outerjoin(Appointment, term & present)
        .where(everyone.c.person_id.is_distinct_from(Appointment.person_id))
    )
    astray = (
        select(Appointment.office, Appointment.office_id)
        .outerjoin(everyone, term)
        .where(present, everyone.c.office_id.is_(None))
    )
    for key, statement in (("check.term", differs), ("check.term_without_office", astray)):
        for office, number in session.execute(statement):
            yield _Problem("offices", office, number, key)


def _chain(session: Session) -> Iterator[_Problem]:
    for key, seal, values in chain_flaws(session):
        yield _Problem("chain", "audit_seal" if seal else "audit_entry", seal, key, values)


def _guards(session: Session) -> Iterator[_Problem]:
    for name in sorted(missing_guards(session.connection())):
        yield _Problem("guards", "database", None, "check.guard", {"name": name})


_CHECKS = (
    _references,
    _tree,
    _geometry,
    _counters,
    _participations,
    _summaries,
    _histories,
    _deciders,
    _offices,
    _guards,
    _chain,
)
