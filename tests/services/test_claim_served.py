"""From a claim to a confirmed service: the claim follows what becomes of its services."""

import pytest
from sqlalchemy import select

from lib.domain.errors import NotPermitted, Refusal
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import ClaimService, ClaimStep, Service
from lib.services.claim import Claimant, claim_project, start_claim, withdraw_claim
from lib.services.service import Participant, correct_service, record_service
from tests.factories import SmallStreet
from tests.services.pipeline import (
    claim,
    claimed,
    project_open,
    promised_before,
    request,
    state,
    steps,
    taken,
)
from tests.services.written import act, entry, everything, loaded


def serve(street: SmallStreet, claim_id: int, who: str = "lin", by: str = "volunteer") -> int:
    return record_service(
        street.actors[by],
        entry=entry(street.areas.g1),
        participants=[Participant(60, person_id=street.people[who])],
        request_id=request(),
        claim_id=claim_id,
    )


def decide(street: SmallStreet, action: str, service_id: int) -> None:
    act(action, street.actors["second"], street, service_id, loaded(service_id).version)


def test_serve__recorded_and_confirmed_by_somebody_else(street: SmallStreet) -> None:
    number = project_open(street)
    made = claimed(street, number, by="volunteer")
    start_claim(street.actors["volunteer"], claim_id=made, version=1)
    service = serve(street, made)
    assert state(made) == "served"
    with pytest.raises(Refusal):
        act("confirm", street.actors["volunteer"], street, service, 1)
    decide(street, "confirm", service)
    assert steps(made) == ["active", "in_service", "served", "confirmed"]
    assert taken(number) == 1
    with Reads() as session:
        (link,) = session.scalars(select(ClaimService))
        last = session.scalars(select(ClaimStep).order_by(ClaimStep.id.desc())).first()
    assert (link.claim_id, link.service_id) == (made, service)
    assert last is not None
    assert last.account_id == street.actors["second"].account_id
    with pytest.raises(Refusal) as caught:
        serve(street, made)
    assert caught.value.code == "refusal.wrong_state"


def test_serve__returned_corrected_confirmed(street: SmallStreet) -> None:
    made = claimed(street, project_open(street), by="volunteer")
    service = serve(street, made)
    decide(street, "return", service)
    assert state(made) == "returned"
    with pytest.raises(Refusal) as caught:
        serve(street, made)
    assert caught.value.code == "refusal.wrong_state"
    correct_service(
        street.actors["volunteer"],
        service_id=service,
        version=loaded(service).version,
        entry=entry(street.areas.g1, people_served=4),
        participants=[Participant(30, person_id=street.people["lin"])],
    )
    decide(street, "confirm", service)
    assert steps(made) == ["active", "served", "returned", "served", "confirmed"]


def test_serve__several_services__confirmed_when_all_are(street: SmallStreet) -> None:
    made = claimed(street, project_open(street), by="volunteer")
    first, second = serve(street, made), serve(street, made)
    decide(street, "confirm", first)
    assert state(made) == "served"
    decide(street, "return", second)
    assert state(made) == "returned"
    decide(street, "void", second)
    assert state(made) == "confirmed"
    decide(street, "void", first)
    assert state(made) == "in_service"
    serve(street, made)
    assert steps(made)[-3:] == ["confirmed", "in_service", "served"]


def test_serve__returned_and_given_up__the_place_is_free(street: SmallStreet) -> None:
    number = project_open(street)
    made = claimed(street, number, by="volunteer")
    service = serve(street, made)
    decide(street, "return", service)
    withdraw_claim(
        street.actors["volunteer"], claim_id=made, version=claim(made).version, reason="没能完成"
    )
    assert taken(number) == 0
    decide(street, "void", service)
    assert state(made) == "withdrawn"


def test_serve__without_the_claimant__refused_and_nothing_written(street: SmallStreet) -> None:
    made = claimed(street, project_open(street))
    before = everything()
    with pytest.raises(Refusal) as caught:
        serve(street, made, who="zhou", by="community_secretary")
    assert caught.value.code == "refusal.claimant_absent"
    assert everything() == before


def test_serve__somebody_elses_claim__refused(street: SmallStreet) -> None:
    made = claimed(street, project_open(street), "zhou")
    with pytest.raises(NotPermitted):
        serve(street, made)
    assert state(made) == "active"


def test_serve__after_the_promised_day__refused_unless_begun(street: SmallStreet) -> None:
    forgotten, begun = (claimed(street, project_open(street)) for _ in range(2))
    start_claim(street.actors["volunteer"], claim_id=begun, version=1)
    for number in (forgotten, begun):
        promised_before(number, 1)
    with pytest.raises(Refusal) as caught:
        serve(street, forgotten)
    assert caught.value.code == "refusal.wrong_state"
    serve(street, begun)
    assert state(begun) == "served"


@pytest.mark.parametrize("kind", ["team", "unit"])
def test_serve__by_people_of_the_team_or_unit(street: SmallStreet, kind: str) -> None:
    claimant, one, other = {
        "team": (Claimant(team_id=street.teams["patrol"]), "zhou", "teacher"),
        "unit": (Claimant(organisation_id=street.units["school"]), "teacher", "zhou"),
    }[kind]
    secretary = street.actors["street_committee"]
    made = claim_project(
        secretary,
        project_id=project_open(street, collective=True),
        claimant=claimant,
        promised_on=entry(1).day,
        request_id=request(),
    )
    with pytest.raises(Refusal) as caught:
        serve(street, made, who=other, by="street_committee")
    assert caught.value.code == "refusal.claimant_absent"
    serve(street, made, who=one, by="street_committee")
    assert state(made) == "served"


def test_service__of_no_claim__follows_nothing(street: SmallStreet) -> None:
    number = record_service(
        street.actors["volunteer"],
        entry=entry(street.areas.g1),
        participants=[Participant(60, person_id=street.people["lin"])],
        request_id=request(),
    )
    decide(street, "confirm", number)
    with Writes.begin() as session:
        assert session.scalars(select(ClaimService)).all() == []
        assert session.get_one(Service, number).state.value == "confirmed"
