"""Claims: who may claim what and why not, places that run out, the lease, hand-over."""

from datetime import time, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from lib.domain.calendar import now, today
from lib.domain.errors import Invalid, NotPermitted, Refusal
from lib.domain.vocab import Language, Skill
from lib.i18n.glossary import sentence
from lib.persistence.engine import Writes
from lib.persistence.models import Claim, Project, VolunteerSkill
from lib.services.claim import (
    Claimant,
    claim_project,
    hand_over_claim,
    release_claims,
    start_claim,
    withdraw_claim,
)
from lib.services.project import close_project, create_project, withdraw_project
from tests.factories import SmallStreet
from tests.services.pipeline import (
    claim,
    claimed,
    person,
    plan,
    project,
    project_open,
    promised_before,
    request,
    state,
    steps,
    taken,
    volunteers,
)
from tests.services.written import counters, everything, together


def test_claim__a_free_place__active_with_its_step(street: SmallStreet) -> None:
    number = project_open(street)
    before = counters()["project", street.areas.s]
    made = claimed(street, number, by="volunteer")
    assert state(made) == "active"
    assert steps(made) == ["active"]
    assert claim(made).claimed_by_id == street.actors["volunteer"].account_id
    assert counters()["project", street.areas.s] == before + 1


def test_claim__the_same_request_twice__one_claim(street: SmallStreet) -> None:
    number = project_open(street, capacity=2)
    values = {
        "project_id": number,
        "claimant": person(street, "lin"),
        "promised_on": today(),
        "request_id": "again",
    }
    volunteer = street.actors["volunteer"]
    assert claim_project(volunteer, **values) == claim_project(volunteer, **values)
    assert taken(number) == 1


def why_not(street: SmallStreet, number: int, **values: object) -> str:
    """The code of the refusal; nothing may have been written."""
    before = everything()
    with pytest.raises(Refusal) as caught:
        claimed(street, number, **values)
    assert everything() == before
    return caught.value.code


def test_claim__refusals_say_why(street: SmallStreet) -> None:
    secretary = street.actors["community_secretary"]
    number = project_open(street)
    draft = create_project(secretary, entry=plan(street.areas.g1), request_id=request())
    assert why_not(street, draft) == "refusal.claim_over"
    later = project_open(street, opens_on=today() + timedelta(days=1))
    assert why_not(street, later) == "refusal.claim_not_open"
    assert why_not(street, project_open(street, collective=True)) == "refusal.claim_collective"
    claimed(street, number)
    assert why_not(street, number) == "refusal.claim_yours"
    assert why_not(street, number, who="zhou") == "refusal.claim_full"
    closed = project_open(street)
    close_project(secretary, project_id=closed, version=project(closed).version)
    assert why_not(street, closed) == "refusal.claim_over"
    assert why_not(street, project_open(street), who="zhou", by="volunteer") == (
        "refusal.claim_yourself"
    )
    assert why_not(street, project_open(street), who="qin") == "refusal.not_permitted"


def test_claim__a_day_outside_the_project__a_problem_of_the_field(street: SmallStreet) -> None:
    number = project_open(street)
    for day in (today() - timedelta(days=1), today() + timedelta(days=11)):
        with pytest.raises(Invalid) as caught:
            claimed(street, number, on=day)
        assert [p.code for p in caught.value.problems] == ["problem.promise_outside"]


def test_claim__not_in_your_area(street: SmallStreet) -> None:
    elsewhere = create_project(
        street.actors["neighbour"],
        entry=plan(street.areas.g3),
        request_id=request(),
        publish=True,
    )
    with pytest.raises(NotPermitted) as caught:
        claimed(street, elsewhere, by="volunteer")
    assert caught.value.code == "refusal.claim_area"
    whole = create_project(
        street.actors["street_committee"],
        entry=plan(street.areas.s),
        request_id=request(),
        publish=True,
    )
    assert state(claimed(street, whole, by="volunteer")) == "active"


def able(street: SmallStreet, who: str, skill: Skill) -> None:
    with Writes.begin() as session:
        session.add(VolunteerSkill(person_id=street.people[who], skill=skill))


