"""The audit log as auditors read it: filtered, page by page, newest first.

Pages follow the entries' numbers, so that the millionth costs what the first does. Whether the
log is whole is told by `lib.queries.chain`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pandas as pd
from sqlalchemy import ColumnElement, and_, or_, select

from lib.domain.calendar import STREET_TIME
from lib.domain.permissions import Actor, Permission, Role
from lib.persistence.engine import Reads
from lib.persistence.models import Account, Area, AuditEntry
from lib.persistence.scope import reached, seen

LOG_COLUMNS = (
    "entry_id",
    "at",
    "who_zh",
    "who_en",
    "account",
    "role",
    "action",
    "refused",
    "subject_kind",
    "subject_id",
    "label",
    "changes",
    "address",
    "agent",
)
"""`who_…` and `account` are None for the command line; `changes` maps a field to its value before
and after, or to None where the field is personal."""

PLACE_COLUMNS = ("area_id", "code", "name_zh", "name_en", "level")
EXPORT_MAX = 50_000

_READ = Permission.AUDIT_READ


@dataclass(frozen=True)
class LogFilter:
    """What to show; empty fields leave everything. `who` is part of an account's or shown name."""

    who: str = ""
    role: Role | None = None
    action: str | None = None
    subject_kind: str | None = None
    area_id: int | None = None
    first: date | None = None
    last: date | None = None
    refused: bool = False


def entries(
    actor: Actor, *, wanted: LogFilter, before: int | None = None, limit: int
) -> pd.DataFrame:
    """LOG_COLUMNS of at most `limit` entries older than number `before`, the newest first.

    Empty for actors who may not read the log. `limit` is at most `EXPORT_MAX`.
    """
    statement = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            Account.display_zh,
            Account.display_en,
            Account.name,
            AuditEntry.role,
            AuditEntry.action,
            AuditEntry.refused,
            AuditEntry.subject_kind,
            AuditEntry.subject_id,
            AuditEntry.subject_label,
            AuditEntry.changes,
            AuditEntry.address,
            AuditEntry.agent,
        )
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(seen(AuditEntry.area_id, actor, _READ, wanted.area_id), *_conditions(wanted))
        .order_by(AuditEntry.id.desc())
        .limit(min(limit, EXPORT_MAX))
    )
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    with Reads() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    return pd.DataFrame(rows, columns=list(LOG_COLUMNS), dtype=object)


def places(actor: Actor) -> pd.DataFrame:
    """PLACE_COLUMNS of the areas whose entries the actor may read, by code."""
    statement = (
        select(Area.id, Area.code, Area.name_zh, Area.name_en, Area.level)
        .where(reached(Area.id, actor, _READ), Area.valid_until.is_(None))
        .order_by(Area.code)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(PLACE_COLUMNS))


def _conditions(wanted: LogFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    who = wanted.who.strip()
    if who:
        named = (Account.name, Account.display_zh, Account.display_en)
        people = select(Account.id).where(or_(*(n.contains(who, autoescape=True) for n in named)))
        found.append(AuditEntry.account_id.in_(people))
    for column, value in (
        (AuditEntry.role, wanted.role),
        (AuditEntry.action, wanted.action),
        (AuditEntry.subject_kind, wanted.subject_kind),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.first is not None:
        found.append(AuditEntry.at >= _begins(wanted.first))
    if wanted.last is not None:
        found.append(AuditEntry.at < _begins(wanted.last + timedelta(days=1)))
    if wanted.refused:
        found.append(and_(AuditEntry.refused))
    return found


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), STREET_TIME)
