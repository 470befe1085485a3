"""Matching and suspicious records on the screens: chosen, claimed on behalf, looked at."""

from datetime import time

from lib.domain.vocab import Language, ServiceKind
from lib.i18n.glossary import say
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Claim, RecordReview, Service, UnitOffer
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import Door
from tests.pages.test_access import faults, html
from tests.queries.test_pipeline import collected
from tests.services.pipeline import project_open

ZH = Language.ZH


def test_matching__from_gap_to_a_claim_on_behalf(town: SmallStreet, door: Door) -> None:
    collected(town, "水管漏了<b>", kind=ServiceKind.REPAIR)
    number = project_open(town)
    browser = door.enter(town.actors["community_secretary"])
    app = browser.open("service/matching.py")
    (table,) = [one.value for one in app.dataframe]
    assert table[say("match.said", ZH)].tolist() == ["需要 1，供给 0"]
    app.segmented_control(key="match_view").set_value("helpers")
    app = browser.run()
    assert "<b>水" not in html(app)
    assert say("match.here", ZH) in html(app)
    who = app.selectbox(key=f"match_who_project_{number}")
    who.select_index(0)
    app.button(key=f"match_do_project_{number}").click()
    assert faults(browser.run()) == []
    with Reads() as session:
        (held,) = session.query(Claim)
    assert (held.project_id, held.person_id) == (number, town.people["lin"])


def test_matching__the_proposal_claims_nothing(town: SmallStreet, door: Door) -> None:
    project_open(town, capacity=2)
    browser = door.enter(town.actors["community_secretary"], Language.EN)
    browser.open("service/matching.py")
    browser.app.segmented_control(key="match_view").set_value("proposal")
    app = browser.run()
    assert faults(app) == []
    (table,) = [one.value for one in app.dataframe]
    assert len(table) == 2
    assert table["Reasons"].str.contains("has no open claim").all()
    with Reads() as session:
        assert session.query(Claim).count() == 0


def test_claims__what_suits_is_shown_to_the_volunteer(town: SmallStreet, door: Door) -> None:
    project_open(town, title="家门口的事")
    browser = door.enter(town.actors["volunteer"])
    page = html(browser.open("service/claims.py"))
    assert say("match.for_you", ZH) in page
    assert "家门口的事" in page


def test_suspicious__explained_and_marked_with_a_word(town: SmallStreet, door: Door) -> None:
    for area in (town.areas.g1, town.areas.g2):
        number = service_given(town, area, persons=[("lin", 120)])
        with Writes.begin() as session:
            session.get_one(Service, number).starts_at = time(9)
    browser = door.enter(town.actors["community_secretary"])
    app = browser.open("desk/suspicious.py")
    assert "林小满同时出现在两条记录里，共 1 人：一条 09:00–11:00，一条 09:00–11:00" in html(app)
    (keep,) = [one for one in app.button if one.key.startswith("suspicion_keep_")]
    keep.click()
    app = browser.run()
    assert len(app.error) == 1
    (words,) = app.text_area
    words.set_value("同一活动，两边都记了")
    (keep,) = [one for one in app.button if one.key.startswith("suspicion_keep_")]
    keep.click()
    assert faults(browser.run()) == []
    with Reads() as session:
        (review,) = session.query(RecordReview)
    assert review.words == "同一活动，两边都记了"


def test_unit_card__a_line_of_the_menu_is_added(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["unit_liaison"])
    browser.open("units/units.py", unit=str(town.units["school"]))
    browser.app.text_input(key="unit_offer_0_menu_words").set_value("周末开放操场")
    browser.app.button(key="unit_offer_0_save").click()
    app = browser.run()
    assert faults(app) == []
    assert "周末开放操场" in html(app)
    with Reads() as session:
        assert session.query(UnitOffer).count() == 1


def test_record__hours_that_overlap_are_told_before_saving(town: SmallStreet, door: Door) -> None:
    number = service_given(town, town.areas.g1, persons=[("lin", 15 * 60)], place="3号楼")
    browser = door.enter(town.actors["volunteer"])
    browser.open("service/record.py")
    browser.app.selectbox(key="record_0_area_id").select_index(0)
    app = browser.run()
    assert [one.value for one in app.warning] == []
    app.number_input(key="record_minutes_0").set_value(90)
    app = browser.run()
    assert len(app.warning) == 1
    assert "3号楼" in app.warning[0].value
    assert number
