"""Closing the audit trail batch by batch under hashes that hang together.

Writers know nothing of it: an entry is a plain insert. What a seal is stands in
`lib.persistence.chain`, verifying in `lib.queries.chain`.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lib.domain.calendar import now
from lib.persistence.chain import digest_of, entries_of, gaps, open_seals, strays
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry, AuditSeal, Installation
from lib.persistence.transaction import transaction

BATCH = 2000
"""The most entries under one seal: as many as are named when one of them was tampered with."""


def seal_all() -> int:
    """Seal every entry that is not sealed yet; the number of seals made.

    Any number of processes may do so at a time: they take turns at the installation's row.

    Raises:
        Refusal: the database cannot be written to.
    """
    made = 0
    while _waiting() and _seal_once():
        made += 1
    return made


def _waiting() -> bool:
    """Whether there is anything to seal, asked without keeping writers from their work."""
    with Reads() as session:
        last = _last(session)
        newest = session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1))
        if newest is not None and newest > (last.last_id if last else 0):
            return True
        return bool(_late(session, now()))


def _seal_once() -> bool:
    with transaction(None) as tx:
        session = tx.session
        installation = session.get_one(Installation, 1, with_for_update=True)
        last = _last(session)
        before = last.last_id if last else 0
        numbers = session.scalars(
            select(AuditEntry.id).where(AuditEntry.id > before).order_by(AuditEntry.id).limit(BATCH)
        ).all()
        at = now()
        late = _late(session, at)
        if not numbers and not late:
            return False
        to = numbers[-1] if numbers else before
        seal = AuditSeal(
            number=installation.last_seal + 1,
            first_id=before + 1,
            last_id=to,
            missing=gaps(numbers, before + 1, to),
            late=late,
            previous=last.digest if last else "",
            sealed_at=at,
        )
        seal.digest = digest_of(seal, entries_of(session, seal))
        session.add(seal)
        installation.last_seal = seal.number
    return True


def _last(session: Session) -> AuditSeal | None:
    return session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))


def _late(session: Session, at: datetime) -> list[int]:
    young = open_seals(session, at)
    return strays(session, young, [number for seal in young for number in seal.late])
