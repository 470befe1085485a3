"""The pages as Streamlit runs them, for a signed-in actor; on SQLite, the default engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.domain.permissions import Actor
from lib.domain.vocab import Language
from lib.persistence.engine import connect
from lib.services.sessions import COOKIE
from tests.conftest import Template
from tests.factories import SmallStreet, furnished_street, signed_in

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


class Browser:
    """One browser: the session it holds, and the page it shows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
        self.token, self._monkeypatch = token, monkeypatch
        self.app = AppTest.from_file(str(ROOT / "lib" / "main.py"), default_timeout=SECONDS)

    def run(self) -> AppTest:
        """Rerun the page with this browser's cookie."""
        cookies = {COOKIE: self.token} if self.token else {}
        self._monkeypatch.setattr(type(st.context), "cookies", cookies)
        self._monkeypatch.setattr(type(st.context), "ip_address", None)
        # What a select box sends is its word, which AppTest asks for outside the page's run.
        if "language" in self.app.session_state:
            st.session_state["language"] = self.app.session_state["language"]
        return self.app.run()

    def open(self, file: str, **query: str) -> AppTest:
        """Go to a page file below ``pages/``; the address's query is set first."""
        self.run()
        self.app.switch_page(str(ROOT / "pages" / file))
        for name, value in query.items():
            self.app.query_params[name] = value
        return self.run()


@pytest.fixture(scope="session")
def page_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, SmallStreet]:
    template = Template("sqlite", tmp_path_factory.mktemp("pages"), None).make()
    engine = connect(template.url(template.name))
    made = furnished_street()
    template.seal(engine)
    return template, made


@pytest.fixture
def town(page_template: tuple[Template, SmallStreet]) -> Iterator[SmallStreet]:
    """The furnished small street for pages; nothing cached from another database."""
    template, made = page_template
    st.cache_data.clear()
    engine = connect(template.copy())
    yield made
    template.drop(engine)


class Door:
    """Opens browsers for actors."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def enter(self, actor: Actor, language: Language = Language.ZH) -> Browser:
        return Browser(self._monkeypatch, signed_in(actor, language))

    def stranger(self) -> Browser:
        return Browser(self._monkeypatch, None)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    return Door(monkeypatch)
