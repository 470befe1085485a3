"""The workflows, checked against tables written by hand: here, and in ``expected_steps.csv``."""

import csv
from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest

from lib.domain.errors import Refusal
from lib.domain.permissions import Permission
from lib.domain.vocab import (
    CertificateAction,
    CertificateState,
    CheckInAction,
    CheckInState,
    ClaimAction,
    ClaimState,
    CorrectionAction,
    CorrectionState,
    MembershipAction,
    MembershipState,
    NeedAction,
    NeedState,
    ProjectAction,
    ProjectState,
    ServiceAction,
    ServiceState,
    StateType,
    StatusToken,
)
from lib.domain.workflow import (
    CERTIFICATE_STATE_STATUS,
    CERTIFICATE_STATE_TYPE,
    CERTIFICATE_STEPS,
    CHECK_IN_STATE_STATUS,
    CHECK_IN_STATE_TYPE,
    CHECK_IN_STEPS,
    CLAIM_STATE_STATUS,
    CLAIM_STATE_TYPE,
    CLAIM_STEPS,
    CORRECTION_STATE_STATUS,
    CORRECTION_STATE_TYPE,
    CORRECTION_STEPS,
    MEMBERSHIP_STATE_STATUS,
    MEMBERSHIP_STATE_TYPE,
    MEMBERSHIP_STEPS,
    NEED_STATE_STATUS,
    NEED_STATE_TYPE,
    NEED_STEPS,
    PROJECT_STATE_STATUS,
    PROJECT_STATE_TYPE,
    PROJECT_STEPS,
    SERVICE_STATE_STATUS,
    SERVICE_STATE_TYPE,
    SERVICE_STEPS,
    certificate_step,
    check_in_step,
    claim_step,
    correction_step,
    membership_step,
    need_step,
    project_step,
    service_step,
)

EXPECTED = {
    (None, "record"): ("recorded", "service:record", ""),
    ("recorded", "confirm"): ("confirmed", "service:confirm", "not own"),
    ("recorded", "return"): ("returned", "service:confirm", "reason, not own"),
    ("recorded", "void"): ("voided", "service:void", "reason"),
    ("returned", "correct"): ("recorded", "service:record", "own only"),
    ("recorded", "correct"): ("recorded", "service:confirm", "reason, not own"),
    ("confirmed", "correct"): ("confirmed", "service:confirm", "reason, not own"),
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


TABLES = {
    "need": (NEED_STEPS, NeedState, NeedAction, need_step),
    "project": (PROJECT_STEPS, ProjectState, ProjectAction, project_step),
    "claim": (CLAIM_STEPS, ClaimState, ClaimAction, claim_step),
    "check_in": (CHECK_IN_STEPS, CheckInState, CheckInAction, check_in_step),
    "correction": (CORRECTION_STEPS, CorrectionState, CorrectionAction, correction_step),
    "membership": (MEMBERSHIP_STEPS, MembershipState, MembershipAction, membership_step),
    "certificate": (CERTIFICATE_STEPS, CertificateState, CertificateAction, certificate_step),
}


def by_hand() -> list[dict[str, str]]:
    with (Path(__file__).parents[1] / "expected_steps.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_by_hand__is_read() -> None:
    assert {row["workflow"] for row in by_hand()} == set(TABLES)
    assert len(by_hand()) == 60


@pytest.mark.parametrize("name", TABLES)
def test_steps__every_state_and_action__as_written_by_hand(name: str) -> None:
    table, states, actions, look_up = TABLES[name]
    expected = {(row["source"], row["action"]): row for row in by_hand() if row["workflow"] == name}
    for state, action in product((None, *states), actions):
        row = expected.get((state or "", action.value))
        if row is None:
            with pytest.raises(Refusal) as caught:
                look_up(state, action)
            assert caught.value.code == "refusal.wrong_state"
            continue
        step = look_up(state, action)
        assert (step.target.value, step.permission.value) == (row["target"], row["permission"])
        conditions = {c for c in row["conditions"].split(", ") if c}
        held = {"reason": step.reason, "not own": step.not_own, "own only": step.own_only}
        assert {name for name, holds in held.items() if holds} == conditions
    assert len(table) == len(expected)


OPEN, SOLVED, UNSOLVED = StateType.OPEN, StateType.SOLVED, StateType.UNSOLVED
TYPES: dict[str, tuple[Mapping[StrEnum, StateType], str, str, str]] = {
    "need": (NEED_STATE_TYPE, "collected", "adopted merged", "declined"),
    "project": (PROJECT_STATE_TYPE, "draft published", "closed", "withdrawn"),
    "claim": (
        CLAIM_STATE_TYPE,
        "waiting active in_service served returned",
        "confirmed",
        "lapsed withdrawn handed_over",
    ),
    "check_in": (CHECK_IN_STATE_TYPE, "registered paused", "moved", "left"),
    "correction": (CORRECTION_STATE_TYPE, "asked", "accepted", "declined withdrawn"),
    "membership": (
        MEMBERSHIP_STATE_TYPE,
        "asked invited",
        "member",
        "declined withdrawn left",
    ),
    "certificate": (CERTIFICATE_STATE_TYPE, "asked", "issued", "declined revoked"),
}
STATUSES = {
    "need": (NEED_STATE_STATUS, "progress done done neutral"),
    "project": (PROJECT_STATE_STATUS, "neutral progress done neutral"),
    "claim": (
        CLAIM_STATE_STATUS,
        "neutral progress progress progress done soon overdue neutral neutral",
    ),
    "check_in": (CHECK_IN_STATE_STATUS, "done soon neutral neutral"),
    "correction": (CORRECTION_STATE_STATUS, "progress done neutral neutral"),
    "membership": (
        MEMBERSHIP_STATE_STATUS,
        "progress progress done neutral neutral neutral",
    ),
    "certificate": (CERTIFICATE_STATE_STATUS, "progress done neutral overdue"),
}


@pytest.mark.parametrize("name", TABLES)
def test_pipeline_states__type_and_status_of_each(name: str) -> None:
    types, *named = TYPES[name]
    for kind, states in zip((OPEN, SOLVED, UNSOLVED), named, strict=True):
        assert {state.value for state in types if types[state] is kind} == set(states.split())
    statuses, words = STATUSES[name]
    states = TABLES[name][1]
    assert statuses == {s: StatusToken(w) for s, w in zip(states, words.split(), strict=True)}
