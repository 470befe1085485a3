"""The workflow of a service record, checked against a table written by hand."""

from itertools import product

import pytest

from lib.domain.errors import Refusal
from lib.domain.permissions import Permission
from lib.domain.vocab import ServiceAction, ServiceState, StateType, StatusToken
from lib.domain.workflow import (
    SERVICE_STATE_STATUS,
    SERVICE_STATE_TYPE,
    SERVICE_STEPS,
    service_step,
)

EXPECTED = {
    (None, "record"): ("recorded", "service:record", ""),
    ("recorded", "confirm"): ("confirmed", "service:confirm", "not own"),
    ("recorded", "return"): ("returned", "service:confirm", "reason, not own"),
    ("recorded", "void"): ("voided", "service:void", "reason"),
    ("returned", "correct"): ("recorded", "service:record", "own only"),
    ("returned", "void"): ("voided", "service:void", "reason"),
    ("confirmed", "void"): ("voided", "service:void", "reason"),
}
"""(state, action) -> state after it, permission, conditions; whatever is absent is refused."""

EVERY = list(product((None, *ServiceState), ServiceAction))


@pytest.mark.parametrize(("state", "action"), EVERY)
def test_service_step__every_state_and_action(
    state: ServiceState | None, action: ServiceAction
) -> None:
    expected = EXPECTED.get((state, action.value))
    if expected is None:
        with pytest.raises(Refusal) as caught:
            service_step(state, action)
        assert caught.value.code == "refusal.wrong_state"
        assert caught.value.values == {"state": state or "", "action": action}
        return
    step = service_step(state, action)
    target, permission, conditions = expected
    assert (step.target, step.permission) == (ServiceState(target), Permission(permission))
    assert (step.reason, step.not_own, step.own_only) == (
        "reason" in conditions,
        "not own" in conditions,
        "own only" in conditions,
    )


def test_service_steps__no_more_than_expected() -> None:
    assert len(SERVICE_STEPS) == len(EXPECTED)
    assert {(step.source, step.action.value) for step in SERVICE_STEPS} == set(EXPECTED)


def test_states__type_and_status_of_each() -> None:
    assert SERVICE_STATE_TYPE == {
        ServiceState.RECORDED: StateType.OPEN,
        ServiceState.RETURNED: StateType.OPEN,
        ServiceState.CONFIRMED: StateType.SOLVED,
        ServiceState.VOIDED: StateType.UNSOLVED,
    }
    assert SERVICE_STATE_STATUS == {
        ServiceState.RECORDED: StatusToken.PROGRESS,
        ServiceState.RETURNED: StatusToken.SOON,
        ServiceState.CONFIRMED: StatusToken.DONE,
        ServiceState.VOIDED: StatusToken.NEUTRAL,
    }
