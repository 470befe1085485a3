"""Steps of a service record: from which state, by whom, and what is written or not."""

from collections.abc import Callable
from itertools import product

import pytest
from sqlalchemy import select

from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.vocab import (
    ServiceAction,
    ServiceKind,
    ServiceState,
)
from lib.persistence.engine import Reads
from lib.persistence.models import (
    ServiceStep,
)
from lib.services.service import (
    Participant,
    confirm_service,
    correct_service,
    return_service,
    void_service,
)
from tests.factories import SmallStreet, service_given
from tests.services.written import (
    ROLES,
    act,
    audits,
    count,
    counters,
    entry,
    everything,
    loaded,
    taking_part,
    together,
)

NEXT = {
    ("recorded", "confirm"): "confirmed",
    ("recorded", "return"): "returned",
    ("recorded", "void"): "voided",
    ("returned", "correct"): "recorded",
    ("returned", "void"): "voided",
    ("confirmed", "void"): "voided",
}
"""(state, action) -> the state after it, by hand; everything else is refused."""


@pytest.mark.parametrize(
    ("state", "action"),
    list(
        product(
            ("recorded", "confirmed", "returned", "voided"),
            ("confirm", "return", "correct", "void"),
        )
    ),
)
def test_step__every_state_and_action(street: SmallStreet, state: str, action: str) -> None:
    number = service_given(street, street.areas.g1, state=ServiceState(state))
    actor = street.actors["community_secretary" if action == "correct" else "second"]
    before = everything()
    target = NEXT.get((state, action))
    if target is None:
        with pytest.raises(Refusal) as caught:
            act(action, actor, street, number, 1)
        assert caught.value.code == "refusal.wrong_state"
        assert everything() == before
        return
    act(action, actor, street, number, 1)
    service = loaded(number)
    assert (service.state.value, service.version) == (target, 2)
    assert {p.trust.value for p in taking_part(number)} == {
        "confirmed" if target == "confirmed" else "self_reported"
    }
    (audit,) = audits(number)
    assert (audit.action, audit.account_id) == (f"service.{action}", actor.account_id)
    assert counters() == {("service", street.areas.s): 1}
    with Reads() as session:
        last = session.scalars(select(ServiceStep).order_by(ServiceStep.id.desc())).first()
    assert last is not None
    assert (last.service_id, last.source, last.action, last.target, last.account_id) == (
        number,
        ServiceState(state),
        ServiceAction(action),
        ServiceState(target),
        actor.account_id,
    )


DECIDES_AT = {
    "administrator": "g1 g3",
    "street_committee": "g1 g3",
    "street_staff": "g1 g3",
    "community_secretary": "g1",
    "grid_secretary": "g1",
    "grid_worker": "",
    "unit_liaison": "",
    "team_leader": "",
    "volunteer": "",
    "auditor": "",
    "visitor": "",
}


@pytest.mark.parametrize(
    ("role", "action"), list(product(ROLES, ("confirm", "return", "void", "correct")))
)
def test_decide__every_role(street: SmallStreet, role: str, action: str) -> None:
    for place in ("g1", "g3"):
        state = ServiceState.RETURNED if action == "correct" else ServiceState.RECORDED
        number = service_given(
            street,
            getattr(street.areas, place),
            state=state,
            persons=[("teacher", 60)],
            recorder="second",
            decider="neighbour",
        )
        before = everything()
        voids = action == "void" and role == "street_staff"
        if place in DECIDES_AT[role].split() and action != "correct" and not voids:
            act(action, street.actors[role], street, number, 1)
            assert loaded(number).decided_by_id == street.actors[role].account_id
        else:
            with pytest.raises(NotPermitted):
                act(action, street.actors[role], street, number, 1)
            assert everything() == before


@pytest.mark.parametrize("action", ["confirm", "return"])
@pytest.mark.parametrize("who", ["recorder", "participant"])
def test_decide__ones_own_record__refused(street: SmallStreet, action: str, who: str) -> None:
    number = service_given(
        street,
        street.areas.g2,
        state=ServiceState.RECORDED,
        persons=[("namesake", 60), ("serving", 30)],
        recorder="second" if who == "recorder" else "grid_secretary",
    )
    before = everything()
    actor = street.actors["second" if who == "recorder" else "serving"]
    with pytest.raises(Refusal) as caught:
        act(action, actor, street, number, 1)
    assert caught.value.code == "refusal.own_service"
    assert everything() == before


