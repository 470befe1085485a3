import re

import pytest
from playwright.sync_api import expect

from lib.domain.permissions import Role
from tests.browser.conftest import Visitors
from tests.browser.house import House, enter
from tests.browser.waiting import settle
from tests.browser.words import zh

OPEN_SOCKET = """() => new Promise((resolve) => {
  const socket = new WebSocket(`ws://${location.host}/_stcore/stream`, ['streamlit']);
  socket.onopen = () => { socket.close(); resolve('opened'); };
  socket.onerror = () => resolve('refused');
})"""


@pytest.mark.parametrize("role", list(Role))
def test_door__one_click__enters_the_overview_as_that_role(
    visit: Visitors, house: House, role: Role
) -> None:
    page = visit.context().new_page()
    page.goto(house.url)
    expect(page).to_have_url(f"{house.url}/login")
    expect(page.locator("h1")).to_have_text(zh("door.claim"))
    button = page.locator(f"button[name=role][value={role}]")
    if not button.is_visible():
        page.get_by_text(zh("door.more_roles")).click()
    button.click()
    settle(page)
    # An auditor looks at no street: the first own screen is where the work begins.
    first = "/matrix" if role is Role.AUDITOR else "/?area="
    assert page.url.startswith(f"{house.url}{first}")
    expect(page.locator(".gv-out span")).to_contain_text(zh(f"Role.{role}"))


def test_door__deep_link__is_kept_through_signing_in(visit: Visitors, house: House) -> None:
    code = house.ask("select code from area where level = 'community' order by id limit 1")[0][0]
    page = visit.context().new_page()
    page.goto(f"{house.url}/grid?area={code}&period=year")
    page.locator("button[name=role][value=street_committee]").click()
    settle(page)
    assert page.url.startswith(f"{house.url}/grid?")
    assert f"area={code}" in page.url
    assert "period=year" in page.url


def test_sign_out__ends_the_session_in_the_other_tab_too(visit: Visitors, house: House) -> None:
    visit.expected.add("401")
    page = visit("visitor")
    other = page.context.new_page()
    other.goto(f"{house.url}/grids")
    settle(page)
    settle(other)
    page.get_by_role("button", name=zh("page.sign_out")).click()
    expect(page).to_have_url(f"{house.url}/login")
    expect(other).to_have_url(re.compile(r"/login\?next=%2Fgrids"), timeout=3_000)


def test_websocket__without_a_session__is_refused(visit: Visitors, house: House) -> None:
    visit.expected.add("WebSocket connection to")
    context = visit.context()
    page = context.new_page()
    page.goto(f"{house.url}/_stcore/health")
    assert page.evaluate(OPEN_SOCKET) == "refused"
    enter(context, house, "visitor")
    assert page.evaluate(OPEN_SOCKET) == "opened"
