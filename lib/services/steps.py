"""What the commands on every workflow do alike: load at a version, ask for words, keep the step.

The steps themselves stand in `lib.domain.workflow`.
"""

from typing import Any, TypeVar

from lib.domain.calendar import now
from lib.domain.errors import Invalid, NotFound, Refusal
from lib.domain.text import clean, required
from lib.domain.workflow import Step
from lib.persistence.models import (
    Area,
    CheckIn,
    CheckInStep,
    Claim,
    ClaimStep,
    CorrectionRequest,
    CorrectionStep,
    Need,
    NeedStep,
    Project,
    ProjectStep,
    Service,
    ServiceStep,
)
from lib.persistence.transaction import Transaction

REASON_MAX = 500

Kept = (
    type[CheckInStep]
    | type[ClaimStep]
    | type[CorrectionStep]
    | type[NeedStep]
    | type[ProjectStep]
    | type[ServiceStep]
)
Record = TypeVar("Record", CheckIn, Claim, CorrectionRequest, Need, Project, Service)


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


def area_of(tx: Transaction, area_id: int) -> Area:
    """The area, or `NotFound`."""
    area = tx.session.get(Area, area_id)
    if area is None:
        raise NotFound
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
