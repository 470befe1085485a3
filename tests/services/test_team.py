"""The way into a team and out of it, on both engines."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotPermitted, Refusal
from lib.domain.permissions import Actor, Role
from lib.domain.vocab import MembershipState, ServiceKind, TeamJoining
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    AuditEntry,
    Membership,
    MembershipRequest,
    MembershipStep,
    Team,
)
from lib.queries import people, team
from lib.services.claim import Claimant, claim_project
from lib.services.people import erase_person
from lib.services.team import (
    TeamEntry,
    accept_membership,
    decline_membership,
    edit_team,
    found_many,
    found_team,
    invite_member,
    join_team,
    leave_team,
    withdraw_membership,
)
from tests.factories import SmallStreet
from tests.services.pipeline import project_open, request


def takes_in(street: SmallStreet, joining: TeamJoining, name: str = "patrol") -> int:
    number = street.teams[name]
    with Writes.begin() as session:
        session.get_one(Team, number).joining = joining
    return number


def outsider(street: SmallStreet) -> Actor:
    """The secretary who volunteers too: lives in G2 and belongs to no team."""
    return street.actors["serving"]


def asked(number: int) -> MembershipRequest:
    with Reads() as session:
        return session.get_one(MembershipRequest, number)


def steps(number: int) -> list[str]:
    with Reads() as session:
        of = MembershipStep.membership_request_id == number
        rows = session.execute(
            select(MembershipStep.source, MembershipStep.target).where(of).order_by("id")
        ).all()
    assert [source for source, _ in rows] == [None, *(target for _, target in rows[:-1])]
    return [target.value for _, target in rows]


def belongs(team_id: int, person_id: int) -> bool:
    with Reads() as session:
        return (
            session.scalar(
                select(Membership.id).where(
                    Membership.team_id == team_id,
                    Membership.person_id == person_id,
                    Membership.until.is_(None),
                )
            )
            is not None
        )


def joins(street: SmallStreet, team_id: int, actor: Actor | None = None) -> int:
    who = actor or outsider(street)
    assert who.person_id is not None
    return join_team(who, team_id=team_id, person_id=who.person_id, request_id=request())


def test_join_team__open__belongs_at_once_and_leaves_again(street: SmallStreet) -> None:
    number, who = takes_in(street, TeamJoining.OPEN), outsider(street)
    one = joins(street, number)
    assert belongs(number, who.person_id or 0)
    assert team.team(who, team_id=number).iloc[0]["own"]
    leave_team(who, team_id=number, person_id=who.person_id or 0)
    assert not belongs(number, who.person_id or 0)
    assert steps(one) == ["member", "left"]
    again = joins(street, number)
    assert asked(again).state is MembershipState.MEMBER


def test_join_team__approved__the_leader_answers_and_never_the_one_who_asked(
    street: SmallStreet,
) -> None:
    number, who = takes_in(street, TeamJoining.APPROVED), outsider(street)
    one = joins(street, number)
    assert not belongs(number, who.person_id or 0)
    with pytest.raises(NotPermitted) as caught:
        accept_membership(who, membership_request_id=one, version=1)
    assert caught.value.code == "team.own_request"
    leader = street.actor(Role.TEAM_LEADER)
    assert list(team.requests(leader, team_id=number)["name"]) == ["江雨"]
    with pytest.raises(Invalid):
        decline_membership(leader, membership_request_id=one, version=1, reason=" ")
    accept_membership(leader, membership_request_id=one, version=1)
    assert belongs(number, who.person_id or 0)
    assert steps(one) == ["asked", "member"]
    with pytest.raises(Refusal) as late:
        decline_membership(leader, membership_request_id=one, version=2, reason="满员")
    assert late.value.code == "refusal.wrong_state"


def test_decline__says_why_and_the_one_who_asked_reads_it(street: SmallStreet) -> None:
    number = takes_in(street, TeamJoining.APPROVED)
    one = joins(street, number)
    decline_membership(
        street.actors["second"], membership_request_id=one, version=1, reason="暂时满员"
    )
    row = team.my_requests(outsider(street)).iloc[0]
    assert (row["state"], row["reason"]) == (MembershipState.DECLINED, "暂时满员")
    assert joins(street, number) != one


def test_invited__the_volunteer_accepts_or_declines(street: SmallStreet) -> None:
    number, who = takes_in(street, TeamJoining.INVITED), outsider(street)
    with pytest.raises(Refusal) as caught:
        joins(street, number)
    assert caught.value.code == "team.by_invitation"
    leader = street.actor(Role.TEAM_LEADER)
    found = team.invitable(leader, team_id=number, name="江雨")
    person_id = int(found.iloc[0]["person_id"])
    values = {"team_id": number, "person_id": person_id}
    one = invite_member(leader, request_id=request(), **values)
    with pytest.raises(NotPermitted):
        accept_membership(leader, membership_request_id=one, version=1)
    with pytest.raises(Refusal) as twice:
        invite_member(leader, request_id=request(), **values)
    assert twice.value.code == "team.asked_already"
    decline_membership(who, membership_request_id=one, version=1)
    other = invite_member(leader, request_id=request(), **values)
    accept_membership(who, membership_request_id=other, version=1)
    assert (steps(one), steps(other)) == (["invited", "declined"], ["invited", "member"])
    with pytest.raises(Refusal) as inside:
        invite_member(leader, request_id=request(), **values)
    assert inside.value.code == "team.member_already"


def test_withdraw__own_request_and_the_teams_invitation(street: SmallStreet) -> None:
    number, who = takes_in(street, TeamJoining.APPROVED), outsider(street)
    leader = street.actor(Role.TEAM_LEADER)
    one = joins(street, number)
    with pytest.raises(NotPermitted):
        withdraw_membership(leader, membership_request_id=one, version=1)
    withdraw_membership(who, membership_request_id=one, version=1)
    person_id = who.person_id or 0
    other = invite_member(leader, team_id=number, person_id=person_id, request_id=request())
    withdraw_membership(leader, membership_request_id=other, version=1)
    assert (steps(one), steps(other)) == (["asked", "withdrawn"], ["invited", "withdrawn"])
    assert team.requests(leader, team_id=number).empty


def test_join_team__same_request__once(street: SmallStreet) -> None:
    number, who = takes_in(street, TeamJoining.OPEN), outsider(street)
    values = {"team_id": number, "person_id": who.person_id or 0, "request_id": "twice"}
    assert join_team(who, **values) == join_team(who, **values)


def test_join_team__for_somebody_else_or_elsewhere__refused(street: SmallStreet) -> None:
    number = takes_in(street, TeamJoining.OPEN)
    volunteer = street.actor(Role.VOLUNTEER)
    with pytest.raises(NotPermitted) as caught:
        join_team(volunteer, team_id=number, person_id=street.people["qin"], request_id=request())
    assert caught.value.code == "team.join_yourself"
    far = takes_in(street, TeamJoining.OPEN, "visitors")
    with pytest.raises(NotPermitted) as elsewhere:
        joins(street, far, volunteer)
    assert elsewhere.value.code == "team.elsewhere"


def test_invitable__full_names_of_the_area_alone(street: SmallStreet) -> None:
    leader = street.actor(Role.TEAM_LEADER)
    number = street.teams["patrol"]
    found = team.invitable(leader, team_id=number, name="周一诺")
    assert list(found["person_id"]) == [street.people["namesake"]]
    for name in ("周", "秦望", ""):
        assert team.invitable(leader, team_id=number, name=name).empty
    assert team.invitable(street.actor(Role.VOLUNTEER), team_id=number, name="周一诺").empty


def test_leave_team__the_leader__leaves_a_vacancy_that_cannot_claim(street: SmallStreet) -> None:
    number, leader = street.teams["patrol"], street.actor(Role.TEAM_LEADER)
    leave_team(leader, team_id=number, person_id=street.people["zhou"])
    row = team.team(leader, team_id=number).iloc[0]
    assert (row["led"], row["leader"]) == (False, "")
    listed = team.listing(leader, area_id=street.areas.c1, first=today(), last=today())
    assert not listed.set_index("team_id").loc[number, "led"]
    with pytest.raises(Refusal) as caught:
        claim_project(
            street.actors["second"],
            project_id=project_open(street),
            claimant=Claimant(team_id=number),
            promised_on=today(),
            request_id=request(),
        )
    assert caught.value.code == "refusal.claim_unled"


def test_claim__of_a_team_without_a_leader__refused_by_the_database(street: SmallStreet) -> None:
    project = project_open(street)
    row = (
        "insert into claim (project_id, team_id, promised_on, state, claimed_by_id, claimed_at,"
        " version) values (:project, :team, '2026-01-01', 'active', 1, '2026-01-01', 1)"
    )
    values = {"project": project, "team": street.teams["visitors"]}
    with pytest.raises(DBAPIError, match="without a leader"), Writes.begin() as session:
        session.execute(text(row), values)


def test_leave_team__no_member__refused(street: SmallStreet) -> None:
    who = outsider(street)
    with pytest.raises(Refusal) as caught:
        leave_team(who, team_id=street.teams["patrol"], person_id=who.person_id or 0)
    assert caught.value.code == "team.no_member"


def test_found_and_edit__only_a_member_leads(street: SmallStreet) -> None:
    secretary, lin = street.actors["second"], street.people["lin"]
    wanted = TeamEntry("石桥辅导队", ServiceKind.TUTORING, street.areas.c1)
    number = found_team(secretary, entry=wanted, request_id=request())
    led = TeamEntry("石桥辅导队", ServiceKind.TUTORING, street.areas.c1, leader_id=lin)
    with pytest.raises(Invalid) as caught:
        edit_team(secretary, team_id=number, version=1, entry=led)
    assert caught.value.problems[0].code == "problem.leader_elsewhere"
    join_team(secretary, team_id=number, person_id=lin, request_id=request())
    one = int(team.requests(secretary, team_id=number).iloc[0]["membership_request_id"])
    accept_membership(secretary, membership_request_id=one, version=1)
    edit_team(secretary, team_id=number, version=1, entry=led)
    assert team.team(secretary, team_id=number).iloc[0]["leader"] == "林小满"
    with pytest.raises(Changed):
        edit_team(secretary, team_id=number, version=1, entry=wanted)
    with pytest.raises(NotPermitted):
        edit_team(street.actors["neighbour"], team_id=number, version=2, entry=wanted)


def test_found_many__all_at_once__one_entry(street: SmallStreet) -> None:
    lin, zhou = street.people["lin"], street.people["zhou"]
    entries = [
        (TeamEntry(f"队{n}", ServiceKind.VISIT, street.areas.c1, leader_id=lin), (lin, zhou))
        for n in range(3)
    ]
    made = found_many(street.actors["second"], teams=entries)
    assert all(belongs(number, zhou) for number in made)
    with Reads() as session:
        entered = session.scalars(
            select(AuditEntry.changes).where(AuditEntry.action == "team.found_many")
        ).all()
    assert entered == [{"teams": [None, 3], "members": [None, 6]}]
    with pytest.raises(Invalid):
        found_many(street.actors["second"], teams=[(entries[0][0], (zhou,))])
    with pytest.raises(NotPermitted):
        found_many(street.actors["neighbour"], teams=entries)


def test_erase_person__what_waits_ends(street: SmallStreet) -> None:
    number, who = takes_in(street, TeamJoining.APPROVED), outsider(street)
    one = joins(street, number)
    erase_person(street.actor(Role.ADMINISTRATOR), person_id=who.person_id or 0, typed="江雨")
    assert asked(one).state is MembershipState.WITHDRAWN
    assert steps(one) == ["asked", "withdrawn"]


def test_listing__by_hours_and_found_by_name(street: SmallStreet) -> None:
    asked_for = {"area_id": street.areas.s, "first": today(), "last": today()}
    staff = street.actor(Role.STREET_STAFF)
    everything = team.listing(staff, **asked_for)
    assert list(everything.columns) == list(team.LISTED_COLUMNS)
    assert len(everything) == len(people.teams(staff, **asked_for)) == 3
    assert list(team.listing(staff, text="石桥", **asked_for)["name_zh"]) == ["石桥巡防队"]
    assert list(team.listing(staff, text="lj", **asked_for)["name_zh"]) == ["临江辅导队"]


def test_team__over_the_whole_tree__everything_can_be_done(street: SmallStreet) -> None:
    row = team.team(street.actor(Role.ADMINISTRATOR), team_id=street.teams["patrol"]).iloc[0]
    assert (row["editable"], row["own"], row["offered"]) == (True, False, True)
    assert (row["leader_id"], row["leader"]) == (street.people["zhou"], "周一诺")


def test_covered__grids_below_the_area(street: SmallStreet) -> None:
    staff = street.actor(Role.STREET_STAFF)
    covered = team.covered(staff, area_id=street.areas.c1)
    assert covered == (street.areas.g1, street.areas.g2)
    assert team.covered(staff, area_id=street.areas.g3) == (street.areas.g3,)
