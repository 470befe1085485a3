"""The account in figures over a few records, on both engines."""

from lib.domain.permissions import Actor, Role
from lib.domain.vocab import Beneficiary, ServiceKind
from lib.queries.account import MECHANISMS, everything, figures
from lib.queries.proof import Proof, proof
from lib.services.claim import Claimant, Promise, claim_many
from lib.services.need import adopt_many, collect_many
from lib.services.service import Participant, ServiceRecord, confirm_many, record_many
from tests.factories import SmallStreet, service_given
from tests.services.pipeline import plan, wish
from tests.services.written import entry


def told(actor: Actor, area_id: int | None = None) -> dict[str, float]:
    found = figures(actor, area_id=area_id, span=everything())
    assert list(found["key"]) == [key for keys in MECHANISMS.values() for key in keys]
    return dict(zip(found["key"], found["value"], strict=True))


def test_figures__patrols__each_area_benefits_once(street: SmallStreet) -> None:
    for area, people in ((street.areas.g1, 20), (street.areas.g1, 25), (street.areas.g3, 30)):
        service_given(street, area, people_served=people, persons=[("lin", 60), ("zhou", 60)])
    service_given(street, street.areas.g1, kind=ServiceKind.MEDIATION)
    found = told(street.actor(Role.STREET_STAFF))
    assert (found["patrols"], found["patrol_attendance"]) == (3, 6)
    assert (found["patrol_beneficiaries"], found["mediations"]) == (55, 1)
    assert (found["service_teams"], found["team_leaders_min"]) == (1, 1)
    assert told(street.actor(Role.STREET_STAFF), street.areas.c2)["patrols"] == 1
    assert told(street.actor(Role.VISITOR))["patrol_attendance"] == 5


def test_figures__of_a_claim_with_everything_behind_it(street: SmallStreet) -> None:
    recorder, decider = street.actors["community_secretary"], street.actors["second"]
    area = street.areas.g1
    needs = collect_many(recorder, entries=[wish(area), wish(area)], request_id="needs")
    answers = [(need, 1, plan(area)) for need in needs]
    first, second = adopt_many(decider, answers=answers, request_id="projects")
    patrol, lin = Claimant(team_id=street.teams["patrol"]), street.people["lin"]
    promises = [
        Promise(first, patrol, plan(area).first_day),
        Promise(second, Claimant(person_id=lin), plan(area).first_day),
    ]
    claims = claim_many(recorder, promises=promises, request_id="claims")
    given = entry(area, beneficiary=Beneficiary.ELDER_ALONE, goods=4, money_fen=1250)
    record = ServiceRecord(given, (Participant(30, person_id=lin),), claims[0])
    made = record_many(recorder, records=[record], request_id="services")
    assert told(recorder)["projects_completed"] == 0
    confirm_many(decider, services=[(made[0], 1)])
    found = told(recorder)
    assert (found["projects_claimed"], found["projects_completed"]) == (2, 1)
    assert (found["team_claims"], found["elders_living_alone"]) == (1, 1)
    assert (found["goods"], found["money"], found["firm_projects"]) == (4, 12.5, 0)
    assert proof() == Proof(1, 1, 1, 1, 1)
