"""From a need to a claim on the screens: collected, adopted, claimed, begun, recorded."""

from lib.domain.calendar import today
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import Claim, Need, Project
from lib.services.need import collect_need
from tests.factories import SmallStreet
from tests.pages.conftest import Door
from tests.pages.test_access import faults, html
from tests.services.pipeline import claim, claimed, project_open, request, state, wish

ZH = Language.ZH


def test_needs__collected_on_the_screen__what_is_alike_is_shown(
    town: SmallStreet, door: Door
) -> None:
    collect_need(
        town.actors["second"],
        entry=wish(town.areas.g1, words="想要一个新书包<b>"),
        request_id=request(),
    )
    browser = door.enter(town.actors["grid_secretary"])
    app = browser.open("service/needs.py")
    assert "<b>" not in html(app)
    app.text_area(key="need_0_words").set_value("想要一个书包")
    app.selectbox(key="need_0_area_id").select_index(0)
    app = browser.run()
    assert say("needs.alike", ZH, n=1) in [one.value for one in app.warning]
    app.button(key="need_0_save").click()
    app = browser.run()
    assert faults(app) == []
    with Reads() as session:
        words = [one.words for one in session.query(Need).order_by(Need.id)]
    assert words == ["想要一个新书包<b>", "想要一个书包"]


def test_needs__declined_without_a_reason__said_and_kept(town: SmallStreet, door: Door) -> None:
    number = collect_need(town.actors["second"], entry=wish(town.areas.g1), request_id=request())
    browser = door.enter(town.actors["community_secretary"])
    browser.open("service/needs.py")
    browser.app.button(key=f"need_decline_{number}").click()
    app = browser.run()
    assert len(app.error) == 1
    app.text_area(key=f"need_reason_{number}").set_value("已由物业解决")
    app.button(key=f"need_decline_{number}").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        assert session.get_one(Need, number).state.value == "declined"


def test_needs__adopted_in_the_dialog__a_project_begins_with_its_words(
    town: SmallStreet, door: Door
) -> None:
    number = collect_need(town.actors["second"], entry=wish(town.areas.g1), request_id=request())
    browser = door.enter(town.actors["community_secretary"])
    browser.open("service/needs.py")
    browser.app.button(key=f"need_adopt_{number}").click()
    app = browser.run()
    assert app.text_input(key=f"adopt_{number}_0_title").value == "想要一个书包"
    app.button(key=f"need_adopt_{number}").click()  # a dialog stays open
    app.button(key=f"adopt_{number}_0_publish").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        made = session.get_one(Project, session.get_one(Need, number).project_id)
    assert (made.state.value, made.area_id) == ("published", town.areas.g1)


def test_library__claimed_and_then_ones_own(town: SmallStreet, door: Door) -> None:
    number = project_open(town, capacity=2)
    browser = door.enter(town.actors["volunteer"])
    browser.open("service/library.py")
    browser.app.button(key=f"claim_{number}").click()
    app = browser.run()
    assert faults(app) == []
    assert say("library.own", ZH) in html(app)
    with Reads() as session:
        (held,) = session.query(Claim)
    assert (held.person_id, held.promised_on) == (town.people["lin"], today())


def test_library__full__the_waiting_list(town: SmallStreet, door: Door) -> None:
    number = project_open(town)
    claimed(town, number, "zhou")
    browser = door.enter(town.actors["volunteer"])
    app = browser.open("service/library.py")
    assert say("library.full", ZH) in html(app)
    app.button(key=f"claim_{number}").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        assert [one.state.value for one in session.query(Claim).order_by(Claim.id)] == [
            "active",
            "waiting",
        ]


def test_claims__begun_and_recorded(town: SmallStreet, door: Door) -> None:
    made = claimed(town, project_open(town))
    browser = door.enter(town.actors["volunteer"])
    browser.open("service/claims.py")
    browser.app.button(key=f"claim_start_{made}").click()
    assert faults(browser.run()) == []
    assert state(made) == "in_service"
    app = browser.open("service/record.py", claim=str(made))
    assert any("送书包" in one.value for one in app.info)
    app.button(key=f"claim_{made}_save_0").click()
    assert faults(browser.run()) == []
    assert state(made) == "served"


def test_claims__given_back_with_a_reason(town: SmallStreet, door: Door) -> None:
    made = claimed(town, project_open(town))
    browser = door.enter(town.actors["volunteer"])
    browser.open("service/claims.py")
    browser.app.text_area(key=f"claim_reason_{made}").set_value("临时出差")
    browser.app.button(key=f"claim_withdraw_{made}").click()
    assert faults(browser.run()) == []
    assert (state(made), claim(made).reason) == ("withdrawn", "临时出差")
    assert say("claims.ended", ZH, n=1) in [one.label for one in browser.app.expander]
