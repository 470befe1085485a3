"""Reads of needs: the list, and what is like a need about to be collected."""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from lib.domain.calendar import over
from lib.domain.likeness import ALIKE, likeness
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import NeedState, Stage, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Account, Area, Need, NeedStep, Project
from lib.persistence.scope import seen
from lib.queries import pipeline
from lib.queries.counters import reads
from lib.queries.service import STEP_COLUMNS

NEED_COLUMNS = (
    "need_id",
    "version",
    "state",
    "words",
    "kind",
    "beneficiary",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "place",
    "wished_on",
    "urgency",
    "micro_wish",
    "source",
    "reason",
    "project_id",
    "project_title",
    "merged_into_id",
    "collected_at",
    "by_zh",
    "by_en",
)

_VIEW = Permission.NEED_COLLECT
_COMPARED = 300
"""So many of the latest needs of a community are compared with a new one."""


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def listing(
    actor: Actor,
    *,
    area_id: int | None,
    states: tuple[NeedState, ...] = tuple(NeedState),
    kind: str | None = None,
    text: str = "",
    collected_by: date | None = None,
    came_to: Stage | None = None,
    day: date | None = None,
    first: date | None = None,
    last: date | None = None,
    before: int | None = None,
    limit: int = 20,
) -> pd.DataFrame:
    """NEED_COLUMNS of the needs below the area, the latest first.

    `text` is found in words and place; `collected_by` is the last day on which they were taken
    down, `came_to` how far they came of those taken down from `first` to `last`, as counted by
    `lib.queries.pipeline.funnel` on `day`; `before` is the id after which the next page begins.
    """
    conditions: list[ColumnElement[bool]] = [
        seen(Need.area_id, actor, _VIEW, area_id),
        Need.state.in_(states),
    ]
    if kind is not None:
        conditions.append(Need.kind == kind)
    if wanted := text.strip():
        found = (column.contains(wanted, autoescape=True) for column in (Need.words, Need.place))
        conditions.append(or_(*found))
    if collected_by is not None:
        conditions.append(Need.collected_at < over(collected_by))
    if came_to is not None and day and first and last:
        conditions += [
            pipeline.collected_in(actor, area_id, first, last),
            pipeline.came_to(came_to, day),
        ]
    if before is not None:
        conditions.append(Need.id < before)
    statement = _rows().where(*conditions).order_by(Need.id.desc()).limit(limit)
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(NEED_COLUMNS))


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def need(actor: Actor, *, need_id: int) -> pd.DataFrame:
    """One row of NEED_COLUMNS, none when there is no such need within the actor's sight."""
    statement = _rows().where(Need.id == need_id, seen(Need.area_id, actor, _VIEW, None))
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(NEED_COLUMNS))


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def alike(actor: Actor, *, area_id: int, kind: str, words: str, place: str = "") -> pd.DataFrame:
    """NEED_COLUMNS and ``likeness`` of at most five open needs like one about to be collected.

    Compared with the latest of the same community: its words and place with theirs, and the
    same kind counts for something.
    """
    parent = select(func.coalesce(Area.parent_id, Area.id)).where(Area.id == area_id)
    with Reads() as session:
        community = session.scalar(parent)
        statement = _rows().where(
            seen(Need.area_id, actor, _VIEW, community),
            Need.state.in_((NeedState.COLLECTED, NeedState.ADOPTED)),
        )
        rows = session.execute(statement.order_by(Need.id.desc()).limit(_COMPARED)).all()
    frame = pd.DataFrame(rows, columns=list(NEED_COLUMNS))
    frame["likeness"] = [
        0.8 * likeness(words, str(row.words))
        + 0.1 * (row.kind == kind)
        + 0.1 * (likeness(place, str(row.place)) if place else row.area_id == area_id)
        for row in frame.itertuples()
    ]
    near = frame[frame["likeness"] >= ALIKE]
    return near.sort_values("likeness", ascending=False, kind="stable").head(5)


@reads(Topic.NEED)
def steps(actor: Actor, *, need_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one need, oldest first; `reason` is empty where none was given."""
    by = aliased(Account)
    statement = (
        select(
            NeedStep.action,
            NeedStep.target,
            NeedStep.at,
            by.display_zh,
            by.display_en,
            func.coalesce(NeedStep.reason, ""),
        )
        .join(Need, Need.id == NeedStep.need_id)
        .join(by, by.id == NeedStep.account_id)
        .where(NeedStep.need_id == need_id, seen(Need.area_id, actor, _VIEW, None))
        .order_by(NeedStep.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STEP_COLUMNS))


def _rows() -> Select[*tuple[Any, ...]]:
    collector = aliased(Account)
    return (
        select(
            Need.id,
            Need.version,
            Need.state,
            Need.words,
            Need.kind,
            Need.beneficiary,
            Need.area_id,
            Area.code,
            Area.name_zh,
            Area.name_en,
            Need.place,
            Need.wished_on,
            Need.urgency,
            Need.micro_wish,
            Need.source,
            func.coalesce(Need.reason, ""),
            Need.project_id,
            Project.title,
            Need.merged_into_id,
            Need.collected_at,
            collector.display_zh,
            collector.display_en,
        )
        .join(Area, Area.id == Need.area_id)
        .join(collector, collector.id == Need.collected_by_id)
        .outerjoin(Project, Project.id == Need.project_id)
    )
