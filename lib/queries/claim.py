"""Reads of claims: one's own, and those on a project.

What the clock has ended is told as lapsed, also before that is written down.
"""

from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimState, Level, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Account,
    Area,
    AreaLink,
    Claim,
    ClaimStep,
    Organisation,
    Person,
    Project,
    Team,
)
from lib.persistence.scope import owned, reached, seen
from lib.queries.counters import reads
from lib.queries.project import kept
from lib.queries.service import STEP_COLUMNS

CLAIM_COLUMNS = (
    "claim_id",
    "version",
    "state",
    "promised_on",
    "claimed_at",
    "reason",
    "project_id",
    "title",
    "kind",
    "beneficiary",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "place",
    "starts_at",
    "ends_at",
    "claimant_kind",
    "claimant_id",
    "claimant_zh",
    "claimant_en",
    "ahead",
)
"""`claimant_kind` is person, team or unit, and `claimant_id` the id among those of its kind;
`ahead` counts those who wait longer for a place of the same project."""

CLAIMANT_COLUMNS = ("kind", "claimant_id", "name_zh", "name_en")

_STANDING_FIRST = (
    ClaimState.RETURNED,
    ClaimState.IN_SERVICE,
    ClaimState.ACTIVE,
    ClaimState.WAITING,
    ClaimState.SERVED,
)


@reads(Topic.PROJECT, Topic.SERVICE, Topic.AREAS, Topic.UNITS, Topic.PEOPLE)
def mine(actor: Actor, *, day: date, limit: int = 100) -> pd.DataFrame:
    """CLAIM_COLUMNS of the actor's own claims, and of the unit's or team's it answers for.

    `day` is the present day. What is to be done comes first, the nearest promise on top.
    """
    scope = actor.scope(Permission.SERVICE_RECORD_OTHERS)
    own = or_(
        Claim.person_id == (actor.person_id or 0),
        Claim.organisation_id.in_(sorted(scope.unit_ids)),
        Claim.team_id.in_(sorted(scope.team_ids)),
    )
    state = _state(day)
    ended = case((state.in_(_STANDING_FIRST), 0), else_=1)
    order = (ended, case((ended == 0, Claim.promised_on)), Claim.id.desc())
    return _frame(_rows(actor, day).where(own).order_by(*order).limit(limit))


@reads(Topic.PROJECT, Topic.SERVICE, Topic.AREAS, Topic.UNITS, Topic.PEOPLE)
def of_project(actor: Actor, *, project_id: int, day: date) -> pd.DataFrame:
    """CLAIM_COLUMNS of a project's claims in the order they came, for who may end the project."""
    own = reached(Project.area_id, actor, Permission.PROJECT_EDIT)
    return _frame(_rows(actor, day).where(Claim.project_id == project_id, own).order_by(Claim.id))


class Which(StrEnum):
    """Which of an area's claims are listed."""

    STANDING = "standing"
    OVERDUE = "overdue"
    WAITING = "waiting"
    ENDED = "ended"


@reads(Topic.PROJECT, Topic.SERVICE, Topic.AREAS, Topic.UNITS, Topic.PEOPLE)
def of_area(
    actor: Actor, *, area_id: int | None, day: date, which: Which, limit: int = 20
) -> pd.DataFrame:
    """CLAIM_COLUMNS of the claims on projects below the area, for who may end these projects.

    The nearest promise comes first; of those that ended, the latest.
    """
    open_ = Claim.state.in_(_STANDING_FIRST)
    chosen = {
        Which.STANDING: and_(open_, kept(day), Claim.state != ClaimState.WAITING),
        Which.OVERDUE: and_(Claim.state == ClaimState.IN_SERVICE, Claim.promised_on < day),
        Which.WAITING: and_(Claim.state == ClaimState.WAITING, kept(day)),
        Which.ENDED: or_(~open_, ~kept(day)),
    }[which]
    order = (Claim.id.desc(),) if which is Which.ENDED else (Claim.promised_on, Claim.id)
    statement = _rows(actor, day).where(
        seen(Project.area_id, actor, Permission.PROJECT_EDIT, area_id), chosen
    )
    return _frame(statement.order_by(*order).limit(limit))


