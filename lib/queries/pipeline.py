"""Reads of the way from a need to a confirmed service: what is late, how far it is, what it gave.

Every screen and every report of these figures asks here, so that one figure is counted one way.
A claim counts while it holds a place; what was withdrawn, handed over or lapsed does not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from lib.domain.calendar import local, over
from lib.domain.claims import HOLDING, LEASED
from lib.domain.deadlines import Clock, Deadline
from lib.domain.few import STEP
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import (
    ClaimAction,
    ClaimState,
    NeedAction,
    NeedState,
    ProjectState,
    ServiceState,
    Side,
    Stage,
    Topic,
    UnitKind,
)
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Claim,
    ClaimService,
    ClaimStep,
    Need,
    NeedStep,
    Organisation,
    Project,
    Service,
)
from lib.persistence.scope import seen
from lib.queries.counters import reads
from lib.queries.few import exact, frame_for

UNSETTLED_COLUMNS = ("kind", "n", "since")
FUNNEL_COLUMNS = ("stage", "needs", "median_days")
PART_COLUMNS = ("part", "projects", "claimed", "completed")
MONTH_COLUMNS = ("month", "collected", "published", "claimed", "confirmed")
GRID_COLUMNS = ("area_id", "needs", "answered", "projects", "confirmed")
CLAIMANT_COLUMNS = ("claimant", "claimants", "claims", "projects", "completed")
GIVEN_COLUMNS = ("beneficiary", "services", "people_served", "goods", "money_fen")

FIRMS = (UnitKind.PRIVATE_FIRM, UnitKind.SOCIAL_ORGANISATION)
"""Units whose claims are told apart from the members' (非公企业和社会组织)."""

PARTS = ("beneficiary", "entry", "kind", "brings")
"""Columns of a project by which projects are told apart."""

_VIEW = Permission.AREA_VIEW
_DONE = (ClaimState.SERVED, ClaimState.CONFIRMED)


@dataclass(frozen=True)
class Due:
    """By which days things are late or soon, made by `due_on`."""

    needs_over: date
    needs_soon: date
    day: date
    promises_soon: date
    drafts_before: date


def due_on(clock: Clock) -> Due:
    """The days that a clock of the street gives."""
    return Due(
        needs_over=clock.answers_over,
        needs_soon=clock.answers_soon,
        day=clock.day,
        promises_soon=clock.day + timedelta(days=clock.days[Deadline.REMIND]),
        drafts_before=clock.drafts_before,
    )


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def unsettled(actor: Actor, *, area_id: int | None, due: Due) -> pd.DataFrame:
    """UNSETTLED_COLUMNS: what is late or soon due, as far as the actor is to settle it.

    Kinds: ``need_late`` and ``need_soon`` wait for an answer, ``claim_late`` was begun and not
    recorded by its day, ``promise`` is the actor's own and near, ``draft_late`` waits to be
    published. `since` is the oldest day.
    """
    open_need = and_(
        Need.state == NeedState.COLLECTED,
        seen(Need.area_id, actor, Permission.NEED_SETTLE, area_id),
        Need.collected_at < over(due.needs_soon),
    )
    kind = case((Need.collected_at < over(due.needs_over), "need_late"), else_="need_soon")
    needs = select(kind, func.count(), func.min(Need.collected_at)).where(open_need).group_by(kind)
    of_project = Project.id == Claim.project_id
    begun = select(literal("claim_late"), func.count(), func.min(Claim.promised_on)).where(
        of_project,
        Claim.state == ClaimState.IN_SERVICE,
        Claim.promised_on < due.day,
        seen(Project.area_id, actor, Permission.PROJECT_EDIT, area_id),
    )
    own = select(literal("promise"), func.count(), func.min(Claim.promised_on)).where(
        of_project,
        Claim.person_id == (actor.person_id or 0),
        Claim.state.in_(LEASED | {ClaimState.IN_SERVICE}),
        Claim.promised_on.between(due.day, due.promises_soon),
    )
    drafts = select(literal("draft_late"), func.count(), func.min(Project.created_at)).where(
        Project.state == ProjectState.DRAFT,
        Project.created_at < over(due.drafts_before - timedelta(days=1)),
        seen(Project.area_id, actor, Permission.PROJECT_EDIT, area_id),
    )
    with Reads() as session:
        rows = [tuple(row) for part in (needs, begun, own, drafts) for row in session.execute(part)]
    found = [(kind, n, _day_of(since)) for kind, n, since in rows if n]
    frame = pd.DataFrame(found, columns=list(UNSETTLED_COLUMNS))
    return frame_for(actor, area_id, frame, "n")


