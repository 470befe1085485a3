"""Whether the audit trail is as it was when it was sealed, and how much of it is not sealed yet.

Reads only; sealing stands in `lib.services.chain`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lib.domain.calendar import now
from lib.persistence.chain import digest_of, entries_of, open_seals, strays
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry, AuditSeal, Installation

Flaw = tuple[str, int | None, Mapping[str, object]]
"""A word key, the number of the seal or None, and the words' placeholders."""


@dataclass(frozen=True)
class ChainStatus:
    """How the chain stands: seals, how many of them were recomputed, entries without a seal.

    `oldest` is when the oldest unsealed entry was written, `flaws` what does not agree.
    """

    seals: int
    recomputed: int
    unsealed: int
    oldest: datetime | None
    flaws: tuple[Flaw, ...]


def status(recompute: int | None = None) -> ChainStatus:
    """The state of the chain, with the newest `recompute` seals computed anew; None is all."""
    with Reads() as session:
        seals = session.scalar(select(func.count()).select_from(AuditSeal)) or 0
        unsealed, oldest = _tail(session)
        return ChainStatus(
            seals=seals,
            recomputed=seals if recompute is None else min(recompute, seals),
            unsealed=unsealed,
            oldest=oldest,
            flaws=tuple(chain_flaws(session, recompute)),
        )


def newest() -> tuple[int, str] | None:
    """Number and digest of the newest seal: written down elsewhere, they prove the chain's end."""
    with Reads() as session:
        found = session.execute(
            select(AuditSeal.number, AuditSeal.digest).order_by(AuditSeal.number.desc()).limit(1)
        ).first()
    return (found.number, found.digest) if found else None


def chain_flaws(session: Session, recompute: int | None = None) -> Iterator[Flaw]:
    """Seals that are gone or hang on nothing, batches that changed, entries put in between."""
    newest = session.scalar(select(Installation.last_seal)) or 0
    first = 0 if recompute is None else newest - recompute
    expected, previous = 1, ""
    gone: list[int] = []
    for seal in session.scalars(
        select(AuditSeal).order_by(AuditSeal.number).execution_options(yield_per=200)
    ):
        gone += range(expected, seal.number)
        if seal.number == expected and seal.previous != previous:
            yield "check.seal_link", seal.number, {}
        if seal.number > first and digest_of(seal, entries_of(session, seal)) != seal.digest:
            values = {"first": seal.first_id, "last": seal.last_id}
            yield "check.seal_digest", seal.number, values
        expected, previous = seal.number + 1, seal.digest
    gone += range(expected, newest + 1)
    for number in gone:
        yield "check.seal_gone", number, {}
    if recompute is None:
        for number in _put_in(session):
            yield "check.seal_put_in", None, {"number": number}


def _put_in(session: Session) -> list[int]:
    """Entries in gaps that closed long ago without a seal taking them up."""
    young = {seal.number for seal in open_seals(session, now())}
    seals = list(session.scalars(select(AuditSeal)))
    taken = [number for seal in seals for number in seal.late]
    return strays(session, [seal for seal in seals if seal.number not in young], taken)


def _tail(session: Session) -> tuple[int, datetime | None]:
    last = session.scalar(select(func.max(AuditSeal.last_id))) or 0
    young = open_seals(session, now())
    late = strays(session, young, [number for seal in young for number in seal.late])
    n, oldest = session.execute(
        select(func.count(), func.min(AuditEntry.at)).where(
            (AuditEntry.id > last) | AuditEntry.id.in_(late)
        )
    ).one()
    return n, oldest
