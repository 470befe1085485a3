"""What a visiting delegation's browser is sent: no name and no number of anybody, in any byte.

A committee member's browser is listened to the same way, so that the ear is known to hear.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, WebSocket, expect

from lib.domain.permissions import GRANTED, Role
from lib.ui.pages import SCREENS
from tests.browser.conftest import Visitors
from tests.browser.facts import middle_grid
from tests.browser.house import House
from tests.browser.street_map import StreetMap
from tests.browser.waiting import settle

OURS = ("/assets/", "/static/")
"""Vendored scripts, fonts and pictures: the same for everybody."""


@dataclass
class Ear:
    """Every body and every frame that a browser gets from the server."""

    heard: list[bytes] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    bodies: int = 0
    frames: int = 0

    def listen(self, page: Page) -> None:
        """Hear every frame from here on, and note which addresses are asked."""
        page.on("request", self._on_request)
        page.on("websocket", self._on_socket)

    def _on_socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._on_frame)

    def _on_frame(self, payload: str | bytes) -> None:
        self.frames += 1
        self.heard.append(payload.encode() if isinstance(payload, str) else payload)

    def _on_request(self, request: Request) -> None:
        if request.method == "GET" and not urlsplit(request.url).path.startswith(OURS):
            self.asked.add(request.url)

    def all(self, page: Page) -> bytes:
        """Every frame, and every address once more with the same cookie."""
        answers = [page.request.get(url) for url in sorted(self.asked) if url.startswith("http")]
        bodies = [answer.body() for answer in answers if answer.ok]
        self.bodies = len(bodies)
        return b"\n".join([*self.heard, *bodies])


def secrets(house: House) -> list[str]:
    """Names of people and liaison officers, and their numbers, that name no place as well."""
    people = {name for (name,) in house.ask("select name from person")}
    people |= {name for (name,) in house.ask("select liaison_name from organisation")}
    numbers = {phone for (phone,) in house.ask("select liaison_phone from organisation")}
    public = "\n".join(
        str(one)
        for (one,) in house.ask(
            "select name_zh from area union all select name_zh from organisation"
            " union all select name_zh from team union all select name_zh from estate"
            " union all select label from building union all select address from organisation"
        )
    )
    return sorted(one for one in people | numbers if one and one not in public)


def walk(visit: Visitors, house: House, role: str, paths: list[str]) -> tuple[Ear, bytes]:
    """Open every screen for `role`, in a grid too, and let the visitor click on the map."""
    ear, grid = Ear(), middle_grid(house)
    page = visit(role).context.new_page()
    ear.listen(page)
    for path in paths:
        for query in ("", f"?area={grid.code}"):
            page.goto(f"{house.url}{path}{query}")
            settle(page)
            expect(page.locator(".gv-head h1")).to_be_visible()
    if role == Role.VISITOR:
        page.goto(f"{house.url}/grids")
        settle(page)
        StreetMap.on(page).click(grid.spot)
        settle(page)
    return ear, ear.all(page)


def test_visitor__every_screen__no_name_and_no_number_in_any_byte(
    visit: Visitors, house: House
) -> None:
    hidden = secrets(house)
    assert len(hidden) > 1000
    paths = [f"/{s.key}" for s in SCREENS if Role.VISITOR in GRANTED[s.permission]]
    paths[0] = "/"
    assert len(paths) > 5
    ear, bytes_heard = walk(visit, house, "visitor", paths)
    assert (ear.frames > 50, ear.bodies > 10) == (True, True)
    assert [one for one in hidden if one.encode() in bytes_heard] == []


def test_committee__the_ear_hears_the_names_of_those_who_hold_the_grid(
    visit: Visitors, house: House
) -> None:
    _, bytes_heard = walk(visit, house, "street_committee", ["/grid"])
    assert any(one.encode() in bytes_heard for one in secrets(house))