def test_claim__a_skill_is_missing__named(street: SmallStreet) -> None:
    number = project_open(street, capacity=3, skills=frozenset({Skill.LAW, Skill.REPAIR}))
    secretary = street.actors["community_secretary"]
    able(street, "lin", Skill.LAW)
    with pytest.raises(Refusal) as caught:
        claimed(street, number)
    assert sentence(caught.value, Language.EN).startswith(
        "This project needs: Repairing appliances."
    )

    def by(claimant: Claimant) -> int:
        return claim_project(
            secretary,
            project_id=number,
            claimant=claimant,
            promised_on=today(),
            request_id=request(),
        )

    patrol = Claimant(team_id=street.teams["patrol"])  # lin and zhou
    with pytest.raises(Refusal) as of_team:
        by(patrol)
    assert of_team.value.values["skills"] == (Skill.REPAIR,)
    held = by(Claimant(organisation_id=street.units["school"]))
    able(street, "zhou", Skill.REPAIR)
    assert state(by(patrol)) == "active"
    with pytest.raises(Refusal) as over:
        hand_over_claim(
            secretary,
            claim_id=held,
            version=1,
            to=person(street, "zhou"),
            request_id=request(),
        )
    assert over.value.values["skills"] == (Skill.LAW,)
    able(street, "lin", Skill.REPAIR)
    assert state(claimed(street, number)) == "active"


def test_claim__collides_with_your_other_claim(street: SmallStreet) -> None:
    morning, day = {"starts_at": time(9), "ends_at": time(11)}, today() + timedelta(days=3)
    first = project_open(street, title="晨扫", **morning)
    claimed(street, first, on=day)
    second = project_open(street, starts_at=time(10), ends_at=time(12))
    with pytest.raises(Refusal) as caught:
        claimed(street, second, on=day)
    assert (caught.value.code, caught.value.values["title"]) == ("refusal.claim_collides", "晨扫")
    assert state(claimed(street, second, on=day + timedelta(days=1))) == "active"
    assert state(claimed(street, second, "zhou", on=day, wait=True)) == "waiting"


@pytest.mark.parametrize(
    ("role", "kind"),
    [("unit_liaison", "unit"), ("team_leader", "team"), ("grid_secretary", "team")],
)
def test_claim__by_a_team_or_a_unit(street: SmallStreet, role: str, kind: str) -> None:
    number = project_open(street, street.areas.c1, collective=True)
    claimant = (
        Claimant(organisation_id=street.units["school"])
        if kind == "unit"
        else Claimant(team_id=street.teams["patrol"])
    )
    actor = street.actors[role]
    if role == "grid_secretary":  # the team is the community's, not the grid's
        with pytest.raises(NotPermitted):
            claim_project(
                actor,
                project_id=number,
                claimant=claimant,
                promised_on=today(),
                request_id=request(),
            )
        return
    made = claim_project(
        actor, project_id=number, claimant=claimant, promised_on=today(), request_id=request()
    )
    assert state(made) == "active"


def test_claim__nobody_or_two_at_once__refused(street: SmallStreet) -> None:
    number = project_open(street)
    lin = street.people["lin"]
    for claimant in (Claimant(), Claimant(person_id=lin, team_id=street.teams["patrol"])):
        with pytest.raises(Invalid):
            claim_project(
                street.actors["community_secretary"],
                project_id=number,
                claimant=claimant,
                promised_on=today(),
                request_id=request(),
            )


def test_claim__sixteen_at_one_moment_for_the_last_place__one_wins(street: SmallStreet) -> None:
    number = project_open(street, capacity=3)
    claimed(street, number, "lin")
    claimed(street, number, "zhou")
    crowd = volunteers(street, 16)

    def try_it(n: int) -> object:
        return claim_project(
            crowd[n],
            project_id=number,
            claimant=Claimant(person_id=crowd[n].person_id),
            promised_on=today(),
            request_id=f"crowd-{n}",
        )

    answers = together(16, try_it)
    assert sorted(map(str, answers))[1:] == ["refusal.claim_full"] * 15
    assert taken(number) == 3


def test_claim__the_same_person_at_one_moment__stands_once(street: SmallStreet) -> None:
    number = project_open(street, capacity=9)
    answers = together(8, lambda _: claimed(street, number, by="volunteer"))
    assert sum(answer == "refusal.claim_yours" for answer in answers) == 7
    assert taken(number) == 1


def row(street: SmallStreet, number: int, who: str, **values: object) -> dict[str, object]:
    return {
        "project_id": number,
        "person_id": street.people[who],
        "promised_on": today(),
        "state": "active",
        "claimed_by_id": street.actors["volunteer"].account_id,
        "claimed_at": now(),
        "version": 1,
    } | values


