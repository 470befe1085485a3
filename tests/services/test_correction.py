"""Corrections that volunteers ask for: who may, what the record says after, and what stays."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.permissions import Actor
from lib.domain.vocab import ServiceAction, ServiceState, Trust
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    CorrectionRequest,
    CorrectionStep,
    Participation,
    Service,
    ServiceStep,
)
from lib.persistence.summaries import differences
from lib.queries import correction as queries
from lib.queries import volunteer
from lib.services.correction import (
    accept_correction,
    ask_correction,
    decline_correction,
    withdraw_correction,
)
from tests.factories import SmallStreet, service_given
from tests.services.pipeline import request
from tests.services.written import audits, counters, everything, taking_part


def asked(actor: Actor, service_id: int, minutes: int = 120, words: str = "九点到十一点") -> int:
    return ask_correction(
        actor, service_id=service_id, minutes=minutes, words=words, request_id=request()
    )


def state(number: int) -> str:
    with Reads() as session:
        return session.get_one(CorrectionRequest, number).state.value


def sums_agree() -> bool:
    with Reads() as session:
        return session.execute(differences()).all() == []


def lins(street: SmallStreet, **values: object) -> int:
    """A confirmed service of lin and zhou that neither secretary of C1 served in or recorded."""
    given: dict[str, object] = {
        "persons": [("lin", 60), ("zhou", 60)],
        "recorder": "grid_secretary",
        "decider": "second",
    }
    return service_given(street, street.areas.g1, **given | values)


@pytest.mark.parametrize("given", [ServiceState.CONFIRMED, ServiceState.RECORDED])
def test_accept__minutes_corrected_where_the_record_stands_with_both_histories(
    street: SmallStreet, given: ServiceState
) -> None:
    service = lins(street, state=given)
    volunteer_, secretary = street.actors["volunteer"], street.actors["community_secretary"]
    number = asked(volunteer_, service)
    assert {p.minutes for p in taking_part(service)} == {60}
    accept_correction(secretary, correction_id=number, version=1)
    parts = {p.person_id: (p.minutes, p.trust) for p in taking_part(service)}
    trust = Trust.CONFIRMED if given is ServiceState.CONFIRMED else Trust.SELF_REPORTED
    lin, zhou = street.people["lin"], street.people["zhou"]
    assert parts == {lin: (120, trust), zhou: (60, trust)}
    assert state(number) == "accepted"
    assert sums_agree()
    with Reads() as session:
        assert session.get_one(Service, service).version == 2
        last = session.scalars(select(ServiceStep).order_by(ServiceStep.id.desc())).first()
        steps = session.scalars(select(CorrectionStep).order_by(CorrectionStep.id)).all()
    assert last is not None
    assert (last.action, last.source, last.target) == (ServiceAction.CORRECT, given, given)
    assert (last.reason, last.account_id) == ("九点到十一点", secretary.account_id)
    assert [(s.action.value, s.account_id) for s in steps] == [
        ("ask", volunteer_.account_id),
        ("accept", secretary.account_id),
    ]
    (entry,) = audits(service)
    assert (entry.action, entry.changes) == ("service.correct", {"minutes": [60, 120]})
    assert counters() == {("service", street.areas.s): 3}


def test_decline_and_withdraw__the_record_stays(street: SmallStreet) -> None:
    service = lins(street)
    volunteer_, secretary = street.actors["volunteer"], street.actors["community_secretary"]
    number = asked(volunteer_, service)
    with pytest.raises(Invalid):
        decline_correction(secretary, correction_id=number, version=1, reason=" ")
    decline_correction(secretary, correction_id=number, version=1, reason="签到表为一小时")
    row = queries.mine(volunteer_).iloc[0]
    assert (row["state"], row["reason"]) == ("declined", "签到表为一小时")
    again = asked(volunteer_, service)
    assert volunteer.participations(volunteer_).iloc[0]["asked"]
    withdraw_correction(volunteer_, correction_id=again, version=1)
    assert state(again) == "withdrawn"
    assert {p.minutes for p in taking_part(service)} == {60}
    with pytest.raises(Refusal, match="changed_meanwhile"):
        accept_correction(secretary, correction_id=again, version=1)
    with pytest.raises(Refusal, match="wrong_state"):
        accept_correction(secretary, correction_id=again, version=2)


def test_presence__not_listed_is_added_and_absent_is_taken_out(street: SmallStreet) -> None:
    service = lins(street, persons=[("teacher", 60)])
    volunteer_, secretary = street.actors["volunteer"], street.actors["community_secretary"]
    accept_correction(secretary, correction_id=asked(volunteer_, service, 30), version=1)
    added = next(p for p in taking_part(service) if p.person_id == street.people["lin"])
    assert (added.minutes, added.trust) == (30, Trust.CONFIRMED)
    accept_correction(secretary, correction_id=asked(volunteer_, service, 0), version=1)
    assert [p.person_id for p in taking_part(service)] == [street.people["teacher"]]
    assert sums_agree()


def test_presence__the_only_one__the_record_is_to_be_voided(street: SmallStreet) -> None:
    service = lins(street, persons=[("lin", 60)])
    number = asked(street.actors["volunteer"], service, 0)
    before = everything()
    with pytest.raises(Refusal, match="only_one"):
        accept_correction(street.actors["community_secretary"], correction_id=number, version=1)
    assert everything() == before


def test_presence__whoever_confirmed_it__cannot_have_served(street: SmallStreet) -> None:
    service = lins(street, persons=[("teacher", 60)], decider="serving")
    number = asked(street.actors["serving"], service, 30)
    with pytest.raises(Refusal, match="confirmed_it"):
        accept_correction(street.actors["community_secretary"], correction_id=number, version=1)


@pytest.mark.parametrize("role", ["serving", "grid_secretary"])
def test_accept__who_served_or_recorded__refused(street: SmallStreet, role: str) -> None:
    service = lins(street, persons=[("lin", 60), ("serving", 60)])
    number = asked(street.actors["volunteer"], service)
    with pytest.raises(Refusal, match="own_service"):
        accept_correction(street.actors[role], correction_id=number, version=1)
    assert queries.waiting(street.actors[role], area_id=None)["own"].tolist() == [True]


def test_accept__ones_own_request__refused(street: SmallStreet) -> None:
    service = lins(street, persons=[("teacher", 60)])
    number = asked(street.actors["serving"], service, 30)
    for answer in (
        partial(accept_correction, correction_id=number, version=1),
        partial(decline_correction, correction_id=number, version=1, reason="否"),
    ):
        with pytest.raises(Refusal, match="own_service"):
            answer(street.actors["serving"])


def _ask(street: SmallStreet, role: str, **values: object) -> Callable[[], int]:
    return lambda: asked(street.actors[role], lins(street, **values))


def test_ask__refused_in_words(street: SmallStreet) -> None:
    with pytest.raises(NotFound):
        asked(street.actors["volunteer"], 404)
    with pytest.raises(NotPermitted):  # nobody stands behind the account
        _ask(street, "community_secretary")()
    with pytest.raises(NotPermitted):  # an auditor serves nowhere
        _ask(street, "auditor")()
    service = lins(street)
    for minutes, words in ((60, "一样"), (-1, "负数"), (961, "太多"), (90, "  ")):
        with pytest.raises(Invalid):
            asked(street.actors["volunteer"], service, minutes, words)
    asked(street.actors["volunteer"], service)
    with pytest.raises(Refusal, match="asked_already"):
        asked(street.actors["volunteer"], service)
    for given in (ServiceState.RETURNED, ServiceState.VOIDED):
        with pytest.raises(Refusal, match="wrong_state"):
            asked(street.actors["volunteer"], lins(street, state=given))


def test_ask__elsewhere__only_for_what_one_took_part_in(street: SmallStreet) -> None:
    volunteer_ = street.actors["volunteer"]
    elsewhere = service_given(street, street.areas.g3, persons=[("lin", 60), ("qin", 60)])
    assert asked(volunteer_, elsewhere) > 0
    with pytest.raises(NotPermitted):
        asked(volunteer_, service_given(street, street.areas.g3, persons=[("qin", 60)]))


def test_others__cannot_withdraw_or_answer_beyond_their_reach(street: SmallStreet) -> None:
    number = asked(street.actors["volunteer"], lins(street))
    with pytest.raises(NotPermitted):
        withdraw_correction(street.actors["team_leader"], correction_id=number, version=1)
    with pytest.raises(NotPermitted):
        accept_correction(street.actors["neighbour"], correction_id=number, version=1)
    assert queries.waiting(street.actors["neighbour"], area_id=None).empty
    assert queries.mine(street.actors["team_leader"]).empty


def test_request__twice__asked_once(street: SmallStreet) -> None:
    service, key = lins(street), request()
    ask = partial(ask_correction, service_id=service, minutes=90, words="少记了", request_id=key)
    assert ask(street.actors["volunteer"]) == ask(street.actors["volunteer"])


def test_database__one_open_request_for_each_part(street: SmallStreet) -> None:
    number = asked(street.actors["volunteer"], lins(street))
    with pytest.raises(IntegrityError), Writes.begin() as session:
        one = session.get_one(CorrectionRequest, number)
        session.add(
            CorrectionRequest(
                **{
                    name: getattr(one, name)
                    for name in (
                        "service_id",
                        "person_id",
                        "minutes_wanted",
                        "words",
                        "state",
                        "asked_by_id",
                        "asked_at",
                    )
                }
            )
        )


def test_hours__confirmed_apart_from_others_and_voided_nowhere(street: SmallStreet) -> None:
    for given, minutes in (("confirmed", 60), ("recorded", 30), ("returned", 20), ("voided", 10)):
        lins(street, state=ServiceState(given), persons=[("lin", minutes), ("zhou", 5)])
    with Writes.begin() as session:
        part = session.query(Participation).filter_by(minutes=60).one()
        part.trust = Trust.CERTIFIED
    rows = volunteer.hours(street.actors["volunteer"])
    assert {r["trust"]: r["minutes"] for _, r in rows.iterrows()} == {
        "self_reported": 30,
        "checked_in": 0,
        "confirmed": 0,
        "certified": 60,
    }
    assert volunteer.oneself(street.actors["volunteer"]).iloc[0]["name"] == "林小满"
    assert volunteer.oneself(street.actors["administrator"]).empty
    assert volunteer.teams(street.actors["volunteer"])["name_zh"].tolist() == ["石桥巡防队"]
