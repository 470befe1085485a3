"""One server and one browser for all browser tests; every test has contexts of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.house import House, enter, note_others, open_browser, open_house

LAPTOP = {"width": 1366, "height": 768}
PATIENCE_MS = 20_000
PROBED = re.compile(r"404 .*/\w+/_stcore/(health|host-config)\)")
"""On a deep link Streamlit first asks for its own addresses below the page's."""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The product, started on an empty database that it fills with the demonstration street."""
    with open_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@dataclass
class Visitors:
    """Opens browsers before the house; afterwards tells what went wrong in any of them."""

    browser: Browser
    house: House
    contexts: list[BrowserContext] = field(default_factory=list)
    left_the_host: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    """Parts of complaints that a test provokes on purpose."""

    def context(self, **options: Any) -> BrowserContext:
        """A browser of somebody who has not signed in."""
        settings: dict[str, Any] = {"viewport": LAPTOP, "locale": "zh-CN"} | options
        context = self.browser.new_context(**settings)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        note_others(context, self.house, self.left_the_host)
        context.on("page", self._listen)
        return context

    def __call__(
        self, role: str, path: str = "/", *, place: str = "", lang: str = "zh", **options: Any
    ) -> Page:
        """A page opened by somebody who entered as `role`."""
        context = self.context(**options)
        enter(context, self.house, role, place=place, lang=lang)
        page = context.new_page()
        page.goto(self.house.url + path)
        return page

    def unexpected(self) -> list[str]:
        """Complaints that neither the test provoked nor Streamlit makes on every deep link."""
        return [
            one
            for one in self.complaints
            if not PROBED.search(one) and not any(part in one for part in self.expected)
        ]

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(f"{said.text} ({said.location['url']})")


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Visitors]:
    """Opens pages as a role; the test fails if any left the host or logged an error."""
    visitors = Visitors(browser, house)
    yield visitors
    for context in visitors.contexts:
        context.close()
    assert visitors.left_the_host == []
    assert visitors.unexpected() == []