def test_void__ones_own_record__allowed_with_a_reason(street: SmallStreet) -> None:
    number = service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    act("void", street.actors["community_secretary"], street, number, 1)
    service = loaded(number)
    assert (service.state, service.reason) == (ServiceState.VOIDED, "重复登记")


@pytest.mark.parametrize("command", [return_service, void_service])
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "problem.missing"),
        (" \n\t　", "problem.missing"),
        ("\u200b\ufeff\x00", "problem.missing"),
        ("长" * 501, "problem.too_long"),
        ("长" * 10_000, "problem.too_long"),
    ],
)
def test_reason__missing_or_endless__refused(
    street: SmallStreet, command: Callable[..., None], reason: str, code: str
) -> None:
    number = service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    before = everything()
    with pytest.raises(Invalid) as caught:
        command(street.actors["second"], service_id=number, version=1, reason=reason)
    assert [(p.field, p.code) for p in caught.value.problems] == [("reason", code)]
    assert everything() == before


@pytest.mark.parametrize("action", ["confirm", "return", "void", "correct"])
def test_step__stale_version_or_nothing_there__refused(street: SmallStreet, action: str) -> None:
    state = ServiceState.RETURNED if action == "correct" else ServiceState.RECORDED
    number = service_given(street, street.areas.g1, state=state)
    actor = street.actors["community_secretary" if action == "correct" else "second"]
    before = everything()
    with pytest.raises(Refusal) as caught:
        act(action, actor, street, number, 2)
    assert caught.value.code == "refusal.changed_meanwhile"
    with pytest.raises(NotFound):
        act(action, actor, street, 404, 1)
    assert everything() == before


def test_correct__by_another_than_the_recorder__refused(street: SmallStreet) -> None:
    number = service_given(street, street.areas.g1, state=ServiceState.RETURNED)
    before = everything()
    for other in ("second", "street_committee", "administrator"):
        with pytest.raises(NotPermitted):
            act("correct", street.actors[other], street, number, 1)
    assert everything() == before


def test_correct__keeps_the_trail(street: SmallStreet) -> None:
    number = service_given(
        street,
        street.areas.g2,
        state=ServiceState.RETURNED,
        persons=[("lin", 60), ("zhou", 45)],
        people_served=30,
        kind=ServiceKind.VISIT,
    )
    act("correct", street.actors["community_secretary"], street, number, 1)
    service = loaded(number)
    assert (service.state, service.reason, service.people_served) == (
        ServiceState.RECORDED,
        None,
        8,
    )
    (part,) = taking_part(number)
    assert (part.person_id, part.minutes) == (street.people["zhou"], 30)
    (audit,) = audits(number)
    assert audit.changes == {
        "area_id": [street.areas.g2, street.areas.g1],
        "people_served": [30, 8],
        "beneficiary": ["all_residents", "elder_alone"],
        "participants": [2, 1],
        "minutes": [105, 30],
    }
    with Reads() as session:
        steps = session.scalars(select(ServiceStep).order_by(ServiceStep.id)).all()
    assert [step.action.value for step in steps] == ["record", "return", "correct"]
    assert [step.reason for step in steps] == [None, "数目不符", None]


def test_correct__to_another_street__both_streets_are_told(street: SmallStreet) -> None:
    number = service_given(
        street, street.areas.g1, state=ServiceState.RETURNED, recorder="administrator"
    )
    correct_service(
        street.actors["administrator"],
        service_id=number,
        version=1,
        entry=entry(street.areas.t),
        participants=[Participant(60, person_id=street.people["lin"])],
    )
    assert counters() == {("service", street.areas.s): 1, ("service", street.areas.t): 1}


def test_confirm__by_four_at_once__one_wins(street: SmallStreet) -> None:
    number = service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    actors = [
        street.actors[name]
        for name in ("second", "street_committee", "administrator", "grid_secretary")
    ]
    answers = together(4, lambda n: confirm_service(actors[n], service_id=number, version=1))
    assert sorted(str(answer) for answer in answers) == ["None"] + ["refusal.changed_meanwhile"] * 3
    assert count(ServiceStep, action=ServiceAction.CONFIRM) == 1
    assert counters() == {("service", street.areas.s): 1}
    assert loaded(number).version == 2
