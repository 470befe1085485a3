"""The search box: areas, units and teams by name, pinyin initials and code.

Reads only; which rows an actor reaches is decided by `lib.persistence.scope`.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.text import NAME_MAX, line
from lib.domain.vocab import Level, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Area, Organisation, Team
from lib.persistence.scope import reached
from lib.queries.areas import valid_on
from lib.queries.counters import reads

SEARCH_COLUMNS = ("kind", "id", "code", "name_zh", "name_en", "where_zh", "where_en", "level")
"""`kind` is area, unit or team; `where_…` names the area above (of an area) or around; `code` and
`level` are None but for areas."""

_KINDS = ("area", "unit", "team")
_EXACT, _PREFIX, _SUBSTRING = range(3)
_Query = Select[*tuple[Any, ...]]
_Text = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


@reads(Topic.AREAS, Topic.UNITS, Topic.PEOPLE)
def find(actor: Actor, *, text: str, limit: int = 20) -> pd.DataFrame:
    """What the text may mean, the best first; columns `SEARCH_COLUMNS`.

    Names match anywhere in either language, pinyin initials and area codes from their beginning,
    all without regard to case. Exact matches come first, then beginnings, then the rest; areas
    (the widest first) before units before teams, short names before long ones.
    """
    words = line(text)
    if not words or len(words) > NAME_MAX:
        return _frame([])
    hits = union_all(_areas(actor, words), _units(actor, words), _teams(actor, words)).subquery()
    statement = (
        select(hits)
        .order_by(
            hits.c.rank,
            hits.c.kind,
            hits.c.depth,
            func.length(hits.c.name_zh),
            hits.c.name_zh,
            hits.c.id,
        )
        .limit(limit)
    )
    with Reads() as session:
        return _frame([(_KINDS[kind], *row) for _, kind, _, *row in session.execute(statement)])


def _areas(actor: Actor, words: str) -> _Query:
    above = aliased(Area)
    matched, rank = _match(
        words, anywhere=(Area.name_zh, Area.name_en), ahead=(Area.initials, Area.code)
    )
    return (
        select(
            rank.label("rank"),
            literal(_KINDS.index("area")).label("kind"),
            case({level: level.depth for level in Level}, value=Area.level).label("depth"),
            Area.id.label("id"),
            Area.code.label("code"),
            Area.name_zh.label("name_zh"),
            Area.name_en.label("name_en"),
            above.name_zh.label("where_zh"),
            above.name_en.label("where_en"),
            type_coerce(Area.level, String).label("level"),
        )
        .outerjoin(above, Area.parent_id == above.id)
        .where(matched, valid_on(None), reached(Area.id, actor, Permission.AREA_VIEW))
    )


def _units(actor: Actor, words: str) -> _Query:
    return _around(Organisation, "unit", words).where(
        or_(Organisation.closed_on.is_(None), Organisation.closed_on > today()),
        reached(Organisation.area_id, actor, Permission.UNIT_VIEW),
    )


def _teams(actor: Actor, words: str) -> _Query:
    return _around(Team, "team", words).where(reached(Team.area_id, actor, Permission.AREA_VIEW))


def _around(model: type[Organisation] | type[Team], kind: str, words: str) -> _Query:
    matched, rank = _match(words, anywhere=(model.name_zh, model.name_en), ahead=(model.initials,))
    return (
        select(
            rank,
            literal(_KINDS.index(kind)),
            literal(0),
            model.id,
            cast(null(), String),
            model.name_zh,
            model.name_en,
            Area.name_zh,
            Area.name_en,
            cast(null(), String),
        )
        .join(Area, model.area_id == Area.id)
        .where(matched)
    )


def _match(
    words: str, *, anywhere: Sequence[_Text], ahead: Sequence[_Text]
) -> tuple[ColumnElement[bool], ColumnElement[int]]:
    """Whether a row matches, and how well; wildcards in the words mean themselves."""
    columns = (*anywhere, *ahead)
    exact = or_(*(func.lower(column) == func.lower(words) for column in columns))
    prefix = or_(*(column.istartswith(words, autoescape=True) for column in columns))
    substring = or_(*(column.icontains(words, autoescape=True) for column in anywhere))
    return or_(prefix, substring), case((exact, _EXACT), (prefix, _PREFIX), else_=_SUBSTRING)


def _frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(SEARCH_COLUMNS), dtype=object)
    return frame.astype({"id": "int64"})
