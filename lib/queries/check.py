"""Whether the data agree with each other: what the database's own constraints cannot hold.

Reads only and for the command line alone; nothing is mended here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from lib.domain.claims import FOLLOWING, HOLDING, served_state
from lib.domain.rules import MINUTES_MAX
from lib.domain.vocab import CertificateState, ClaimState, ServiceState, Trust
from lib.domain.workflow import (
    CERTIFICATE_STEPS,
    CHECK_IN_STEPS,
    CLAIM_STEPS,
    CORRECTION_STEPS,
    MEMBERSHIP_STEPS,
    NEED_STEPS,
    PROJECT_STEPS,
    SERVICE_STEPS,
    Step,
)
from lib.geo.shapes import bounding_box, from_geojson_geometry
from lib.persistence.engine import Reads
from lib.persistence.guards import missing_guards
from lib.persistence.models import (
    Account,
    Appointment,
    Area,
    AreaLink,
    AuditEntry,
    Certificate,
    CertificateService,
    CertificateStep,
    ChangeCounter,
    CheckIn,
    CheckInStep,
    Claim,
    ClaimService,
    ClaimStep,
    CorrectionRequest,
    CorrectionStep,
    MembershipRequest,
    MembershipStep,
    Need,
    NeedStep,
    Participation,
    Project,
    ProjectStep,
    Service,
    ServiceStep,
)
from lib.persistence.scope import INSTALLATION
from lib.persistence.summaries import differences
from lib.queries.chain import chain_flaws
from lib.queries.proof import of_claimant
from lib.queries.structure import offices

PROBLEM_COLUMNS = ("kind", "subject", "id", "key", "values")
"""`kind` is what was checked, `subject` a table, `id` its row or None for the whole of it, `key` a
word key and `values` its placeholders."""

_NEAR_DEGREES = 1e-6
"""About ten centimetres: boxes and label points were made before coordinates were rounded."""

_AT_ONCE = 5_000
"""Rows fetched at once where there may be millions."""

_VOUCHED = frozenset({Trust.CONFIRMED, Trust.CERTIFIED})


@dataclass(frozen=True)
class _Workflow:
    """Records, their steps, the step's reference to its record, and the table of both."""

    record: (
        type[Service]
        | type[Need]
        | type[Project]
        | type[Claim]
        | type[CheckIn]
        | type[CorrectionRequest]
        | type[MembershipRequest]
        | type[Certificate]
    )
    step: (
        type[ServiceStep]
        | type[NeedStep]
        | type[ProjectStep]
        | type[ClaimStep]
        | type[CheckInStep]
        | type[CorrectionStep]
        | type[MembershipStep]
        | type[CertificateStep]
    )
    of: InstrumentedAttribute[int]
    table: tuple[Step[Any, Any], ...]


_WORKFLOWS = (
    _Workflow(Service, ServiceStep, ServiceStep.service_id, SERVICE_STEPS),
    _Workflow(Need, NeedStep, NeedStep.need_id, NEED_STEPS),
    _Workflow(Project, ProjectStep, ProjectStep.project_id, PROJECT_STEPS),
    _Workflow(Claim, ClaimStep, ClaimStep.claim_id, CLAIM_STEPS),
    _Workflow(CheckIn, CheckInStep, CheckInStep.check_in_id, CHECK_IN_STEPS),
    _Workflow(CorrectionRequest, CorrectionStep, CorrectionStep.correction_id, CORRECTION_STEPS),
    _Workflow(
        MembershipRequest, MembershipStep, MembershipStep.membership_request_id, MEMBERSHIP_STEPS
    ),
    _Workflow(Certificate, CertificateStep, CertificateStep.certificate_id, CERTIFICATE_STEPS),
)


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
    for workflow in _WORKFLOWS:
        yield from _unexplained(session, workflow)


