import re

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.domain.calendar import Period
from lib.domain.vocab import Language
from lib.i18n.glossary import word
from tests.browser.conftest import Visitors
from tests.browser.waiting import settle

MARKS = {
    "months": ("month_hours", 0.3, 0.8),
    "kinds": ("kind_", 0.4, 0.04),
    "trust": ("trust_", 0.5, 0.75),
    "compare": ("compare_kinds", 0.25, 0.1),
}
"""View: the card, and where in its chart a mark stands."""


def chart(page: Page, card: str) -> Locator:
    return page.locator(f"[class*='st-key-card_{card}']").get_by_test_id("stVegaLiteChart")


@pytest.mark.parametrize("view", MARKS)
def test_mark__clicked__leads_to_its_records(visit: Visitors, view: str) -> None:
    card, across, down = MARKS[view]
    page = visit("street_committee", f"/activity?view={view}&period=year")
    settle(page)
    drawn = chart(page, card).locator("canvas, svg").first
    expect(drawn).to_be_visible()
    box = drawn.bounding_box()
    assert box is not None
    drawn.click(position={"x": box["width"] * across, "y": box["height"] * down})
    page.wait_for_url(re.compile(r"/records\?.*first=\d{4}-\d\d-\d\d.*state=confirmed"))


def test_measure__clicked_anywhere_on_its_row__lists_its_grids(visit: Visitors) -> None:
    page = visit("street_committee", "/coverage")
    settle(page)
    page.locator(".st-key-linkedrow_reach").click(position={"x": 150, "y": 15})
    page.wait_for_url(re.compile("measure=reach"))


def test_figure_of_attention__clicked_anywhere_on_its_row__leads_to_its_list(
    visit: Visitors,
) -> None:
    page = visit("street_committee", "/")
    settle(page)
    page.locator("[class*='st-key-linkedrow_']").first.click(position={"x": 150, "y": 15})
    page.wait_for_url(re.compile("/(confirm|records|grids|needs)"))


def test_back_and_forward__period_and_measure_follow(visit: Visitors) -> None:
    page = visit("street_committee", "/coverage?measure=service")
    settle(page)
    week, month = (
        page.get_by_role("radio", name=word(one, Language.ZH))
        for one in (Period.WEEK, Period.MONTH)
    )
    expect(month).to_be_checked()
    week.click()
    page.wait_for_url(re.compile("period=week"))
    settle(page)
    page.locator(".st-key-linkedrow_reach").click(position={"x": 150, "y": 15})
    page.wait_for_url(re.compile("measure=reach.*period=week"))
    settle(page)
    for _ in range(2):
        page.go_back()
        settle(page)
    expect(month).to_be_checked()
    page.go_forward()
    expect(week).to_be_checked()
    page.wait_for_url(re.compile("measure=service.*period=week"))
