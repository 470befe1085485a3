"""Reads of the project library: what can be claimed, and how far each project has come.

Progress is counted from the claims; a claim whose promised day has passed holds no place.
"""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from lib.domain.claims import HOLDING, LEASED, STANDING
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimState, ProjectState, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Account, Area, AreaLink, Claim, Project, ProjectStep
from lib.persistence.scope import around, below, reached
from lib.queries.counters import reads
from lib.queries.service import STEP_COLUMNS

PROJECT_COLUMNS = (
    "project_id",
    "version",
    "state",
    "title",
    "words",
    "kind",
    "beneficiary",
    "entry",
    "brings",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "place",
    "skills",
    "collective",
    "capacity",
    "opens_on",
    "first_day",
    "last_day",
    "starts_at",
    "ends_at",
    "reason",
    "editable",
    "taken",
    "waiting",
    "served",
    "confirmed",
    "own",
)
"""`taken`, `waiting`, `served` and `confirmed` count claims; `own` says that this actor in person
stands in the project, `editable` that the actor may publish or end it."""

_VIEW = Permission.PROJECT_VIEW


@reads(Topic.PROJECT, Topic.AREAS)
def library(
    actor: Actor,
    *,
    area_id: int | None,
    day: date,
    states: tuple[ProjectState, ...] = (ProjectState.PUBLISHED,),
    kind: str | None = None,
    on: date | None = None,
    after: tuple[date, int] | None = None,
    limit: int = 20,
) -> pd.DataFrame:
    """PROJECT_COLUMNS of projects in the area or offered to all of it, soonest ending first.

    `day` is the present day, by which leases end; of published projects those are left out that
    are over. `on` keeps projects that can be done on that day. `after` is the last day and id
    of the last row of the page before: a page costs the same however many there are.
    """
    first = max(filter(None, (day, on, after[0] if after else None)))
    # Said plainly, an index begins where the page does; a comparison of pairs would read up to it.
    shown: ColumnElement[bool] = Project.last_day >= first
    if states != (ProjectState.PUBLISHED,):
        shown = or_(Project.state != ProjectState.PUBLISHED, shown)
    conditions = [
        _visible(actor),
        or_(below(Project.area_id, area_id), _above(area_id)),
        Project.state.in_(states),
        shown,
    ]
    if kind is not None:
        conditions.append(Project.kind == kind)
    if on is not None:
        conditions.append(and_(Project.first_day <= on, Project.last_day >= on))
    if after is not None:
        conditions.append(tuple_(Project.last_day, Project.id) > after)
    order = (Project.last_day, Project.id)
    return _frame(_rows(actor, day).where(*conditions).order_by(*order).limit(limit))


@reads(Topic.PROJECT, Topic.AREAS)
def project(actor: Actor, *, project_id: int, day: date) -> pd.DataFrame:
    """One row of PROJECT_COLUMNS, none when there is no such project within the actor's sight."""
    return _frame(_rows(actor, day).where(Project.id == project_id, _visible(actor)))


@reads(Topic.PROJECT, Topic.AREAS)
def steps(actor: Actor, *, project_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one project within the actor's sight, oldest first."""
    by = aliased(Account)
    statement = (
        select(
            ProjectStep.action,
            ProjectStep.target,
            ProjectStep.at,
            by.display_zh,
            by.display_en,
            func.coalesce(ProjectStep.reason, ""),
        )
        .join(Project, Project.id == ProjectStep.project_id)
        .join(by, by.id == ProjectStep.account_id)
        .where(ProjectStep.project_id == project_id, _visible(actor))
        .order_by(ProjectStep.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STEP_COLUMNS))


def _frame(statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(PROJECT_COLUMNS))
    for name in ("editable", "own"):
        frame[name] = frame[name].astype(bool)
    return frame


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Drafts are seen by those who may publish them."""
    own_draft = reached(Project.area_id, actor, Permission.PROJECT_EDIT)
    seen = around(Project.area_id, actor, _VIEW)
    return and_(seen, or_(Project.state != ProjectState.DRAFT, own_draft))


def _above(area_id: int | None) -> ColumnElement[bool]:
    if area_id is None:
        return true()
    above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id == area_id)
    return Project.area_id.in_(above)


def _count(*conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a scalar subquery
    of_project = Claim.project_id == Project.id
    return select(func.count()).where(of_project, *conditions).scalar_subquery()


def kept(day: date) -> ColumnElement[bool]:
    """Whether a claim's promised day has not passed before anybody began."""
    return or_(Claim.state.not_in(LEASED), Claim.promised_on >= day)


def _rows(actor: Actor, day: date) -> Select[*tuple[Any, ...]]:
    mine = Claim.person_id == (actor.person_id or 0)
    return select(
        Project.id,
        Project.version,
        Project.state,
        Project.title,
        Project.words,
        Project.kind,
        Project.beneficiary,
        Project.entry,
        Project.brings,
        Project.area_id,
        Area.code,
        Area.name_zh,
        Area.name_en,
        Project.place,
        Project.skills,
        Project.collective,
        Project.capacity,
        Project.opens_on,
        Project.first_day,
        Project.last_day,
        Project.starts_at,
        Project.ends_at,
        func.coalesce(Project.reason, ""),
        reached(Project.area_id, actor, Permission.PROJECT_EDIT),
        _count(Claim.state.in_(HOLDING), kept(day)),
        _count(Claim.state == ClaimState.WAITING, kept(day)),
        _count(Claim.state == ClaimState.SERVED),
        _count(Claim.state == ClaimState.CONFIRMED),
        _count(Claim.state.in_(STANDING), kept(day), mine) > 0,
    ).join(Area, Area.id == Project.area_id)
