"""An empty street led to its first useful screen, and the demonstration taken out by one button."""

from collections.abc import Iterator
from html import unescape

import pytest
import streamlit as st
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import Language, Level
from lib.i18n.glossary import say
from lib.persistence.engine import Reads, Writes, connect
from lib.persistence.models import Area
from lib.queries.local_settings import current
from tests.conftest import Template
from tests.factories import SmallStreet, enrolled
from tests.pages.conftest import Browser, Door
from tests.pages.test_access import faults

PAGE = "desk/setup.py"
LIST = "石桥社区\t第1网格\n石桥社区\t第2网格\n青石社区\t第1网格"


@pytest.fixture
def empty_street(page_template: tuple[Template, SmallStreet]) -> Iterator[None]:
    """A migrated database without areas or accounts."""
    template = Template("sqlite", page_template[0].folder, None).make()
    st.cache_data.clear()
    engine = connect(template.copy())
    yield
    template.drop(engine)


def shown(app: AppTest) -> str:
    """All HTML of the page as people read it."""
    return unescape("\n".join(one.body for one in app.get("html")))


def counts() -> dict[Level, int]:
    with Reads() as session:
        rows = session.execute(select(Area.level, func.count()).group_by(Area.level))
        return dict(rows.tuples().all())


def newcomer(role: Role = Role.ADMINISTRATOR) -> Actor:
    with Writes.begin() as session:
        return enrolled(session, "first", Grant(role, None))


def press(browser: Browser, key: str) -> AppTest:
    browser.app.button(key=key).click()
    return browser.run()


@pytest.mark.parametrize("language", list(Language))
def test_empty__overview_leads_through_street_and_places(
    empty_street: None, door: Door, language: Language
) -> None:
    browser = door.enter(newcomer(), language)
    app = browser.run()
    assert faults(app) == []
    assert say("setup.next_street", language) in shown(app)
    app.text_input(key="setup_street_0_street_name_zh").set_value("临江街道")
    app = press(browser, "setup_street_do")
    assert not app.exception
    assert current(None).street_name.zh == "临江街道"
    assert counts() == {Level.STREET: 1}
    app = browser.open(PAGE)
    assert say("setup.next_places", language) in shown(app)
    app.text_area(key="place_list_text_0").set_value(LIST)
    app = browser.run()
    assert counts() == {Level.STREET: 1}
    assert say("placelist.new_grids", language, n=3) in shown(app)
    app = press(browser, "place_list_do")
    assert not app.exception
    assert counts() == {Level.STREET: 1, Level.COMMUNITY: 2, Level.GRID: 3}
    assert say("setup.next_offices", language) in shown(app)
    app = press(browser, "setup_skip_offices")
    assert say("setup.next_units", language) in shown(app)
    words = shown(browser.open("overview/street.py"))
    assert say("setup.done_of", language, n=2, all=7) in words


def test_places__a_bad_line__told_and_nothing_to_press(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["administrator"])
    app = browser.open(PAGE)
    app.text_area(key="place_list_text_0").set_value("\t第1网格\n<b>社区\t第1网格")
    app = browser.run()
    (error,) = app.error
    assert "第 1 行" in error.value
    assert app.button(key="place_list_do").disabled
    assert app.text_area(key="place_list_text_0").value.startswith("\t第1网格")


def test_empty__who_may_not_set_up__is_told_whom_to_ask(empty_street: None, door: Door) -> None:
    app = door.enter(newcomer(Role.VISITOR)).run()
    assert faults(app) == []
    assert say("setup.others", Language.ZH) in shown(app)


def test_no_demonstration__no_way_out_of_one(town: SmallStreet, door: Door) -> None:
    app = door.enter(town.actors["administrator"]).open(PAGE)
    assert "demonstration_ask" not in {one.key for one in app.button}


@pytest.mark.parametrize("file", ["grids/map.py", "units/units.py"])
def test_empty__map_screens__say_what_is_missing(empty_street: None, door: Door, file: str) -> None:
    app = door.enter(newcomer()).open(file)
    assert faults(app) == []
    assert say("coverage.no_grids", Language.ZH) in shown(app)
