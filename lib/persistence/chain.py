"""The chain over the audit trail: what a seal's hash is made of, and which entries it covers.

Sealing stands in `lib.services.chain`, verifying in `lib.queries.chain`.

On PostgreSQL numbers are given out before transactions end, so an entry may appear below numbers
that are sealed already. A seal therefore lists the numbers that were missing in its range, and a
later seal takes such an entry up as `late` while its gap is `OPEN_FOR`. Nobody waits for anybody.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from lib.persistence.models import AuditEntry, AuditSeal

OPEN_FOR = timedelta(days=2)
"""No transaction lasts longer; an entry that fills an older gap was put there by other means."""

HASHED = (
    "id",
    "at",
    "account_id",
    "role",
    "action",
    "refused",
    "subject_kind",
    "subject_id",
    "subject_label",
    "area_id",
    "changes",
    "address",
    "agent",
)
"""The columns of an entry that a seal covers, in this order."""

_RANGES_AT_ONCE = 200
"""SQLite limits how deep a condition may be."""


def digest_of(seal: AuditSeal, entries: Iterable[AuditEntry]) -> str:
    """SHA-256 over the canonical JSON of a seal's own columns, then of its entries in order."""
    made = hashlib.sha256()
    head = {
        "number": seal.number,
        "first": seal.first_id,
        "last": seal.last_id,
        "missing": seal.missing,
        "late": seal.late,
        "previous": seal.previous,
        "sealed_at": seal.sealed_at,
    }
    for document in (head, *_documents(entries)):
        made.update(_canonical(document).encode())
        made.update(b"\n")
    return made.hexdigest()


def _documents(entries: Iterable[AuditEntry]) -> Iterator[object]:
    for entry in entries:
        yield [getattr(entry, column) for column in HASHED]


def _canonical(document: object) -> str:
    return json.dumps(
        document, default=_written, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no place in a seal")


def entries_of(session: Session, seal: AuditSeal) -> list[AuditEntry]:
    """The entries of a seal's batch, by number."""
    within = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.id.between(seal.first_id, seal.last_id))
        .order_by(AuditEntry.id)
    )
    late = session.scalars(
        select(AuditEntry).where(AuditEntry.id.in_(seal.late)).order_by(AuditEntry.id)
    )
    return [*late, *(entry for entry in within if not _within(entry.id, seal.missing))]


def strays(session: Session, seals: Sequence[AuditSeal], taken: Collection[int]) -> list[int]:
    """The numbers of entries in the gaps of these seals that no later seal has `taken` up."""
    ranges = [one for seal in seals for one in seal.missing]
    found: list[int] = []
    for start in range(0, len(ranges), _RANGES_AT_ONCE):
        part = ranges[start : start + _RANGES_AT_ONCE]
        some = (AuditEntry.id.between(low, high) for low, high in part)
        found += session.scalars(select(AuditEntry.id).where(or_(false(), *some)))
    return sorted(set(found) - set(taken))


def gaps(numbers: Sequence[int], first: int, last: int) -> list[list[int]]:
    """The ranges between `first` and `last` that `numbers`, in order, leave out."""
    edges = [first - 1, *numbers, last + 1]
    return [[before + 1, after - 1] for before, after in pairwise(edges) if after - before > 1]


def open_seals(session: Session, now: datetime) -> list[AuditSeal]:
    """The seals, oldest first, that were made while a gap could still be filled."""
    young = select(AuditSeal).where(AuditSeal.sealed_at > now - OPEN_FOR)
    return list(session.scalars(young.order_by(AuditSeal.number)))


def _within(number: int, ranges: Sequence[Sequence[int]]) -> bool:
    return any(low <= number <= high for low, high in ranges)
