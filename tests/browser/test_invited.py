"""An administrator invites a grid secretary, who begins on a phone and tries what is not theirs."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.house import House
from tests.browser.recording import field
from tests.browser.waiting import settle
from tests.browser.words import zh

PASSWORD = "lantern bridge willow"
PHONE = {"width": 390, "height": 844}
FORBIDDEN = ("/areas", "/accounts", "/log", "/settings", "/imports")


def choose(page: Page, key: str, option: str) -> None:
    """Choose an option of a select box in the dialog, found by typing."""
    box = page.get_by_role("dialog").get_by_label(zh(key))
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def test_invited__own_grid_only__five_refusals_that_the_auditor_sees(
    visit: Visitors, house: House
) -> None:
    house.manage("user", "add", "chief", "--password-stdin", typed=f"{PASSWORD}\n")
    grid, other = house.ask(
        "select name_zh, code from area where level = 'grid' order by id limit 2"
    )
    code = invited(visit, house, grid[0])
    page = first_sign_in(visit, house, code)
    expect(page).to_have_url(re.compile(rf"/\?area={grid[1]}"))
    page.goto(f"{house.url}/grid?area={other[1]}")
    settle(page)
    expect(page.get_by_text(grid[0]).first).to_be_visible()
    expect(page.get_by_text(other[0])).to_have_count(0)
    for path in FORBIDDEN:
        page.goto(house.url + path)
        expect(page.get_by_test_id("stAlert")).to_contain_text(zh("page.not_for_you"))
        expect(page.get_by_role("link", name=zh("page.back"))).to_be_visible()
    page.get_by_role("link", name=zh("page.back")).click()
    expect(page).to_have_url(re.compile(rf"/\?area={grid[1]}"))
    refused = house.ask(
        "select count(*) from audit_entry where refused"
        " and account_id = (select id from account where name = 'wangge')"
    )
    assert refused == [(len(FORBIDDEN),)]
    log = visit("auditor", "/log")
    settle(log)
    field(log, "log.who").fill("wangge")
    field(log, "log.who").blur()
    settle(log)
    for what in ("area:edit", "account:edit", "audit:read", "settings:edit", "ledger:import"):
        words = zh("log.refused", what=zh(f"attempt.{what}"))
        cell = log.locator("[role=gridcell]").filter(has_text=words)
        expect(cell).to_have_count(1)


def invited(visit: Visitors, house: House, grid: str) -> str:
    """The one-time code of the account that the administrator makes on the screen."""
    context = visit.context()
    form = {"name": "chief", "password": PASSWORD, "lang": "zh"}
    assert context.request.post(f"{house.url}/session/open", form=form).ok
    page = context.new_page()
    page.goto(f"{house.url}/accounts")
    settle(page)
    page.get_by_role("button", name=zh("accounts.invite")).click()
    dialog = page.get_by_role("dialog")
    field(dialog, "field.account_name").fill("wangge")
    field(dialog, "field.display_zh").fill("网格书记新")
    choose(page, "field.role", zh("Role.grid_secretary"))
    choose(page, "field.area_id", f"{zh('Level.grid')} · {grid}")
    dialog.get_by_role("button", name=zh("accounts.invite_do")).click()
    note = page.get_by_test_id("stCode")
    expect(note).to_contain_text("wangge")
    lines = note.inner_text().splitlines()
    said = next(one for one in lines if one.startswith(zh("accounts.code")))
    return said.partition("：")[2].strip()


def first_sign_in(visit: Visitors, house: House, code: str) -> Page:
    """The phone on which the code is spent and a password set."""
    page = visit.context(viewport=PHONE).new_page()
    page.goto(f"{house.url}/login/code")
    page.locator("input[name=name]").fill("wangge")
    page.locator("input[name=code]").fill(code)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    page.locator("#code button").click()
    settle(page)
    return page