def test_database__holds_capacity_and_one_claim_each(street: SmallStreet) -> None:
    number = project_open(street)
    claimed(street, number)
    waits = claimed(street, number, "zhou", wait=True)
    for statement in (
        insert(Claim).values(row(street, number, "qin")),
        insert(Claim).values(row(street, number, "zhou", state="waiting")),
        update(Claim).where(Claim.id == waits).values(state="active"),
        insert(Claim).values(
            row(street, number, "qin", state="lapsed", team_id=street.teams["patrol"])
        ),
        insert(Claim).values(row(street, number, "qin", state="withdrawn")),
    ):
        with pytest.raises(DBAPIError), Writes.begin() as session:
            session.execute(statement)
    with pytest.raises(DBAPIError), Writes.begin() as session:
        session.execute(update(Project).where(Project.id == number).values(capacity=0))
    assert taken(number) == 1


def test_withdraw__with_a_reason__whoever_waits_longest_moves_up(street: SmallStreet) -> None:
    number = project_open(street)
    first = claimed(street, number, by="volunteer")
    waits = [claimed(street, number, who, wait=True) for who in ("zhou", "namesake")]
    volunteer = street.actors["volunteer"]
    with pytest.raises(Invalid):
        withdraw_claim(volunteer, claim_id=first, version=1, reason=" ")
    withdraw_claim(volunteer, claim_id=first, version=1, reason="临时出差")
    assert [state(n) for n in (first, *waits)] == ["withdrawn", "active", "waiting"]
    assert steps(waits[0]) == ["waiting", "active"]
    with pytest.raises(Refusal) as caught:
        start_claim(volunteer, claim_id=first, version=claim(first).version)
    assert caught.value.code == "refusal.wrong_state"
    assert state(claimed(street, number, by="volunteer", wait=True)) == "waiting"


def test_lease__the_day_passed__free_again_at_the_next_write(street: SmallStreet) -> None:
    number = project_open(street)
    first = claimed(street, number)
    waits = claimed(street, number, "zhou", wait=True)
    promised_before(first, 1)
    with pytest.raises(Refusal) as caught:
        start_claim(street.actors["volunteer"], claim_id=first, version=claim(first).version)
    assert caught.value.code == "refusal.wrong_state"
    claimed(street, number, "namesake", wait=True)
    assert (state(first), state(waits)) == ("lapsed", "active")
    assert steps(first) == ["active", "lapsed"]


def test_release__by_the_command_line__only_what_nobody_began(street: SmallStreet) -> None:
    begun, forgotten, kept = (project_open(street) for _ in range(3))
    one, two, three = (claimed(street, n) for n in (begun, forgotten, kept))
    start_claim(street.actors["volunteer"], claim_id=one, version=1)
    promised_before(one, 1)
    promised_before(two, 1)
    assert release_claims() == 1
    assert [state(n) for n in (one, two, three)] == ["in_service", "lapsed", "active"]
    assert release_claims() == 0


def test_hand_over__the_promise_goes_on(street: SmallStreet) -> None:
    number = project_open(street)
    first = claimed(street, number, on=today() + timedelta(days=2))
    secretary = street.actors["community_secretary"]
    zhou = person(street, "zhou")
    with pytest.raises(NotPermitted):
        hand_over_claim(
            street.actors["volunteer"], claim_id=first, version=1, to=zhou, request_id=request()
        )
    second = hand_over_claim(secretary, claim_id=first, version=1, to=zhou, request_id="over")
    assert (state(first), state(second), taken(number)) == ("handed_over", "active", 1)
    assert claim(second).from_claim_id == first
    assert claim(second).promised_on == claim(first).promised_on
    again = hand_over_claim(secretary, claim_id=first, version=1, to=zhou, request_id="over")
    assert again == second


def test_claim__somebody_elses__not_mine_to_move(street: SmallStreet) -> None:
    made = claimed(street, project_open(street), "zhou")
    before = everything()
    for actor in (street.actors["volunteer"], street.actors["neighbour"]):
        with pytest.raises(NotPermitted):
            withdraw_claim(actor, claim_id=made, version=1, reason="不去了")
    with pytest.raises(Refusal) as caught:
        start_claim(street.actors["community_secretary"], claim_id=made, version=7)
    assert caught.value.code == "refusal.changed_meanwhile"
    assert everything() == before


def test_project_withdrawn__claims_that_were_not_served_end_with_it(street: SmallStreet) -> None:
    number = project_open(street)
    held, waits = claimed(street, number), claimed(street, number, "zhou", wait=True)
    withdraw_project(
        street.actors["second"],
        project_id=number,
        version=project(number).version,
        reason="暴雨取消",
    )
    assert [state(held), state(waits)] == ["withdrawn", "withdrawn"]
    assert claim(held).reason == "暴雨取消"
