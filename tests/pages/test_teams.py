"""Teams on the screen: asked, taken in, left; an event planned, held and recorded."""

from lib.domain.vocab import Language, MembershipState
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import MembershipRequest, Participation, Service, Team, TeamEvent
from tests.factories import SmallStreet
from tests.pages.conftest import Door
from tests.pages.test_access import faults, html

ZH = Language.ZH


def test_teams__asked_taken_in_and_left(town: SmallStreet, door: Door) -> None:
    number = town.teams["patrol"]
    browser = door.enter(town.actors["serving"])
    browser.open("units/teams.py", team=str(number))
    browser.app.button(key="team_join").click()
    assert faults(browser.run()) == []
    leader = door.enter(town.actors["team_leader"])
    app = leader.open("units/teams.py", team=str(number))
    assert "江雨" in html(app)
    app.button(key="request_take_1").click()
    assert faults(leader.run()) == []
    with Reads() as session:
        assert session.get_one(MembershipRequest, 1).state is MembershipState.MEMBER
    app = browser.open("units/teams.py", team=str(number))
    app.button(key="team_leave").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        assert session.get_one(MembershipRequest, 1).state is MembershipState.LEFT


def test_teams__an_event_held_becomes_a_record(town: SmallStreet, door: Door) -> None:
    number = town.teams["patrol"]
    browser = door.enter(town.actors["team_leader"])
    browser.open("units/teams.py", team=str(number))
    browser.app.button(key="team_event_plan").click()
    app = browser.run()
    # The dialog is drawn in the run of the button that opens it.
    app.button(key="team_event_plan").click()
    app.button(key=f"team_event_{number}_save").click()
    assert faults(browser.run()) == []
    app = browser.open("units/teams.py", team=str(number))
    app.button(key="event_hold_1").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        event = session.get_one(TeamEvent, 1)
        assert (event.planned_heads, event.actual) == (10, 10)
        assert session.get_one(Team, number).leader_id == town.people["zhou"]
    app = browser.open("service/record.py", event="1", team=str(number))
    assert say("team.recording", ZH, day="", n=10)[-8:] in app.info[0].value
    app.selectbox(key="event_1_0_area_id").select_index(0)
    app.multiselect(key=f"event_1_members_{number}_0").select(town.people["lin"])
    app = browser.run()
    app.button(key="event_1_save_0").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        service = session.query(Service).one()
        assert session.get_one(TeamEvent, 1).service_id == service.id
        assert [one.person_id for one in session.query(Participation)] == [town.people["lin"]]


def test_teams__without_a_leader__told_and_by_invitation_no_button(
    town: SmallStreet, door: Door
) -> None:
    browser = door.enter(town.actors["visitor"])
    shown = html(browser.open("units/teams.py", team=str(town.teams["tutors"])))
    assert say("team.vacant_cannot", ZH) in shown
    assert not [one for one in browser.app.button if one.key in ("team_join", "team_edit")]
