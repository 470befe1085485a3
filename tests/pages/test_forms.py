"""Forms keep what was typed when they are refused, and start afresh when they succeed."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.domain.vocab import Beneficiary, Language, ServiceKind, ServiceState
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import Organisation, Participation, Person, Service
from lib.services.service import (
    Participant,
    ServiceEntry,
    confirm_service,
    record_service,
    return_service,
)
from lib.services.units import edit_unit
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import Browser, Door
from tests.pages.test_access import html
from tests.services.test_units import as_it_is
from tests.services.written import count

KINDS = ("text_input", "text_area", "number_input", "date_input", "selectbox", "checkbox", "button")


def widget(app: AppTest, form: str, name: str) -> object:
    """The one widget of a form that holds this field."""
    found = [
        one
        for kind in KINDS
        for one in app.get(kind)
        if str(one.key).startswith(f"{form}_") and name in str(one.key).removeprefix(form)
    ]
    assert len(found) == 1, [one.key for one in found]
    return found[0]


def typed(browser: Browser, form: str, **values: object) -> AppTest:
    """Fill fields of a form, one run after each as a browser does."""
    for name, value in values.items():
        widget(browser.app, form, name).set_value(value)
        browser.run()
    return browser.app


def press(browser: Browser, form: str, name: str = "save") -> AppTest:
    widget(browser.app, form, name).click()
    return browser.run()


def kept(app: AppTest, form: str, *names: str) -> dict[str, object]:
    return {name: widget(app, form, name).value for name in names}


@pytest.fixture
def secretary(town: SmallStreet, door: Door) -> Browser:
    """C1's secretary before the form, in grid G1."""
    browser = door.enter(town.actors["community_secretary"])
    browser.open("service/record.py", area="310109001001001")
    return browser


def test_record__refused_then_mended__nothing_typed_is_lost_and_one_row_exists(
    town: SmallStreet, secretary: Browser
) -> None:
    values = {
        "day": today() + timedelta(days=1),
        "place": "<b>3号楼院</b> 𠮷",
        "people_served": 12,
        "note": "一句话",
        "minutes": 90,
        "paste": "林小满\n周一诺 45",
    }
    typed(secretary, "record", **values)
    app = press(secretary, "record")
    (error,) = app.error
    assert "服务日期不能晚于今天" in error.value
    assert kept(app, "record", *values) == values
    assert count(Service) == 0
    typed(secretary, "record", day=today())
    app = press(secretary, "record")
    assert [one.value for one in app.error] == []
    assert [one.value for one in app.toast] == [say("record.done", Language.ZH)]
    with Reads() as session:
        service = session.scalars(select(Service)).one()
        parts = session.execute(
            select(Person.name, Participation.minutes).join(
                Participation, Participation.person_id == Person.id
            )
        ).all()
    assert (service.place, service.people_served, service.note, service.day) == (
        "<b>3号楼院</b> 𠮷",
        12,
        "一句话",
        today(),
    )
    assert sorted(map(tuple, parts)) == [("周一诺", 45), ("林小满", 90)]
    assert kept(app, "record", "place", "note", "paste") == {"place": "", "note": "", "paste": ""}


def test_record__saved_twice_by_hand__two_rows(secretary: Browser) -> None:
    for n in (1, 2):
        typed(secretary, "record", paste="林小满")
        press(secretary, "record")
        assert count(Service) == n


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"paste": ""}, "至少要有一名参与者"),
        ({"paste": "林小满\n林小满"}, "写了两次"),
        ({"paste": "林小满 0"}, "1 到 960"),
        ({"paste": "林小满", "minutes": -5}, "1 到 960"),
        ({"paste": "林小满", "minutes": 10**9}, "1 到 960"),
        ({"paste": "林小满", "people_served": -1}, "0 到 100,000"),
        ({"paste": "林小满", "note": "长" * 10_000}, "最多 2000 个字"),
        ({"paste": "无此人"}, "名册里没有"),
        ({"paste": "长" * 10_000}, "不像姓名"),
    ],
)
def test_record__bad_input__said_in_words_nothing_written(
    secretary: Browser, values: dict[str, object], said: str
) -> None:
    typed(secretary, "record", **values)
    app = press(secretary, "record")
    assert said in "\n".join(one.value for one in app.error).replace("\\", "")
    assert not app.exception
    assert kept(app, "record", *values) == values
    assert count(Service) == 0


def test_record__unknown_names__registered_once_they_have_agreed(secretary: Browser) -> None:
    typed(secretary, "record", paste="林小满\n新来的", register=True)
    press(secretary, "record")
    assert (count(Service), count(Participation), count(Person, name="新来的")) == (1, 2, 1)


