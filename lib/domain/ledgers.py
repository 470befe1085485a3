"""Our ledgers: which columns each kind has in a file, and what can be wrong with a row.

Columns are named by keys; their words stand in the catalogue, reading files in `lib.exchange`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lib.domain.rules import GOODS_MAX, MINUTES_MAX, PEOPLE_SERVED_MAX
from lib.domain.text import NAME_MAX, NOTE_MAX
from lib.domain.vocab import (
    Answer,
    Beneficiary,
    NeedSource,
    Net,
    ServiceKind,
    UnitKind,
    Urgency,
)

FINDINGS_MAX = 1000
"""So many findings are kept and shown; all are counted."""


class LedgerKind(StrEnum):
    """What a ledger lists, one row each."""

    UNITS = "units"
    PEOPLE = "people"
    TEAMS = "teams"
    SERVICES = "services"
    NEEDS = "needs"


RECORDED = frozenset({LedgerKind.SERVICES, LedgerKind.NEEDS})
"""Ledgers whose rows keep who wrote them down."""


class BatchState(StrEnum):
    """Whether an imported file's rows stand, or were taken out again."""

    IMPORTED = "imported"
    UNDONE = "undone"


class Holds(StrEnum):
    """What the cells of a column hold, and so how they are read."""

    MARK = "mark"
    LINE = "line"
    NOTE = "note"
    CHOICE = "choice"
    DAY = "day"
    AHEAD = "ahead"
    TIME = "time"
    WHOLE = "whole"
    MONEY = "money"
    DEGREES = "degrees"


@dataclass(frozen=True)
class Column:
    """One column of a ledger.

    `words` is its key below ``ledgerhead`` and ``ledgerhelp``; `limit` the most characters of
    a text, or the largest number; `least` the smallest. Other words that people
    use in headers stand below ``ledgeralso``.
    """

    key: str
    words: str
    holds: Holds = Holds.LINE
    required: bool = False
    members: type[StrEnum] | None = None
    limit: int = NAME_MAX
    least: int = 0


@dataclass(frozen=True)
class Finding:
    """What is wrong with one cell of a row, or with a row where `column` is None.

    `code` is a key below ``ledgerproblem`` and, for what to do, ``ledgeradvice``; `column` is
    a key below ``ledgerhead``. A finding that is no `error` is told and stops nothing.
    """

    row: int
    column: str | None
    value: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    error: bool = True


@dataclass(frozen=True)
class LedgerRow:
    """One row as read: its number in the file, a value by column key, and what is wrong with it.

    An empty cell and an absent column are None.
    """

    number: int
    values: Mapping[str, object]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class LedgerFile:
    """Which file it was: its name and the SHA-256 of its content."""

    name: str
    digest: str


AREA = Column("area", "area", required=True)
"""Where a row belongs: a code, a name, or a path of names such as community/grid."""

_MARK = Column("mark", "mark", Holds.MARK)

LEDGERS: Mapping[LedgerKind, tuple[Column, ...]] = {
    LedgerKind.UNITS: (
        _MARK,
        Column("name_zh", "unit_name", required=True),
        Column("name_en", "name_en"),
        Column("kind", "kind", Holds.CHOICE, True, UnitKind),
        Column("net", "net", Holds.CHOICE, True, Net),
        AREA,
        Column("address", "address"),
        Column("lon", "lon", Holds.DEGREES, limit=180, least=-180),
        Column("lat", "lat", Holds.DEGREES, limit=90, least=-90),
        Column("offers", "offers", Holds.NOTE, limit=500),
        Column("liaison_name", "liaison_name", limit=60),
        Column("liaison_phone", "liaison_phone", limit=40),
    ),
    LedgerKind.PEOPLE: (
        _MARK,
        Column("name", "person_name", required=True, limit=60),
        AREA,
        Column("consented_on", "consented_on", Holds.DAY, True),
        Column("unit", "unit"),
        Column("volunteer_since", "volunteer_since", Holds.DAY),
        Column("checked_in_on", "checked_in_on", Holds.DAY),
    ),
    LedgerKind.TEAMS: (
        _MARK,
        Column("name_zh", "team_name", required=True),
        Column("name_en", "name_en"),
        Column("kind", "kind", Holds.CHOICE, True, ServiceKind),
        AREA,
        Column("leader", "leader", limit=100),
        Column("members", "members", Holds.NOTE, limit=20_000),
    ),
    LedgerKind.SERVICES: (
        _MARK,
        Column("day", "day", Holds.DAY, True),
        Column("kind", "kind", Holds.CHOICE, True, ServiceKind),
        AREA,
        Column("place", "place"),
        Column("starts_at", "starts_at", Holds.TIME),
        Column("participants", "participants", Holds.NOTE, limit=20_000),
        Column("teams", "teams", Holds.NOTE, limit=2_000),
        Column("units", "units", Holds.NOTE, limit=2_000),
        Column("minutes", "minutes", Holds.WHOLE, True, limit=MINUTES_MAX, least=1),
        Column(
            "people_served",
            "people_served",
            Holds.WHOLE,
            True,
            limit=PEOPLE_SERVED_MAX,
        ),
        Column("beneficiary", "beneficiary", Holds.CHOICE, members=Beneficiary),
        Column("goods", "goods", Holds.WHOLE, limit=GOODS_MAX),
        Column("money", "money", Holds.MONEY),
        Column("note", "note", Holds.NOTE, limit=NOTE_MAX),
    ),
    LedgerKind.NEEDS: (
        _MARK,
        Column("words", "words", Holds.NOTE, True, limit=NOTE_MAX),
        Column("kind", "kind", Holds.CHOICE, True, ServiceKind),
        AREA,
        Column("place", "place"),
        Column("beneficiary", "beneficiary", Holds.CHOICE, members=Beneficiary),
        Column("wished_on", "wished_on", Holds.AHEAD),
        Column("urgency", "urgency", Holds.CHOICE, members=Urgency),
        Column("micro_wish", "micro_wish", Holds.CHOICE, members=Answer),
        Column("source", "source", Holds.CHOICE, members=NeedSource),
    ),
}
"""The columns of each ledger, in the order of its template."""
