"""Being there: the code at the place of a claim, and what it does to the trust in hours."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.persistence.engine import Reads
from lib.persistence.models import PlaceCheckIn, PublicCode
from lib.queries.check import problems
from lib.services.claim import Claimant, claim_project
from lib.services.place import check_in_here
from lib.services.public_codes import issue_project_code, new_token, renew_code
from lib.services.service import (
    Participant,
    confirm_service,
    correct_service,
    return_service,
    void_service,
)
from tests.factories import SmallStreet
from tests.services.pipeline import claimed, project_open, request, state
from tests.services.test_claim_served import serve
from tests.services.written import entry, loaded, taking_part, together


def code_of(street: SmallStreet, project_id: int) -> str:
    number = issue_project_code(street.actors["community_secretary"], project_id=project_id)
    with Reads() as session:
        return session.get_one(PublicCode, number).code


def trust(service_id: int) -> list[str]:
    return [part.trust.value for part in taking_part(service_id)]


def test_check_in__before_the_service_is_recorded__begins_the_claim(street: SmallStreet) -> None:
    number = project_open(street)
    made, code = claimed(street, number, by="volunteer"), code_of(street, number)
    actor = street.actors["volunteer"]
    assert together(3, lambda _: check_in_here(actor, code=code)) == ["送书包"] * 3
    assert state(made) == "in_service"
    with Reads() as session:
        assert len(session.scalars(select(PlaceCheckIn)).all()) == 1
    service = serve(street, made)
    assert trust(service) == ["checked_in"]
    assert problems().empty


def test_check_in__raises_what_is_recorded_and_nothing_lowers_it(street: SmallStreet) -> None:
    number = project_open(street)
    made = claimed(street, number, by="volunteer")
    service = serve(street, made)
    assert trust(service) == ["self_reported"]
    check_in_here(street.actors["volunteer"], code=code_of(street, number))
    assert trust(service) == ["checked_in"]
    secretary = street.actors["second"]
    version = loaded(service).version
    return_service(secretary, service_id=service, version=version, reason="数目不符")
    assert trust(service) == ["checked_in"]
    correct_service(
        street.actors["volunteer"],
        service_id=service,
        version=loaded(service).version,
        entry=entry(street.areas.g1, people_served=4),
        participants=[Participant(30, person_id=street.people["lin"])],
    )
    assert trust(service) == ["checked_in"]
    confirm_service(secretary, service_id=service, version=loaded(service).version)
    assert trust(service) == ["confirmed"]
    void_service(secretary, service_id=service, version=loaded(service).version, reason="重复")
    assert trust(service) == ["checked_in"]
    assert problems().empty


def test_check_in__for_the_own_team(street: SmallStreet) -> None:
    number = project_open(street, collective=True)
    claim_project(
        street.actors["street_committee"],
        project_id=number,
        claimant=Claimant(team_id=street.teams["patrol"]),
        promised_on=today(),
        request_id=request(),
    )
    check_in_here(street.actors["volunteer"], code=code_of(street, number))
    with Reads() as session:
        assert session.scalars(select(PlaceCheckIn.person_id)).all() == [street.people["lin"]]


def test_check_in__refused_with_the_reason(street: SmallStreet) -> None:
    number = project_open(street)
    code = code_of(street, number)
    claimed(street, number, by="volunteer", on=today() + timedelta(days=1))
    for name, said in (
        ("volunteer", "refusal.place_no_claim"),
        ("team_leader", "refusal.place_no_claim"),
        ("grid_worker", "refusal.place_no_person"),
    ):
        with pytest.raises(Refusal) as caught:
            check_in_here(street.actors[name], code=code)
        assert caught.value.code == said
    with pytest.raises(NotPermitted):
        check_in_here(street.actors["visitor"], code=code)
    with pytest.raises(NotFound):
        check_in_here(street.actors["volunteer"], code=new_token())
    with pytest.raises(NotPermitted):
        issue_project_code(street.actors["volunteer"], project_id=number)
    with Reads() as session:
        held = session.scalars(select(PublicCode)).one()
    renew_code(street.actors["community_secretary"], code_id=held.id)
    with pytest.raises(NotFound):
        check_in_here(street.actors["volunteer"], code=code)
