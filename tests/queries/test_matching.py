"""Suggestions as read: gaps, who could help and why, one's own, and the proposal for all."""

from datetime import timedelta

import pytest

from lib.domain.calendar import today
from lib.domain.matching import OPEN_CLAIMS_MAX, Offering, Wanted
from lib.domain.vocab import ClaimState, DayPart, ServiceKind, Skill
from lib.persistence.engine import Writes
from lib.persistence.models import (
    Claim,
    ProjectSkill,
    VolunteerProfile,
    VolunteerSkill,
    VolunteerTime,
)
from lib.queries import matching
from lib.services.claim import Claimant, claim_project
from lib.services.unit_offers import OfferEntry, add_offer
from tests.factories import SmallStreet
from tests.queries.test_pipeline import collected
from tests.services.pipeline import claimed, project_open, request

DAY = today()


def told(
    street: SmallStreet,
    name: str,
    *skills: Skill,
    radius_m: int | None = None,
    times: tuple[tuple[int, DayPart], ...] = (),
) -> None:
    """What a volunteer said of themselves."""
    number = street.people[name]
    with Writes.begin() as session:
        session.add(VolunteerProfile(person_id=number, radius_m=radius_m))
        session.flush()
        session.add_all(VolunteerSkill(person_id=number, skill=skill) for skill in skills)
        session.add_all(
            VolunteerTime(person_id=number, weekday=weekday, part=part) for weekday, part in times
        )


def suggested(street: SmallStreet, who: str, wanted: Wanted, number: int) -> dict[str, list[str]]:
    """Codes of the reasons by the name of who is suggested, the best first."""
    rows = matching.suggestions(
        street.actors[who], area_id=None, day=DAY, wanted=((wanted, number),)
    )
    return {row.name_zh: [one.code for one in row.reasons] for row in rows.itertuples()}


def names(street: SmallStreet, who: str, wanted: Wanted, number: int) -> list[str]:
    return list(suggested(street, who, wanted, number))


def test_gaps__where_nobody_suits_come_first(street: SmallStreet) -> None:
    for _ in range(2):
        collected(street, "水管漏了", kind=ServiceKind.REPAIR)
    collected(street, "想有人说说话", street.areas.g2)
    rows = matching.gaps(street.actors["community_secretary"], area_id=None, day=DAY)
    first = rows.iloc[0]
    assert (first["area_id"], first["kind"]) == (street.areas.g1, ServiceKind.REPAIR)
    assert (first["needs"], first["offers"]) == (2, 0)
    assert rows.iloc[1]["offers"] > 1
    told(street, "lin", Skill.REPAIR)
    again = matching.gaps(street.actors["community_secretary"], area_id=None, day=DAY)
    assert again[again["kind"] == ServiceKind.REPAIR]["offers"].tolist() == [1]


def test_gaps__free_places_are_needed_too_and_units_offer(street: SmallStreet) -> None:
    project_open(street, kind=ServiceKind.COUNSELLING, capacity=3)
    actor = street.actors["community_secretary"]
    first = matching.gaps(actor, area_id=None, day=DAY).iloc[0]
    assert (first["needs"], first["offers"]) == (3, 0)
    add_offer(
        street.actors["unit_liaison"],
        unit_id=street.units["school"],
        entry=OfferEntry(ServiceKind.COUNSELLING, "心理老师", street.areas.c1, DAY),
        request_id=request(),
    )
    assert matching.gaps(actor, area_id=None, day=DAY)["offers"].tolist() == [1]


def test_suggestions__skill_before_none_and_reasons_in_words(street: SmallStreet) -> None:
    number = collected(street, "作业没人教", street.areas.g2, kind=ServiceKind.TUTORING)
    told(street, "zhou", Skill.TEACHING)
    told(street, "serving", Skill.TEACHING)
    found = suggested(street, "community_secretary", Wanted.NEED, number)
    assert list(found) == ["江雨", "周一诺", "临江辅导队"]
    assert found["临江辅导队"] == ["team_kind", "no_claim"]
    assert found["江雨"][:2] == ["skill", "here"]
    assert found["周一诺"][:2] == ["skill", "metres"]


def test_suggestions__radius_times_and_a_standing_claim_rule_out(street: SmallStreet) -> None:
    number = project_open(
        street, street.areas.g2, capacity=5, first_day=DAY, last_day=DAY + timedelta(days=20)
    )
    committee = "street_committee"
    before = names(street, committee, Wanted.PROJECT, number)
    assert {"林小满", "秦望"} <= set(before)
    told(street, "qin", radius_m=500)
    claimed(street, number, "lin")
    after = names(street, committee, Wanted.PROJECT, number)
    assert set(before) - set(after) == {"林小满", "秦望"}
    one_day = project_open(street, street.areas.g2, first_day=DAY, last_day=DAY)
    other = (DAY.weekday() + 1) % 7
    told(street, "serving", times=((other, DayPart.MORNING),))
    assert "江雨" not in names(street, committee, Wanted.PROJECT, one_day)
    # Who promised that day already is asked for nothing more on it.
    assert "林小满" not in names(street, committee, Wanted.PROJECT, one_day)


