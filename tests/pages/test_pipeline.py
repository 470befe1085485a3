"""From a need to a claim on the screens: collected, adopted, claimed, begun, recorded."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lib.domain.calendar import now, today
from lib.domain.deadlines import USUAL_DAYS, Deadline
from lib.domain.vocab import Language, Skill
from lib.i18n.glossary import say
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Claim, Need, Project, ProjectSkill
from lib.queries.local_settings import current
from lib.services.claim import start_claim
from lib.services.need import adopt_need, collect_need
from lib.services.project import create_project
from tests.factories import SmallStreet
from tests.pages.conftest import Door
from tests.pages.test_access import faults, html
from tests.services.pipeline import (
    claim,
    claimed,
    plan,
    project_open,
    promised_before,
    request,
    state,
    wish,
)

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


def test_needs__late_ones_alone_and_changed_until_answered(town: SmallStreet, door: Door) -> None:
    late, fresh = (
        collect_need(
            town.actors["second"], entry=wish(town.areas.g1, words=words), request_id=request()
        )
        for words in ("想要一个书包", "楼道灯坏了")
    )
    with Writes.begin() as session:
        long_ago = now() - timedelta(days=60)
        session.execute(update(Need).where(Need.id == late).values(collected_at=long_ago))
    browser = door.enter(town.actors["community_secretary"])
    app = browser.open("service/needs.py", due="overdue")
    assert "想要一个书包" in html(app)
    assert "楼道灯坏了" not in html(app)
    app.button(key=f"need_edit_{late}").click()
    app = browser.run()
    app.text_area(key=f"edit_need_{late}_0_words").set_value("想要两个书包")
    app.button(key=f"need_edit_{late}").click()  # a dialog stays open
    app.button(key=f"edit_need_{late}_0_save").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        assert session.get_one(Need, late).words == "想要两个书包"
        assert session.get_one(Need, fresh).words == "楼道灯坏了"


def test_library__a_draft_is_edited_and_filters_stand_in_the_address(
    town: SmallStreet, door: Door
) -> None:
    draft = create_project(
        town.actors["second"], entry=plan(town.areas.g1, title="草稿一"), request_id=request()
    )
    browser = door.enter(town.actors["community_secretary"])
    app = browser.open("service/library.py", state="draft", kind="visit")
    assert app.segmented_control(key="library_state").value == "draft"
    app.button(key=f"edit_{draft}").click()
    app = browser.run()
    app.text_input(key=f"edit_project_{draft}_0_title").set_value("草稿二")
    app.multiselect(key=f"edit_project_{draft}_0_skills").select(Skill.LAW)
    app.button(key=f"edit_{draft}").click()
    app.button(key=f"edit_project_{draft}_0_save").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        assert session.get_one(Project, draft).title == "草稿二"
        asked = session.scalars(select(ProjectSkill.skill).filter_by(project_id=draft)).all()
    assert asked == [Skill.LAW]
    app = browser.open("service/library.py", state="draft", skill="repair")
    assert say("library.none", ZH) in html(app)


def test_claims__for_others_and_handed_over(town: SmallStreet, door: Door) -> None:
    number = project_open(town)
    browser = door.enter(town.actors["community_secretary"])
    browser.open("service/library.py")
    browser.app.button(key=f"claim_others_{number}").click()
    app = browser.run()
    app.radio(key=f"claim_others_{number}_0_kind").set_value("volunteer")
    app.button(key=f"claim_others_{number}").click()
    app = browser.run()
    app.text_input(key=f"claim_others_{number}_0_name").set_value("林小满")
    app.button(key=f"claim_others_{number}").click()
    app = browser.run()
    app.button(key=f"claim_others_{number}").click()
    app.button(key=f"claim_others_{number}_do").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        (held,) = session.query(Claim)
    assert held.person_id == town.people["lin"]
    app = browser.open("service/claims.py", whose="here")
    assert "林小满" in html(app)
    app.button(key=f"claim_hand_over_{held.id}").click()
    app = browser.run()
    app.radio(key=f"hand_over_{held.id}_0_kind").set_value("team")
    app.button(key=f"claim_hand_over_{held.id}").click()
    app = browser.run()
    app.button(key=f"claim_hand_over_{held.id}").click()
    app.button(key=f"hand_over_{held.id}_do").click()
    assert faults(browser.run()) == []
    assert state(held.id) == "handed_over"
    with Reads() as session:
        last = session.query(Claim).order_by(Claim.id.desc()).first()
    assert last is not None
    assert (last.team_id, last.from_claim_id) == (town.teams["patrol"], held.id)


def test_claims__reminders_by_the_clock(town: SmallStreet, door: Door) -> None:
    begun, gone = claimed(town, project_open(town)), claimed(town, project_open(town))
    claimed(town, project_open(town, title="近日"), on=today() + timedelta(days=1))
    start_claim(town.actors["volunteer"], claim_id=begun, version=1)
    promised_before(begun, 2)
    promised_before(gone, 1)
    shown = html(door.enter(town.actors["volunteer"]).open("service/claims.py"))
    assert say("claims.remind_late", ZH, title="送书包", n=2) in shown
    assert say("claims.remind_soon", ZH, title="近日", n=1) in shown
    assert say("claims.remind_lapsed", ZH, title="送书包") in shown


@pytest.mark.parametrize("view", ["funnel", "months", "parts", "areas", "claimants", "given"])
def test_pipeline__every_view_with_few_records_as_a_visitor(
    town: SmallStreet, door: Door, view: str
) -> None:
    number = collect_need(town.actors["second"], entry=wish(town.areas.g1), request_id=request())
    adopt_need(
        town.actors["second"],
        need_id=number,
        version=1,
        entry=plan(town.areas.g1),
        request_id=request(),
        publish=True,
    )
    with Reads() as session:
        project_id = session.get_one(Need, number).project_id
    assert project_id is not None
    claimed(town, project_id)
    for who in ("visitor", "street_committee"):
        app = door.enter(town.actors[who]).open("service/pipeline.py", view=view)
        assert faults(app) == []


def test_settings__deadlines__hold_at_once(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["administrator"])
    app = browser.open("desk/settings.py")
    app.number_input(key="setting_deadlines_0_answer").set_value(9)
    app.text_input(key="setting_deadlines_0_setting_reason").set_value("人手不足")
    app.button(key="setting_deadlines_0_save").click()
    assert faults(browser.run()) == []
    assert current(None).deadlines[Deadline.ANSWER] == 9
    assert current(None).deadlines[Deadline.DRAFT] == USUAL_DAYS[Deadline.DRAFT]
