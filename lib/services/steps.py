"""What the commands on every workflow do alike: load at a version, ask for words, keep the step.

The steps themselves stand in `lib.domain.workflow`.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from lib.domain.calendar import now
from lib.domain.errors import Changed, Invalid, NotFound, Refusal
from lib.domain.text import clean, required
from lib.domain.workflow import Step
from lib.persistence.models import (
    Area,
    Certificate,
    CertificateStep,
    CheckIn,
    CheckInStep,
    Claim,
    ClaimStep,
    CorrectionRequest,
    CorrectionStep,
    MembershipRequest,
    MembershipStep,
    Need,
    NeedStep,
    Project,
    ProjectStep,
    RecordReview,
    Service,
    ServiceStep,
    Team,
    TeamEvent,
    UnitOffer,
)
from lib.persistence.transaction import Transaction

REASON_MAX = 500

Kept = (
    type[CertificateStep]
    | type[CheckInStep]
    | type[ClaimStep]
    | type[CorrectionStep]
    | type[MembershipStep]
    | type[NeedStep]
    | type[ProjectStep]
    | type[ServiceStep]
)
Record = TypeVar(
    "Record",
    Certificate,
    CheckIn,
    Claim,
    CorrectionRequest,
    MembershipRequest,
    Need,
    Project,
    RecordReview,
    Service,
    Team,
    TeamEvent,
    UnitOffer,
)


def at_version(
    tx: Transaction, model: type[Record], number: int, version: int, *, lock: bool = False
) -> Record:
    """The record as it was on the screen; `lock` lets others who ask so wait until the end.

    Raises:
        NotFound: there is none.
        Refusal: ``refusal.changed_meanwhile`` when it has moved on.
    """
    record = tx.session.get(model, number, with_for_update=lock or None)
    if record is None:
        raise NotFound
    if record.version != version:
        raise Refusal("refusal.changed_meanwhile")
    return record


def requests_of(request_id: str, n: int) -> list[str]:
    """The request of each of `n` records that one form sends together."""
    return [str(uuid.uuid5(uuid.NAMESPACE_OID, f"{request_id} {k}")) for k in range(n)]


def written(tx: Transaction, model: type[Record], requests: Sequence[str]) -> list[int]:
    """The records that these requests wrote before, in their order; none when they are new."""
    if not requests:
        return []
    rows = tx.session.execute(
        select(model.request_id, model.id).where(model.request_id.in_(requests))
    )
    ids = dict(rows.tuples().all())
    return [ids[one] for one in requests if one in ids]


def at_version_or_told(
    tx: Transaction,
    model: type[Record],
    number: int,
    version: int,
    fields: Iterable[str],
    **more: object,
) -> Record:
    """The record whose form was opened at `version`; `fields` and `more` are what the form holds.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        NotFound: there is none.
    """
    record = tx.session.get(model, number)
    if record is not None and record.version != version:
        current = {name: getattr(record, name) for name in fields} | more
        raise Changed(current, record.version)
    return at_version(tx, model, number, version)


def area_of(tx: Transaction, area_id: int) -> Area:
    """The area, or `NotFound`."""
    area = tx.session.get(Area, area_id)
    if area is None:
        raise NotFound
    # The session itself holds on to nothing: a list of records would read the area for each.
    tx.session.info.setdefault(Area, set()).add(area)
    return area


def reason_given(step: Step[Any, Any], reason: str | None) -> str | None:
    """The words that the step asks for, None where it asks for none.

    Raises:
        Invalid: they are missing or too long.
    """
    words = clean(reason)
    if not step.reason:
        return None
    problems = required("reason", words, REASON_MAX)
    if problems:
        raise Invalid(problems)
    return words


def keep_step(
    tx: Transaction,
    kept: Kept,
    step: Step[Any, Any],
    reason: str | None,
    account_id: int | None,
    **record_id: int,
) -> None:
    """Keep the step in the history of the record that `record_id` names, as ``need_id=7``."""
    tx.session.add(
        kept(
            **record_id,
            action=step.action,
            source=step.source,
            target=step.target,
            account_id=account_id,
            at=now(),
            reason=reason,
        )
    )
