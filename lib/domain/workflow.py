"""Workflows as tables of steps: the service decides by them, the screens offer by them.

Only the tables and their look-up stand here; what a step writes stands in `lib.services`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lib.domain.errors import Refusal
from lib.domain.permissions import Permission
from lib.domain.vocab import ServiceAction, ServiceState, StateType, StatusToken

CONFIRM_WITHIN_DAYS = 7
"""A record that waits longer than this is shown as overdue (our default)."""


@dataclass(frozen=True)
class Step:
    """One permitted move: `action` takes a record from `source` to `target`.

    `source` None is the beginning. `reason` says whether words must be given; `not_own` that
    whoever recorded or served may not take it; `own_only` that only the recorder may.
    """

    source: ServiceState | None
    action: ServiceAction
    target: ServiceState
    permission: Permission
    reason: bool = False
    not_own: bool = False
    own_only: bool = False


_S, _A, _P = ServiceState, ServiceAction, Permission

SERVICE_STEPS: tuple[Step, ...] = (
    Step(None, _A.RECORD, _S.RECORDED, _P.SERVICE_RECORD),
    Step(_S.RECORDED, _A.CONFIRM, _S.CONFIRMED, _P.SERVICE_CONFIRM, not_own=True),
    Step(_S.RECORDED, _A.RETURN, _S.RETURNED, _P.SERVICE_CONFIRM, reason=True, not_own=True),
    Step(_S.RETURNED, _A.CORRECT, _S.RECORDED, _P.SERVICE_RECORD, own_only=True),
    Step(_S.RECORDED, _A.VOID, _S.VOIDED, _P.SERVICE_VOID, reason=True),
    Step(_S.RETURNED, _A.VOID, _S.VOIDED, _P.SERVICE_VOID, reason=True),
    Step(_S.CONFIRMED, _A.VOID, _S.VOIDED, _P.SERVICE_VOID, reason=True),
)

SERVICE_STATE_TYPE: Mapping[ServiceState, StateType] = {
    _S.RECORDED: StateType.OPEN,
    _S.RETURNED: StateType.OPEN,
    _S.CONFIRMED: StateType.SOLVED,
    _S.VOIDED: StateType.UNSOLVED,
}

SERVICE_STATE_STATUS: Mapping[ServiceState, StatusToken] = {
    _S.RECORDED: StatusToken.PROGRESS,
    _S.RETURNED: StatusToken.SOON,
    _S.CONFIRMED: StatusToken.DONE,
    _S.VOIDED: StatusToken.NEUTRAL,
}


def service_step(source: ServiceState | None, action: ServiceAction) -> Step:
    """The step that `action` takes from `source`.

    Raises:
        Refusal: ``refusal.wrong_state`` when the table holds no such step.
    """
    for step in SERVICE_STEPS:
        if step.source == source and step.action == action:
            return step
    raise Refusal("refusal.wrong_state", state=source or "", action=action)
