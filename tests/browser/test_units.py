from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.facts import Found, middle_unit
from tests.browser.house import House
from tests.browser.recording import field
from tests.browser.words import zh


def editing(visit: Visitors, unit: Found) -> Page:
    page = visit("street_committee", f"/units?unit={unit.id}")
    page.locator(".st-key-unit_edit button").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def press_save(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name=zh("unit.save"), exact=True).click()


def test_unit__two_people_editing__second_is_told_and_loses_nothing(
    visit: Visitors, house: House
) -> None:
    unit = middle_unit(house)
    first, second = editing(visit, unit), editing(visit, unit)
    field(second.get_by_role("dialog"), "field.offers").fill("会议室、轮椅")
    field(first.get_by_role("dialog"), "field.address").fill("新址路 9 号")
    press_save(first)
    expect(first.get_by_text(zh("unit.saved"))).to_be_visible()

    expect(field(second.get_by_role("dialog"), "field.offers")).to_have_value("会议室、轮椅")
    press_save(second)
    told = second.get_by_role("dialog").get_by_test_id("stAlert")
    expect(told.filter(has_text="新址路 9 号")).to_be_visible()
    expect(field(second.get_by_role("dialog"), "field.offers")).to_have_value("会议室、轮椅")
    second.get_by_role("button", name=zh("form.keep_mine")).click()
    expect(told.filter(has_text="新址路 9 号")).to_have_count(0)
    press_save(second)
    expect(second.get_by_text(zh("unit.saved"))).to_be_visible()
    assert house.ask("select offers from organisation where id = ?", unit.id) == [("会议室、轮椅",)]