def test_record__namesakes_at_one_distance__asked_which(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["street_committee"])
    browser.open("service/record.py", area="310109001002001")
    typed(browser, "record", paste="周一诺\n林小满")
    assert "请选择是哪一位" in "\n".join(one.value for one in press(browser, "record").error)
    typed(browser, "record", which=town.people["namesake"])
    press(browser, "record")
    with Reads() as session:
        persons = set(session.scalars(select(Participation.person_id)))
    assert persons == {town.people["namesake"], town.people["lin"]}


def test_record__volunteer__own_minutes_only(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["volunteer"])
    browser.open("service/record.py", area="310109001001001")
    typed(browser, "record", minutes=120)
    press(browser, "record")
    with Reads() as session:
        part = session.scalars(select(Participation)).one()
    assert (part.person_id, part.minutes) == (town.people["lin"], 120)


def recorded(town: SmallStreet, actor: Actor, *participants: Participant) -> int:
    entry = ServiceEntry(
        ServiceKind.VISIT, town.areas.g1, today(), 7, Beneficiary.ELDER_ALONE, place="院内"
    )
    return record_service(actor, entry=entry, participants=participants, request_id="once")


def correct(town: SmallStreet, browser: Browser, number: int) -> list[tuple[object, ...]]:
    """Return a record, save it again as it stands, and tell who took part afterwards."""
    return_service(town.actors["street_committee"], service_id=number, version=1, reason="请核对")
    app = browser.open("service/record.py", correct=str(number), area="310109001001001")
    assert "请核对" in "\n".join(one.value for one in app.warning)
    press(browser, "correct")
    with Reads() as session:
        assert session.get_one(Service, number).state is ServiceState.RECORDED
        return [
            tuple(row)
            for row in session.execute(
                select(
                    Participation.person_id,
                    Participation.team_id,
                    Participation.organisation_id,
                    Participation.minutes,
                ).order_by(Participation.id)
            )
        ]


def test_correct__saved_as_it_stands__the_same_people_and_minutes(
    town: SmallStreet, door: Door
) -> None:
    lin, zhou = town.people["lin"], town.people["zhou"]
    secretary = town.actors["community_secretary"]
    number = recorded(town, secretary, Participant(45, lin), Participant(90, zhou))
    assert correct(town, door.enter(secretary), number) == [
        (lin, None, None, 45),
        (zhou, None, None, 90),
    ]
    with Reads() as session:
        service = session.get_one(Service, number)
    assert (service.place, service.people_served, service.area_id) == ("院内", 7, town.areas.g1)


def test_correct__a_volunteers_own__the_minutes_stay(town: SmallStreet, door: Door) -> None:
    volunteer, lin = town.actors["volunteer"], town.people["lin"]
    number = recorded(town, volunteer, Participant(135, lin))
    assert correct(town, door.enter(volunteer), number) == [(lin, None, None, 135)]


def test_correct__a_unit_that_took_part__is_not_lost(town: SmallStreet, door: Door) -> None:
    liaison, school = town.actors["unit_liaison"], town.units["school"]
    teacher = town.people["teacher"]
    number = recorded(
        town, liaison, Participant(60, teacher), Participant(120, organisation_id=school)
    )
    assert set(correct(town, door.enter(liaison), number)) == {
        (teacher, None, None, 60),
        (None, None, school, 120),
    }


def test_correct__a_team_that_took_part__is_not_lost(town: SmallStreet, door: Door) -> None:
    secretary, lin = town.actors["community_secretary"], town.people["lin"]
    patrol = town.teams["patrol"]
    number = recorded(town, secretary, Participant(60, lin), Participant(30, team_id=patrol))
    assert set(correct(town, door.enter(secretary), number)) == {
        (lin, None, None, 60),
        (None, patrol, None, 30),
    }


def test_to_confirm__confirmed_once_and_never_ones_own(town: SmallStreet, door: Door) -> None:
    own = service_given(town, town.areas.g1, state=ServiceState.RECORDED, recorder="second")
    other = service_given(town, town.areas.g2, state=ServiceState.RECORDED)
    browser = door.enter(town.actors["second"])
    app = browser.open("service/to_confirm.py")
    offered = {one.key for one in app.button}
    assert f"confirm_{other}" in offered
    assert f"confirm_{own}" not in offered
    app.button(key=f"confirm_{other}").click()
    app = browser.run()
    assert [one.value for one in app.toast] == [say("confirm.confirmed", Language.ZH)]
    with Reads() as session:
        states = {one.id: one.state for one in session.scalars(select(Service))}
    assert states == {own: ServiceState.RECORDED, other: ServiceState.CONFIRMED}


