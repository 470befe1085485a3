"""Every page of the demonstration street as every role that one click enters."""

from collections.abc import Iterator

import pytest
import streamlit as st

from lib.demo.load import load_demonstration
from lib.domain.permissions import Role
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import connect
from lib.services.sessions import enter_demonstration
from tests.conftest import Template
from tests.pages.conftest import Browser, Door
from tests.pages.test_access import OPENS, faults, html


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demonstration of today in a database of its own; these tests only read it."""
    template = Template("sqlite", tmp_path_factory.mktemp("demonstration"), None).make()
    engine = connect(template.url(template.name))
    load_demonstration()
    st.cache_data.clear()
    yield
    template.drop(engine)


@pytest.mark.parametrize("role", list(Role))
def test_demonstration__every_page_of_every_role(
    demonstration: None, door: Door, role: Role
) -> None:
    language = list(Language)[list(Role).index(role) % 2]
    browser = door.stranger()
    browser.token = enter_demonstration(role, language=language)
    for file, roles in OPENS.items():
        if role.value in roles:
            assert faults(browser.open(file)) == [], file
            assert say("page.demonstration", language) in html(browser.app)


def charts(browser: Browser) -> int:
    return len(browser.app.get("vega_lite_chart"))


def test_demonstration__the_overview_says_something(demonstration: None, door: Door) -> None:
    browser = door.stranger()
    browser.token = enter_demonstration(Role.STREET_COMMITTEE)
    app = browser.open("overview/street.py")
    values = [one.value for one in app.metric]
    assert len(values) == 4
    assert all(value not in ("0", "—", "") for value in values)
    assert charts(browser) >= 1