def _unexplained(session: Session, workflow: _Workflow) -> Iterator[_Problem]:
    """Records of one workflow without a history, or whose history is no walk to their state."""
    record, step, of = workflow.record, workflow.step, workflow.of
    subject = record.__tablename__
    allowed = frozenset((one.source, one.action, one.target) for one in workflow.table)
    without = select(record.id).where(~exists().where(of == record.id))
    for number in session.scalars(without):
        yield _Problem("states", subject, number, "check.no_steps")
    steps = session.execute(
        select(of.label("number"), step.source, step.action, step.target, record.state)
        .join(record, of == record.id)
        .order_by(of, step.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for number, history in groupby(steps, key=lambda row: row.number):
        at: StrEnum | None = None
        state: StrEnum | None = None
        for _, source, action, target, state in history:  # noqa: B007 - the same in every step
            if source is not at or (source, action, target) not in allowed:
                values = {"source": at or "-", "action": action}
                yield _Problem("states", subject, number, "check.step", values)
            at = target
        if at is not state:
            where = {"state": state, "target": at}
            yield _Problem("states", subject, number, "check.state", where)


def _claims(session: Session) -> Iterator[_Problem]:
    """Claims that are not where their services are, and projects with too many claims."""
    of_claim = ClaimService.claim_id == Claim.id
    services = session.execute(
        select(Claim.id, Claim.state, Service.state)
        .outerjoin(ClaimService, of_claim)
        .outerjoin(Service, Service.id == ClaimService.service_id)
        .where(Claim.state.in_(FOLLOWING))
        .order_by(Claim.id)
    )
    for (number, state), rows in groupby(services, key=lambda row: (row[0], row[1])):
        stands = served_state([service for *_, service in rows if service is not None])
        if state is not stands and (state, stands) != (ClaimState.ACTIVE, ClaimState.IN_SERVICE):
            values = {"state": state, "target": stands}
            yield _Problem("claims", "claim", number, "check.claim_state", values)
    absent = (
        select(Claim.id)
        .join(ClaimService, of_claim)
        .where(Claim.state.in_(FOLLOWING), ~exists().where(_of_claimant()))
    )
    for number in session.scalars(absent.distinct().order_by(Claim.id)):
        yield _Problem("claims", "claim", number, "check.claim_absent")
    held = func.count(Claim.id)
    crowded = (
        select(Project.id, Project.capacity, held)
        .join(Claim, Claim.project_id == Project.id)
        .where(Claim.state.in_(HOLDING))
        .group_by(Project.id, Project.capacity)
        .having(held > Project.capacity)
    )
    for number, capacity, n in session.execute(crowded):
        values = {"n": n, "capacity": capacity}
        yield _Problem("claims", "project", number, "check.capacity", values)


def _of_claimant() -> ColumnElement[bool]:
    """Whether the claimant, or the team's or unit's people, took part in the linked service."""
    return and_(Participation.service_id == ClaimService.service_id, of_claimant())


def _certificates(session: Session) -> Iterator[_Problem]:
    """Certificates that count other minutes than the records do, and hours certified by none."""
    on_it = CertificateService.certificate_id == Certificate.id
    issued = Certificate.state == CertificateState.ISSUED
    told = func.coalesce(func.sum(Participation.minutes), 0)
    counted = (
        select(Certificate.id, Certificate.minutes, told)
        .outerjoin(CertificateService, on_it)
        .outerjoin(
            Participation,
            and_(
                Participation.service_id == CertificateService.service_id,
                Participation.person_id == Certificate.person_id,
                Participation.minutes == CertificateService.minutes,
                Participation.trust == Trust.CERTIFIED,
            ),
        )
        .where(issued)
        .group_by(Certificate.id, Certificate.minutes)
        .having(told != Certificate.minutes)
    )
    for number, minutes, found in session.execute(counted):
        values = {"minutes": minutes, "found": int(found)}
        yield _Problem("certificates", "certificate", number, "check.certificate", values)
    named = exists().where(
        on_it,
        issued,
        CertificateService.service_id == Participation.service_id,
        Certificate.person_id == Participation.person_id,
    )
    without = select(Participation.id).where(Participation.trust == Trust.CERTIFIED, ~named)
    for number in session.scalars(without.order_by(Participation.id)):
        yield _Problem("certificates", "participation", number, "check.certified")


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
    _claims,
    _certificates,
    _deciders,
    _offices,
    _guards,
    _chain,
)
