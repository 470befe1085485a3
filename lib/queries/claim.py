"""Reads of claims: one's own, and those on a project.

What the clock has ended is told as lapsed, also before that is written down.
"""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Select, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimState, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Account,
    Area,
    Claim,
    ClaimStep,
    Organisation,
    Person,
    Project,
    Team,
)
from lib.persistence.scope import reached
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
)
"""`claimant_kind` is person, team or unit, and `claimant_id` the id among those of its kind."""

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


@reads(Topic.PROJECT)
def steps(actor: Actor, *, claim_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one claim, oldest first; `by_…` is None where the clock took the step.

    For the claimant, those who answer for it, and who may end the project.
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
        .join(Claim, Claim.id == ClaimStep.claim_id)
        .join(Project, Project.id == Claim.project_id)
        .outerjoin(by, by.id == ClaimStep.account_id)
        .where(ClaimStep.claim_id == claim_id, may)
        .order_by(ClaimStep.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STEP_COLUMNS))


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
        )
        .join(Project, Project.id == Claim.project_id)
        .join(Area, Area.id == Project.area_id)
        .outerjoin(Person, Person.id == Claim.person_id)
        .outerjoin(Team, Team.id == Claim.team_id)
        .outerjoin(Organisation, Organisation.id == Claim.organisation_id)
    )


def _named(column: str) -> Any:  # noqa: ANN401 - the name of a team or a unit
    return func.coalesce(getattr(Team, column), getattr(Organisation, column))
