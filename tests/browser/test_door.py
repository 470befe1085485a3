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


def test_session__ended_from_another_browser__the_next_action_lands_at_the_door(
    visit: Visitors, house: House
) -> None:
    visit.expected.add("401")
    password = "correct horse battery"
    told = house.manage("user", "add", "reviewer", "--role", "visitor", "--code")
    (code,) = re.findall(r"\w{4}(?:-\w{4}){3}", told)
    first = visit.context().new_page()
    first.goto(f"{house.url}/login/code")
    first.fill("[name=name]", "Reviewer")
    first.fill("[name=code]", code.upper())
    first.fill("[name=password]", password)
    first.fill("[name=again]", password)
    first.get_by_role("button", name=zh("door.code_submit")).click()
    settle(first)
    second = visit.context(viewport={"width": 390, "height": 844}).new_page()
    second.goto(f"{house.url}/login?next=/grids")
    second.get_by_text(zh("door.with_account")).click()
    second.fill("#open [name=name]", "reviewer")
    second.fill("#open [name=password]", password)
    second.get_by_role("button", name=zh("door.submit"), exact=True).click()
    settle(second)
    first.goto(f"{house.url}/account")
    first.get_by_role("button", name=zh("me.end"), exact=True).click()
    expect(first.locator(".sessions li")).to_have_count(1)
    second.evaluate("location.reload()")
    expect(second).to_have_url(re.compile(r"/login\?next="), timeout=2_000)
    expect(first.get_by_text(zh("me.this_one"))).to_be_visible()


def test_session__ended_while_the_screen_is_open__it_leaves_by_itself(
    visit: Visitors, house: House
) -> None:
    visit.expected.add("401")
    page = visit("visitor", "/grids")
    settle(page)
    answer = page.context.request.post(f"{house.url}/account/sessions", max_redirects=0)
    assert answer.status == 303
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fgrids"), timeout=3_000)
