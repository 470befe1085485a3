"""The screen of settings: a change with its reason, its effect elsewhere, and the way back."""

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from lib.domain.local_settings import Accent, Choice, Pair, SettingKey
from lib.domain.permissions import Actor
from lib.domain.vocab import Language, Level, ServiceKind
from lib.domain.workdays import PUBLISHED
from lib.i18n.glossary import say
from lib.persistence.engine import Writes
from lib.queries.local_settings import current
from lib.services.local_settings import change_setting
from tests.factories import SmallStreet
from tests.pages.conftest import Browser, Door

PAGE = "desk/settings.py"


def html(app: AppTest) -> str:
    return "\n".join(one.body for one in app.get("html"))


def put(actor: Actor, key: SettingKey, value: object, version: int = 0) -> None:
    change_setting(actor, key=key, value=value, reason="试用", version=version)


def name_it(browser: Browser, zh: str, reason: str) -> AppTest:
    app = browser.app
    app.text_input(key="setting_street_name_0_street_name_zh").set_value(zh)
    app.text_input(key="setting_street_name_0_setting_reason").set_value(reason)
    app.button(key="setting_street_name_0_save").click()
    return browser.run()


@pytest.mark.parametrize("language", list(Language))
def test_name__saved_shown_and_taken_back(
    town: SmallStreet, door: Door, language: Language
) -> None:
    browser = door.enter(town.actors["administrator"], language)
    browser.open(PAGE)
    app = name_it(browser, "<b>临江街道", "挂牌")
    assert not app.exception
    assert [one.value for one in app.toast] == [say("settings.saved", language)]
    assert current(None).street_name == Pair("<b>临江街道")
    assert "<b><b>" not in html(app)
    assert say("settings.because", language, reason="挂牌") in html(app)
    (undo,) = [one for one in app.button if str(one.key).startswith("undo_setting_do_")]
    number = str(undo.key).rsplit("_", 1)[1]
    app.text_input(key=f"undo_setting_{number}_setting_reason").set_value("打错了")
    undo.click()
    assert not browser.run().exception
    assert current(None).street_name == Pair()
    assert current(None).versions == {SettingKey.STREET_NAME: 2}


def test_name__without_a_reason__refused_and_still_typed(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["administrator"])
    browser.open(PAGE)
    app = name_it(browser, "临江街道", " ")
    (error,) = app.error
    assert say("field.setting_reason", Language.ZH) in error.value
    assert app.text_input(key="setting_street_name_0_street_name_zh").value == "临江街道"
    assert current(None).versions == {}


def test_name__somebody_else_was_first__both_are_shown(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["administrator"])
    browser.open(PAGE)
    put(town.actors["administrator"], SettingKey.STREET_NAME, Pair("望海街道"))
    app = name_it(browser, "临江街道", "挂牌")
    assert any("望海街道" in one.value for one in browser.run().warning)
    assert not app.exception
    assert current(None).street_name == Pair("望海街道")


def test_accent__poor_contrast__told_and_the_nearest_taken(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["administrator"])
    app = browser.open(PAGE)
    app.color_picker(key="setting_accent_0_light").set_value("#FFCC00")
    app = browser.run()
    assert any("#FFCC00" in one.value and "4.5:1" in one.value for one in app.caption)
    app.button(key="setting_accent_0_light_take").click()
    app = browser.run()
    app.text_input(key="setting_accent_0_setting_reason").set_value("新颜色")
    app.button(key="setting_accent_0_save").click()
    assert not browser.run().exception
    assert current(None).accent not in (Accent(), Accent(light="#FFCC00"))


def test_special_days__a_year_that_nobody_published__is_asked_for(
    town: SmallStreet, door: Door
) -> None:
    browser = door.enter(town.actors["administrator"])
    app = browser.open(PAGE)
    beyond = max(PUBLISHED) + 1
    app.selectbox(key="setting_special_days_0_year").set_value(beyond)
    app = browser.run()
    assert not app.exception
    assert say("settings.source_missing", Language.ZH) in [one.value for one in app.caption]
    app.text_input(key="setting_special_days_0_setting_reason").set_value("无调休")
    app.button(key="setting_special_days_0_save").click()
    app = browser.run()
    assert not app.exception
    (error,) = app.error
    assert say("problem.empty_year", Language.ZH, year=beyond) in error.value
    assert current(None).special_days == {}


def test_committee_of_one_street_of_two__told_who_may(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["street_committee"])
    app = browser.open(PAGE)
    assert [one.value for one in app.info] == [say("settings.not_everywhere", Language.ZH)]
    assert not app.text_input
    with Writes.begin() as session:
        session.execute(
            text("update area set level = 'community' where id > 1 and parent_id is null")
        )
        session.execute(text("update change_counter set n = n + 1"))
        session.execute(text("insert into change_counter values ('areas', 0, 1)"))
    assert browser.run().text_input


def test_local_words__on_other_pages(town: SmallStreet, door: Door) -> None:
    admin = town.actors["administrator"]
    put(admin, SettingKey.LEVEL_NAMES, {Level.GRID: Pair("片区", "Block")})
    kinds = {
        ServiceKind.VISIT: Choice("上门看望", "House call"),
        ServiceKind.PATROL: Choice(hidden=True),
    }
    put(admin, SettingKey.SERVICE_KINDS, kinds)
    browser = door.enter(admin)
    assert "4 个片区" in html(browser.open("overview/street.py", area="310109001"))
    app = browser.open("service/record.py", area="310109001")
    (kind,) = [one for one in app.selectbox if one.label == say("field.kind", Language.ZH)]
    assert "上门看望" in kind.options
    assert say("ServiceKind.patrol", Language.ZH) not in kind.options
    assert len(kind.options) == len(ServiceKind) - 1