def test_suggestions__at_the_limit_of_promises_nobody_is_asked(street: SmallStreet) -> None:
    for n in range(OPEN_CLAIMS_MAX):
        made = project_open(street, title=f"项目{n}")
        claimed(street, made, "lin", on=DAY + timedelta(days=n))
    number = collected(street, "想有人说说话")
    assert "林小满" not in names(street, "community_secretary", Wanted.NEED, number)


def test_suggestions__teams_of_the_kind_that_serve_there(street: SmallStreet) -> None:
    number = project_open(street, kind=ServiceKind.PATROL, collective=True, capacity=2)
    rows = matching.suggestions(
        street.actors["community_secretary"],
        area_id=None,
        day=DAY,
        wanted=((Wanted.PROJECT, number),),
    )
    assert set(rows["offering"]) == {Offering.TEAM}
    assert rows["claimant_id"].tolist() == [street.teams["patrol"]]
    claim_project(
        street.actors["team_leader"],
        project_id=number,
        claimant=Claimant(team_id=street.teams["patrol"]),
        promised_on=DAY,
        request_id=request(),
    )
    wanted = ((Wanted.PROJECT, number),)
    actor = street.actors["community_secretary"]
    assert matching.suggestions(actor, area_id=None, day=DAY, wanted=wanted).empty


def test_suggestions__skills_named_by_the_project_are_all_needed(street: SmallStreet) -> None:
    number = project_open(street, capacity=5)
    with Writes.begin() as session:
        for skill in (Skill.LAW, Skill.DRIVING):
            session.add(ProjectSkill(project_id=number, skill=skill))
    told(street, "lin", Skill.LAW)
    told(street, "zhou", Skill.LAW, Skill.DRIVING)
    rows = matching.suggestions(
        street.actors["street_committee"],
        area_id=None,
        day=DAY,
        wanted=((Wanted.PROJECT, number),),
    )
    people = rows[rows["offering"] == Offering.PERSON]
    assert people["claimant_id"].tolist() == [street.people["zhou"]]


@pytest.mark.parametrize("who", ["volunteer", "visitor", "auditor", "grid_worker", "neighbour"])
def test_suggestions__nobody_is_shown_to_others(street: SmallStreet, who: str) -> None:
    number = collected(street, "想有人说说话")
    asked = {"area_id": None, "day": DAY}
    actor = street.actors[who]
    assert matching.suggestions(actor, **asked, wanted=((Wanted.NEED, number),)).empty
    assert matching.gaps(actor, **asked).empty
    assert matching.openings(actor, **asked).empty
    assert matching.proposal(actor, **asked).empty


def test_for_me__what_suits_and_is_not_mine_already(street: SmallStreet) -> None:
    volunteer = street.actors["volunteer"]
    mine = project_open(street, title="已认领", capacity=2)
    claimed(street, mine, "lin", by="volunteer")
    far = project_open(street, street.areas.g2, title="远一点", first_day=DAY + timedelta(days=1))
    near = project_open(street, title="家门口", first_day=DAY + timedelta(days=1))
    project_open(street, title="要会修", kind=ServiceKind.REPAIR)
    project_open(street, title="集体", collective=True)
    project_open(street, title="还没开放", opens_on=DAY + timedelta(days=1))
    rows = matching.for_me(volunteer, day=DAY)
    assert rows["number"].tolist() == [near, far]
    assert rows["reasons"].iloc[0][0].code == "here"
    assert matching.for_me(street.actors["street_committee"], day=DAY).empty


def test_proposal__fills_places_within_everybodys_limits(street: SmallStreet) -> None:
    for _ in range(2):
        collected(street, "想有人说说话")
    project = project_open(street, capacity=4, first_day=DAY, last_day=DAY)
    rows = matching.proposal(street.actors["community_secretary"], area_id=None, day=DAY)
    assert len(rows) == 2 + 4
    own = rows[rows["wanted"] == Wanted.PROJECT]
    assert own["number"].tolist() == [project] * 4
    assert own["person_id"].is_unique
    assert rows["person_id"].value_counts().max() <= OPEN_CLAIMS_MAX
    assert all(rows["reasons"].map(len))
    with Writes.begin() as session:
        assert session.query(Claim).filter(Claim.state == ClaimState.ACTIVE).count() == 0