def _day_of(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def held(day: date, claim: type[Claim] = Claim) -> ColumnElement[bool]:
    """Whether a claim holds its place on the day, also where its lapse is not written yet."""
    return and_(claim.state.in_(HOLDING), or_(claim.state.not_in(LEASED), claim.promised_on >= day))


def _answer() -> ColumnElement[int | None]:
    """The project that answers a need; of a merged one, the project of the need it went into."""
    into = aliased(Need, name="into")
    joined = select(into.project_id).where(into.id == Need.merged_into_id).correlate(Need)
    return func.coalesce(Need.project_id, joined.scalar_subquery())


def came_to(stage: Stage, day: date) -> ColumnElement[bool]:
    """Whether a need came to the stage, as everything stands on the day."""
    answer = _answer()
    if stage is Stage.COLLECTED:
        return true()
    if stage is Stage.ADOPTED:
        return answer.is_not(None)
    # The query round it may be about projects and claims itself.
    if stage is Stage.PUBLISHED:
        one = aliased(Project)
        return exists().where(one.id == answer, one.published_at.is_not(None))
    claim = aliased(Claim)
    return exists().where(claim.project_id == answer, _claim_at(stage, day, claim))


def _claim_at(stage: Stage, day: date, claim: type[Claim]) -> ColumnElement[bool]:
    if stage is Stage.CLAIMED:
        return held(day, claim)
    return claim.state.in_(_DONE if stage is Stage.SERVED else (ClaimState.CONFIRMED,))


def _first(stage: Stage, day: date) -> Any:  # noqa: ANN401 - a scalar subquery
    """When the first claim of a need's project came to the stage and stayed."""
    found = select(func.min(ClaimStep.at)).join(Claim, Claim.id == ClaimStep.claim_id)
    action = {
        Stage.CLAIMED: (ClaimAction.CLAIM, ClaimAction.PROMOTE),
        Stage.SERVED: (ClaimAction.SERVE,),
        Stage.CONFIRMED: (ClaimAction.CONFIRM,),
    }[stage]
    return found.where(
        Claim.project_id == _answer(), _claim_at(stage, day, Claim), ClaimStep.action.in_(action)
    ).scalar_subquery()


def collected_in(actor: Actor, area_id: int | None, first: date, last: date) -> ColumnElement[bool]:
    """Whether a need was taken down within the days, below the area."""
    return and_(
        seen(Need.area_id, actor, _VIEW, area_id),
        Need.collected_at >= over(first - timedelta(days=1)),
        Need.collected_at < over(last),
    )


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def funnel(
    actor: Actor, *, area_id: int | None, first: date, last: date, day: date
) -> pd.DataFrame:
    """FUNNEL_COLUMNS of every stage: how many of the needs collected in the days came so far.

    `median_days` are days since the stage before, over the needs that came to both; empty for
    the first stage and where there is none. `day` is the present day, by which leases end.
    """
    answered = select(func.min(NeedStep.at)).where(
        NeedStep.need_id == Need.id, NeedStep.action.in_((NeedAction.ADOPT, NeedAction.MERGE))
    )
    published = select(Project.published_at).where(Project.id == _answer())
    moments = (
        Need.collected_at,
        case((_answer().is_not(None), answered.scalar_subquery())),
        published.scalar_subquery(),
        *(_first(stage, day) for stage in (Stage.CLAIMED, Stage.SERVED, Stage.CONFIRMED)),
    )
    statement = select(*moments).where(collected_in(actor, area_id, first, last))
    with Reads() as session:
        rows = session.execute(statement).all()
    times = pd.DataFrame(rows, columns=list(Stage)).apply(pd.to_datetime, utc=True)
    needs = times.notna().sum().astype("int64")
    waited = times.diff(axis=1).apply(lambda step: step.dt.total_seconds() / 86400).clip(lower=0)
    frame = pd.DataFrame(
        {
            "stage": [stage.value for stage in Stage],
            "needs": needs.to_numpy(),
            "median_days": waited.median().to_numpy(),
        }
    )
    if not exact(actor, area_id):
        frame.loc[frame["needs"] < STEP, "median_days"] = float("nan")
    return frame_for(actor, area_id, frame, "needs")


def _published_in(
    actor: Actor, area_id: int | None, first: date, last: date
) -> ColumnElement[bool]:
    return and_(
        seen(Project.area_id, actor, _VIEW, area_id),
        Project.published_at >= over(first - timedelta(days=1)),
        Project.published_at < over(last),
    )


def _any_claim(in_: Collection[ClaimState]) -> ColumnElement[bool]:
    """Whether a project has a claim in one of the states."""
    one = aliased(Claim)
    return exists().where(one.project_id == Project.id, one.state.in_(in_))


def completed() -> ColumnElement[bool]:
    """Whether a project has a confirmed claim, and none that still is to be kept."""
    done = {ClaimState.CONFIRMED}
    return and_(_any_claim(done), ~_any_claim(HOLDING - done))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


@reads(Topic.PROJECT, Topic.AREAS)
def by_part(
    actor: Actor, *, area_id: int | None, part: str, first: date, last: date, day: date
) -> pd.DataFrame:
    """PART_COLUMNS of projects published in the days, by one of PARTS, most first.

    `claimed` have a claim that holds a place, `completed` only confirmed ones.
    """
    column = getattr(Project, part)
    claimed = exists().where(Claim.project_id == Project.id, held(day))
    statement = (
        select(column, func.count(), _count(claimed), _count(completed()))
        .where(_published_in(actor, area_id, first, last))
        .group_by(column)
        .order_by(func.count().desc(), column)
    )
    with Reads() as session:
        rows = [(one.value, *counts) for one, *counts in session.execute(statement)]
    frame = pd.DataFrame(rows, columns=list(PART_COLUMNS))
    return frame_for(actor, area_id, frame, *PART_COLUMNS[1:])


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def by_month(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """MONTH_COLUMNS of every month of the days in which anything happened, oldest first.

    Needs collected, projects published, claims made and claims confirmed, each in its own month.
    """
    days = (over(first - timedelta(days=1)), over(last))
    below = seen(Project.area_id, actor, _VIEW, area_id)
    confirmed = select(func.max(ClaimStep.at)).where(
        ClaimStep.claim_id == Claim.id, ClaimStep.action == ClaimAction.CONFIRM
    )
    moments: Sequence[Select[Any]] = (
        select(Need.collected_at).where(collected_in(actor, area_id, first, last)),
        select(Project.published_at).where(_published_in(actor, area_id, first, last)),
        select(Claim.claimed_at)
        .join(Project)
        .where(below, Claim.claimed_at >= days[0], Claim.claimed_at < days[1]),
        select(confirmed.scalar_subquery())
        .select_from(Claim)
        .join(Project)
        .where(below, Claim.state == ClaimState.CONFIRMED),
    )
    counts = {}
    with Reads() as session:
        for name, statement in zip(MONTH_COLUMNS[1:], moments, strict=True):
            found = [local(at).date() for at in session.scalars(statement) if at is not None]
            months = [day.replace(day=1) for day in found if first <= day <= last]
            counts[name] = pd.Series(months, dtype=object).value_counts()
    frame = pd.DataFrame(counts).fillna(0).astype("int64").sort_index()
    frame = frame.rename_axis("month").reset_index()[list(MONTH_COLUMNS)]
    return frame_for(actor, area_id, frame, *MONTH_COLUMNS[1:])


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def by_area(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """GRID_COLUMNS of every area with a need collected or a project published in the days.

    `answered` needs are no longer waiting; `confirmed` counts confirmed claims of the projects.
    """
    zero = literal(0)
    needs = (
        select(
            Need.area_id.label("area_id"),
            func.count().label("needs"),
            _count(Need.state != NeedState.COLLECTED).label("answered"),
            zero.label("projects"),
            zero.label("confirmed"),
        )
        .where(collected_in(actor, area_id, first, last))
        .group_by(Need.area_id)
    )
    kept = (
        select(func.count())
        .where(Claim.project_id == Project.id, Claim.state == ClaimState.CONFIRMED)
        .scalar_subquery()
    )
    projects = (
        select(Project.area_id, zero, zero, func.count(), func.sum(kept))
        .where(_published_in(actor, area_id, first, last))
        .group_by(Project.area_id)
    )
    both = union_all(needs, projects).subquery()
    sums = (func.sum(both.c[name]) for name in GRID_COLUMNS[1:])
    statement = select(both.c.area_id, *sums).group_by(both.c.area_id).order_by(both.c.area_id)
    with Reads() as session:
        rows = [tuple(map(int, row)) for row in session.execute(statement)]
    frame = pd.DataFrame(rows, columns=list(GRID_COLUMNS), dtype="int64")
    return frame_for(actor, area_id, frame, *GRID_COLUMNS[1:])


def by_firm() -> ColumnElement[bool]:
    """Whether a claim is one of FIRMS'."""
    return Claim.organisation_id.in_(select(Organisation.id).where(Organisation.kind.in_(FIRMS)))


def on(side: Side | None) -> ColumnElement[bool]:
    """Whether a claim is on the side: of the members, their teams and units, or of FIRMS."""
    if side is None:
        return true()
    if side is Side.FIRMS:
        return by_firm()
    return or_(Claim.organisation_id.is_(None), ~by_firm())


@reads(Topic.PROJECT, Topic.UNITS, Topic.AREAS)
def by_claimant(
    actor: Actor, *, area_id: int | None, first: date, last: date, day: date
) -> pd.DataFrame:
    """CLAIMANT_COLUMNS of claims made in the days that hold a place.

    A row each for ``person``, ``team``, ``unit`` and ``firm`` (FIRMS apart from other units), and
    for ``members``, the first three together. `claimants` and `projects` are counted once each,
    `completed` are those of the projects.
    """
    who = case(
        (Claim.person_id.is_not(None), "person"),
        (Claim.team_id.is_not(None), "team"),
        (by_firm(), "firm"),
        else_="unit",
    )
    number = func.coalesce(Claim.person_id, Claim.team_id, Claim.organisation_id)
    statement = (
        select(who, number, Project.id, completed())
        .select_from(Claim)
        .join(Project, Project.id == Claim.project_id)
        .where(
            seen(Project.area_id, actor, _VIEW, area_id),
            held(day),
            Claim.claimed_at >= over(first - timedelta(days=1)),
            Claim.claimed_at < over(last),
        )
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    each = pd.DataFrame(rows, columns=["claimant", "number", "project", "completed"])
    kinds = ("person", "team", "unit", "firm", "members")
    rows_of = {kind: each[each["claimant"] == kind] for kind in kinds[:-1]}
    rows_of["members"] = each[each["claimant"] != "firm"]
    found = [
        (
            kind,
            len(one[["claimant", "number"]].drop_duplicates()),
            len(one),
            one["project"].nunique(),
            one.loc[one["completed"].astype(bool), "project"].nunique(),
        )
        for kind, one in rows_of.items()
    ]
    frame = pd.DataFrame(found, columns=list(CLAIMANT_COLUMNS))
    return frame_for(actor, area_id, frame, *CLAIMANT_COLUMNS[1:])


@reads(Topic.SERVICE, Topic.PROJECT, Topic.UNITS, Topic.AREAS)
def given(
    actor: Actor,
    *,
    area_id: int | None,
    first: date,
    last: date,
    side: Side | None = None,
    only_completed: bool = False,
) -> pd.DataFrame:
    """GIVEN_COLUMNS of confirmed services on claims within the days, most people served first.

    `side` keeps the claims of members or of firms, `only_completed` the projects that are
    complete. Sums of people, goods and money belong to the service, however many took part.
    """
    conditions = [
        seen(Service.area_id, actor, _VIEW, area_id),
        Service.day.between(first, last),
        Service.state == ServiceState.CONFIRMED,
        on(side),
        *([completed()] if only_completed else []),
    ]
    served = func.sum(Service.people_served)
    statement = (
        select(
            Service.beneficiary,
            func.count(),
            served,
            func.sum(Service.goods),
            func.sum(Service.money_fen),
        )
        .join(ClaimService, ClaimService.service_id == Service.id)
        .join(Claim, Claim.id == ClaimService.claim_id)
        .join(Project, Project.id == Claim.project_id)
        .where(*conditions)
        .group_by(Service.beneficiary)
        .order_by(served.desc(), Service.beneficiary)
    )
    with Reads() as session:
        rows = [(one.value, *map(int, sums)) for one, *sums in session.execute(statement)]
    frame = pd.DataFrame(rows, columns=list(GIVEN_COLUMNS))
    return frame_for(actor, area_id, frame, "services", "people_served")