def test_to_confirm__returned_without_a_reason__said_then_done(
    town: SmallStreet, door: Door
) -> None:
    number = service_given(town, town.areas.g1, state=ServiceState.RECORDED)
    browser = door.enter(town.actors["second"])
    browser.open("service/to_confirm.py")
    browser.app.button(key=f"return_{number}").click()
    assert "请填写" in browser.run().error[0].value
    browser.app.text_area(key=f"return_reason_{number}").set_value("人数不符")
    browser.app.button(key=f"return_{number}").click()
    assert not browser.run().error
    with Reads() as session:
        assert session.get_one(Service, number).reason == "人数不符"


def test_to_confirm__somebody_was_faster__said_and_shown_as_it_is(
    town: SmallStreet, door: Door
) -> None:
    number = service_given(town, town.areas.g1, state=ServiceState.RECORDED)
    browser = door.enter(town.actors["second"])
    browser.open("service/to_confirm.py")
    confirm_service(town.actors["administrator"], service_id=number, version=1)
    app = browser.run()
    assert f"confirm_{number}" not in {one.key for one in app.button}


class EditBox:
    """The dialog that edits a unit; every run presses what opened it, as a dialog stays open."""

    def __init__(self, browser: Browser, unit: int) -> None:
        self.browser, self.form = browser, f"unit_{unit}"
        browser.open("units/units.py", unit=str(unit))
        self.run()

    def run(self) -> AppTest:
        self.browser.app.button(key="unit_edit").click()
        return self.browser.run()

    def type(self, **values: object) -> None:
        for name, value in values.items():
            widget(self.browser.app, self.form, name).set_value(value)
            self.run()

    def press(self, name: str) -> AppTest:
        widget(self.browser.app, self.form, name).click()
        return self.run()

    def kept(self, *names: str) -> dict[str, object]:
        return kept(self.browser.app, self.form, *names)


@pytest.fixture
def conflict(town: SmallStreet, door: Door) -> EditBox:
    """Somebody typed into a unit's form; somebody else has saved the unit meanwhile."""
    number = town.units["school"]
    box = EditBox(door.enter(town.actors["second"]), number)
    box.type(offers="我填的")
    edit_unit(
        town.actors["street_committee"],
        unit_id=number,
        version=1,
        entry=as_it_is(number, address="别人填的"),
    )
    app = box.press("save")
    assert "别人刚刚修改了同一内容" in app.error[0].value
    assert "别人填的" in app.warning[0].value
    assert box.kept("offers", "address") == {"offers": "我填的", "address": ""}
    return box


def test_unit__two_at_one_form__mine_kept_on_top_of_theirs(
    town: SmallStreet, conflict: EditBox
) -> None:
    conflict.press("mine")
    conflict.run()
    assert conflict.kept("offers") == {"offers": "我填的"}
    conflict.type(address="别人填的")
    app = conflict.press("save")
    assert [one.value for one in app.toast] == [say("unit.saved", Language.ZH)]
    with Reads() as session:
        row = session.get_one(Organisation, town.units["school"])
    assert (row.offers, row.address, row.version) == ("我填的", "别人填的", 3)


def test_unit__two_at_one_form__theirs_taken(town: SmallStreet, conflict: EditBox) -> None:
    conflict.press("theirs")
    conflict.run()
    assert conflict.kept("address", "offers") == {"address": "别人填的", "offers": "会议室、操场"}
    assert count(Organisation) == 3


def test_unit__refused__what_was_typed_stays(town: SmallStreet, door: Door) -> None:
    box = EditBox(door.enter(town.actors["second"]), town.units["school"])
    box.type(name_zh="", offers="新资源", lon=1.0)
    app = box.press("save")
    assert "请填写" in app.error[0].value
    assert box.kept("name_zh", "offers", "lon") == {"name_zh": "", "offers": "新资源", "lon": 1.0}
    with Reads() as session:
        assert session.get_one(Organisation, town.units["school"]).version == 1


def test_language__switched__what_was_typed_stays(secretary: Browser) -> None:
    values = {"place": "3号楼院", "people_served": 12, "paste": "林小满", "minutes": 75}
    typed(secretary, "record", kind=ServiceKind.LECTURE, **values)
    switch = next(one for one in secretary.app.get("button_group") if one.key == "language_switch")
    switch.set_value(Language.EN)
    app = secretary.run()
    app = secretary.run()
    assert not app.exception
    assert say("screen.record", Language.EN) in html(app)
    assert say("screen.record", Language.ZH) not in html(app)
    assert kept(app, "record", *values) == values
    assert widget(app, "record", "kind").value == ServiceKind.LECTURE
