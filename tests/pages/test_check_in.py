"""Checking in on the screen, and the unit's ledger: what is offered, refused and shown to whom."""

from datetime import date, timedelta

from lib.domain.calendar import today
from lib.domain.vocab import Language, Skill
from lib.i18n.glossary import say, word
from lib.persistence.engine import Reads
from lib.persistence.models import CheckIn
from lib.queries.check_in import profile
from lib.services.unit_deadlines import set_deadline
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import Door
from tests.pages.test_access import faults, html
from tests.services.test_check_in import asked, entered

PAGE, LEDGER = "units/check_in.py", "units/ledger.py"


def rows() -> list[CheckIn]:
    with Reads() as session:
        return session.query(CheckIn).order_by(CheckIn.id).all()


def test_form__registers_somebody_new__and_twice_offers_the_move(
    town: SmallStreet, door: Door
) -> None:
    browser = door.enter(town.actors["community_secretary"])
    app = browser.open(PAGE)

    def on() -> None:
        app.button(key="check_in_one").click()  # a dialog stays open
        browser.run()

    def fill(key: str, unit: int, known: bool) -> None:
        on()
        app.text_input(key=f"{key}_person_name").input("余安")
        app.selectbox(key=f"{key}_area_id").select("第1网格")
        app.selectbox(key=f"{key}_organisation_id").select_index(unit)
        on()
        if known:
            app.selectbox(key=f"{key}_who_余安").select_index(0)
            on()
        else:
            app.checkbox(key=f"{key}_consented").check()
        app.checkbox(key=f"{key}_pledged").check()
        app.button(key=f"{key}_save").click()
        on()

    fill("check_in_0", 0, known=False)
    assert faults(app) == []
    (one,) = rows()
    assert one.area_id == town.areas.c1
    assert "余安" in str(app.dataframe[0].value)
    fill("check_in_1", 1, known=True)
    assert "石桥社区" in app.error[0].value
    app.button(key="check_in_move_here").click()
    on()
    assert [one.state.value for one in rows()] == ["moved", "registered"]
    assert rows()[1].organisation_id != rows()[0].organisation_id


def test_request__accepted_on_the_screen__and_late_units_are_shown(
    town: SmallStreet, door: Door
) -> None:
    number = asked(town)
    set_deadline(
        town.actors["administrator"],
        organisation_id=town.units["school"],
        due_on=today() - timedelta(days=1),
        expected=4,
        version=0,
    )
    browser = door.enter(town.actors["community_secretary"], Language.EN)
    front = html(browser.open("overview/street.py"))
    for kind in ("asked", "members_late"):
        assert say(f"attention.{kind}", Language.EN, n=1) in front
    app = browser.open(PAGE)
    assert say("checkin.missing", Language.EN, n=4, expected=4) in html(app)
    app.button(key=f"check_in_accept_{number}").click()
    browser.run()
    assert faults(app) == []
    assert say("checkin.no_requests", Language.EN) in html(app)
    assert len(rows()) == 1


def test_ledger__the_liaison_sees_the_own_unit_only(town: SmallStreet, door: Door) -> None:
    entered(town, person_id=town.people["teacher"], new_name="", day=date(today().year, 1, 1))
    service_given(town, town.areas.g1, persons=[("teacher", 90)], place="某楼某户")
    browser = door.enter(town.actors["unit_liaison"])
    app = browser.open(LEDGER, unit=str(town.units["clinic"]))
    assert faults(app) == []
    assert app.selectbox(key="ledger_unit").options == ["石桥小学"]
    table = app.dataframe[0].value
    assert list(table[say("field.person_name", Language.ZH)]) == ["石新", "合计"]
    assert list(table.iloc[-1])[-2:] == [1, 1.5]
    assert "某楼某户" not in str(table)


def test_my_page__the_volunteer_says_what_they_can_do(town: SmallStreet, door: Door) -> None:
    volunteer, lin = town.actors["volunteer"], town.people["lin"]
    browser = door.enter(volunteer)
    app = browser.open("desk/my_page.py")
    app.button(key="my_profile").click()
    browser.run()
    app.multiselect(key=f"profile_{lin}_0_skills").select(word(Skill.LAW, Language.ZH))
    assert f"profile_{lin}_0_duties" not in [one.key for one in app.multiselect]
    app.button(key="my_profile").click()  # a dialog stays open
    app.button(key=f"profile_{lin}_0_save").click()
    browser.run()
    assert faults(app) == []
    assert profile(volunteer, person_id=lin).skills == {Skill.LAW}
