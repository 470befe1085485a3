"""Reads of needs: the list, and what is like a need about to be collected."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from lib.domain.calendar import over
from lib.domain.likeness import ALIKE, likeness
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import NeedState, Stage, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import masked_name, masked_phone
from lib.persistence.models import Account, Area, Need, NeedFiling, NeedStep, Project
from lib.persistence.scope import reached, seen
from lib.queries import pipeline
from lib.queries.counters import reads
from lib.queries.service import STEP_COLUMNS, name_or

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
    "asker",
    "asker_phone",
)
NEAR_COLUMNS = ("need_id", "other_id", "words", "likeness")

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
    statement = _rows(actor).where(*conditions).order_by(Need.id.desc()).limit(limit)
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(NEED_COLUMNS))


@reads(Topic.NEED, Topic.PROJECT, Topic.AREAS)
def need(actor: Actor, *, need_id: int) -> pd.DataFrame:
    """One row of NEED_COLUMNS, none when there is no such need within the actor's sight."""
    statement = _rows(actor).where(Need.id == need_id, seen(Need.area_id, actor, _VIEW, None))
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
        statement = _rows(actor).where(
            seen(Need.area_id, actor, _VIEW, community),
            Need.state.in_((NeedState.COLLECTED, NeedState.ADOPTED)),
        )
        rows = session.execute(statement.order_by(Need.id.desc()).limit(_COMPARED)).all()
    frame = pd.DataFrame(rows, columns=list(NEED_COLUMNS))
    frame["likeness"] = [
        _score(
            _Said(words, kind, place, area_id), _Said(row.words, row.kind, row.place, row.area_id)
        )
        for row in frame.itertuples()
    ]
    near = frame[frame["likeness"] >= ALIKE]
    return near.sort_values("likeness", ascending=False, kind="stable").head(5)


@reads(Topic.NEED, Topic.AREAS)
def near(actor: Actor, *, need_ids: tuple[int, ...]) -> pd.DataFrame:
    """NEAR_COLUMNS: to each of these needs, at most five open ones of its community that are alike.

    So is told to whoever answers a need what nobody could see when it was filed by the form.
    """
    above = func.coalesce(Area.parent_id, Area.id)
    columns = (Need.id, Need.words, Need.kind, Need.place, Need.area_id, above)
    asked = select(*columns).join(Area, Area.id == Need.area_id).where(Need.id.in_(need_ids))
    with Reads() as session:
        wanted = session.execute(asked).all()
        communities = {row[-1] for row in wanted}
        latest = (
            select(*columns)
            .join(Area, Area.id == Need.area_id)
            .where(
                seen(Need.area_id, actor, _VIEW, None),
                above.in_(communities),
                Need.state.in_((NeedState.COLLECTED, NeedState.ADOPTED)),
            )
            .order_by(Need.id.desc())
            .limit(_COMPARED * max(len(communities), 1))
        )
        others = session.execute(latest).all()
    by_community: defaultdict[int, list[tuple[int, _Said]]] = defaultdict(list)
    for number, words, kind, place, area_id, community in others:
        by_community[community].append((number, _Said(words, kind, place, area_id)))
    found: list[tuple[int, int, str, float]] = []
    for number, words, kind, place, area_id, community in wanted:
        one = _Said(words, kind, place, area_id)
        scored = [
            (number, other, said.words, _score(one, said))
            for other, said in by_community[community]
            if other != number
        ]
        alike = sorted((row for row in scored if row[-1] >= ALIKE), key=lambda row: -row[-1])
        found += alike[:5]
    return pd.DataFrame(found, columns=list(NEAR_COLUMNS))


@dataclass(frozen=True)
class _Said:
    """What is compared of a need."""

    words: str
    kind: str
    place: str
    area_id: int


def _score(one: _Said, other: _Said) -> float:
    """How alike two needs are: their words and places, and the same kind counts for something."""
    placed = likeness(one.place, other.place) if one.place else one.area_id == other.area_id
    return 0.8 * likeness(one.words, other.words) + 0.1 * (one.kind == other.kind) + 0.1 * placed


@reads(Topic.NEED)
def steps(actor: Actor, *, need_id: int) -> pd.DataFrame:
    """STEP_COLUMNS of one need, oldest first; `reason` is empty where none was given."""
    by = aliased(Account)
    statement = (
        select(
            NeedStep.action,
            NeedStep.target,
            NeedStep.at,
            *name_or(by, "history.by_resident"),
            func.coalesce(NeedStep.reason, ""),
        )
        .join(Need, Need.id == NeedStep.need_id)
        .outerjoin(by, by.id == NeedStep.account_id)
        .where(NeedStep.need_id == need_id, seen(Need.area_id, actor, _VIEW, None))
        .order_by(NeedStep.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STEP_COLUMNS))


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    may_see = and_(
        NeedFiling.need_id.is_not(None), reached(Need.area_id, actor, Permission.NEED_SETTLE)
    )
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
            *name_or(collector, "needs.by_form"),
            case((may_see, masked_name(NeedFiling.name)), else_=literal("")),
            case((may_see, masked_phone(NeedFiling.phone)), else_=literal("")),
        )
        .join(Area, Area.id == Need.area_id)
        .outerjoin(collector, collector.id == Need.collected_by_id)
        .outerjoin(NeedFiling, NeedFiling.need_id == Need.id)
        .outerjoin(Project, Project.id == Need.project_id)
    )
