"""What a team does together: planned, held, called off, recorded, on both engines."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotPermitted, Refusal
from lib.domain.permissions import Role
from lib.domain.vocab import ServiceKind
from lib.persistence.engine import Reads
from lib.persistence.models import TeamEvent
from lib.queries import team
from lib.services.service import Participant, record_service
from lib.services.team_event import EventEntry, call_off_event, hold_event, plan_event
from tests.factories import SmallStreet
from tests.services.pipeline import request
from tests.services.written import entry as served


def outing(street: SmallStreet, **values: object) -> EventEntry:
    made = EventEntry(ServiceKind.PATROL, street.areas.g1, today(), planned_heads=12)
    return replace(made, **values)


def planned(street: SmallStreet, **values: object) -> int:
    return plan_event(
        street.actor(Role.TEAM_LEADER),
        team_id=street.teams["patrol"],
        entry=outing(street, **values),
        request_id=request(),
    )


def event(number: int) -> TeamEvent:
    with Reads() as session:
        return session.get_one(TeamEvent, number)


def test_event__held__becomes_a_service_with_its_participants_once(street: SmallStreet) -> None:
    leader, number = street.actor(Role.TEAM_LEADER), planned(street)
    values = {
        "entry": served(street.areas.g1),
        "participants": [Participant(60, person_id=street.people["lin"])],
        "event_id": number,
    }
    with pytest.raises(Refusal) as early:
        record_service(leader, request_id=request(), **values)
    assert early.value.code == "team.event_not_held"
    hold_event(leader, event_id=number, version=1, actual=9, note="雨小")
    service_id = record_service(leader, request_id=request(), **values)
    assert (event(number).actual, event(number).service_id) == (9, service_id)
    with pytest.raises(Refusal) as twice:
        record_service(leader, request_id=request(), **values)
    assert twice.value.code == "team.event_recorded"
    with pytest.raises(Refusal) as over:
        hold_event(leader, event_id=number, version=3, actual=10)
    assert over.value.code == "team.event_over"


def test_event__called_off__says_why_and_stays_so(street: SmallStreet) -> None:
    leader, number = street.actor(Role.TEAM_LEADER), planned(street, day=today() + timedelta(3))
    with pytest.raises(Invalid) as soon:
        hold_event(leader, event_id=number, version=1, actual=5)
    assert soon.value.problems[0].code == "problem.future_day"
    with pytest.raises(Invalid):
        call_off_event(leader, event_id=number, version=1, reason="")
    call_off_event(leader, event_id=number, version=1, reason="大雨")
    with pytest.raises(Refusal) as caught:
        hold_event(leader, event_id=number, version=2, actual=5)
    assert caught.value.code == "team.event_over"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"planned_heads": 0}, "planned_heads"),
        ({"planned_heads": 2_001}, "planned_heads"),
        ({"starts_at": time(9)}, "ends_at"),
        ({"starts_at": time(9), "ends_at": time(8)}, "ends_at"),
        ({"place": "长" * 201}, "place"),
    ],
)
def test_plan_event__what_cannot_be__named(
    street: SmallStreet, values: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        planned(street, **values)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_plan_event__elsewhere_or_by_others__refused(street: SmallStreet) -> None:
    with pytest.raises(Refusal) as caught:
        planned(street, area_id=street.areas.g3)
    assert caught.value.code == "team.event_elsewhere"
    for who in (Role.VOLUNTEER, Role.GRID_WORKER):
        with pytest.raises(NotPermitted):
            plan_event(
                street.actor(who),
                team_id=street.teams["patrol"],
                entry=outing(street),
                request_id=request(),
            )


def test_events__told_to_members_and_those_who_serve_there(street: SmallStreet) -> None:
    planned(street)
    number = street.teams["patrol"]
    told = {
        role: len(team.events(street.actor(role), team_id=number))
        for role in (Role.TEAM_LEADER, Role.VOLUNTEER, Role.VISITOR, Role.AUDITOR)
    }
    assert told == {
        Role.TEAM_LEADER: 1,
        Role.VOLUNTEER: 1,
        Role.VISITOR: 0,
        Role.AUDITOR: 0,
    }