@reads(Topic.PEOPLE, Topic.UNITS, Topic.AREAS)
def claimants(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """CLAIMANT_COLUMNS: the teams and units that the actor may act for, those of the street.

    `kind` is team or unit; by name.
    """
    street = select(AreaLink.ancestor_id).where(AreaLink.descendant_id == area_id)
    near = select(AreaLink.descendant_id).where(
        AreaLink.ancestor_id.in_(
            select(Area.id).where(Area.id.in_(street), Area.level == Level.STREET)
        )
    )
    rows: list[Any] = []
    with Reads() as session:
        for kind, model in (("team", Team), ("unit", Organisation)):
            own = owned(model, actor, Permission.SERVICE_RECORD_OTHERS)
            statement = (
                select(literal(kind), model.id, model.name_zh, model.name_en)
                .where(own, model.area_id.in_(near))
                .order_by(model.name_zh, model.id)
            )
            if model is Organisation:
                statement = statement.where(Organisation.closed_on.is_(None))
            rows += session.execute(statement).all()
    return pd.DataFrame(rows, columns=list(CLAIMANT_COLUMNS))


@reads(Topic.PROJECT)
def steps(actor: Actor, *, claim_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one claim, oldest first; `by_…` is None where the clock took the step.

    The steps of a claim that was handed over to this one come before its own. For the claimant,
    those who answer for it, and who may end the project.
    """
    scope = actor.scope(Permission.SERVICE_RECORD_OTHERS)
    may = or_(
        Claim.person_id == (actor.person_id or 0),
        Claim.organisation_id.in_(sorted(scope.unit_ids)),
        Claim.team_id.in_(sorted(scope.team_ids)),
        reached(Project.area_id, actor, Permission.PROJECT_EDIT),
    )
    by = aliased(Account)
    statement = (
        select(
            ClaimStep.action,
            ClaimStep.target,
            ClaimStep.at,
            by.display_zh,
            by.display_en,
            func.coalesce(ClaimStep.reason, ""),
        )
        .outerjoin(by, by.id == ClaimStep.account_id)
        .order_by(ClaimStep.claim_id, ClaimStep.id)
    )
    with Reads() as session:
        within = select(Claim.id).join(Project).where(Claim.id == claim_id, may)
        chain = [number for number in (session.scalar(within),) if number is not None]
        while chain and (
            before := session.scalar(select(Claim.from_claim_id).where(Claim.id == chain[-1]))
        ):
            chain.append(before)
        rows = session.execute(statement.where(ClaimStep.claim_id.in_(chain))).all()
    return pd.DataFrame(rows, columns=list(STEP_COLUMNS))


def _frame(statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(CLAIM_COLUMNS))


def _state(day: date) -> Any:  # noqa: ANN401 - a column of the claim's states
    return case((kept(day), Claim.state), else_=literal(ClaimState.LAPSED, Claim.state.type))


def _rows(actor: Actor, day: date) -> Select[*tuple[Any, ...]]:
    name = name_for(actor, Project.area_id)
    return (
        select(
            Claim.id,
            Claim.version,
            _state(day),
            Claim.promised_on,
            Claim.claimed_at,
            func.coalesce(Claim.reason, ""),
            Project.id,
            Project.title,
            Project.kind,
            Project.beneficiary,
            Project.area_id,
            Area.code,
            Area.name_zh,
            Area.name_en,
            Project.place,
            Project.starts_at,
            Project.ends_at,
            case(
                (Claim.person_id.is_not(None), "person"),
                (Claim.team_id.is_not(None), "team"),
                else_="unit",
            ),
            func.coalesce(Claim.person_id, Claim.team_id, Claim.organisation_id),
            case((Claim.person_id.is_not(None), name), else_=_named("name_zh")),
            _named("name_en"),
            _ahead(day),
        )
        .join(Project, Project.id == Claim.project_id)
        .join(Area, Area.id == Project.area_id)
        .outerjoin(Person, Person.id == Claim.person_id)
        .outerjoin(Team, Team.id == Claim.team_id)
        .outerjoin(Organisation, Organisation.id == Claim.organisation_id)
    )


def _ahead(day: date) -> Any:  # noqa: ANN401 - a scalar subquery
    other = aliased(Claim)
    waits = (other.state == ClaimState.WAITING, other.promised_on >= day, other.id < Claim.id)
    longer = select(func.count()).where(other.project_id == Claim.project_id, *waits)
    return case((Claim.state == ClaimState.WAITING, longer.scalar_subquery()), else_=0)


def _named(column: str) -> Any:  # noqa: ANN401 - the name of a team or a unit
    return func.coalesce(getattr(Team, column), getattr(Organisation, column))
