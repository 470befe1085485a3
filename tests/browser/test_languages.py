import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitors
from tests.browser.recording import field
from tests.browser.street_map import StreetMap
from tests.browser.waiting import map_frame, settle
from tests.browser.words import en, zh


def test_language_switch__keeps_the_page_and_what_was_typed(visit: Visitors) -> None:
    page = visit("community_secretary", "/record")
    expect(page.locator(".gv-head h1")).to_have_text(zh("screen.record"))
    field(page, "field.place").fill("三号楼院")
    field(page, "field.note").fill("写到一半的备注")
    page.get_by_role("radio", name=en("Language.en")).click()
    expect(page.locator(".gv-head h1")).to_have_text(en("screen.record"))
    expect(page.get_by_role("button", name=en("record.save"), exact=True)).to_be_visible()
    expect(field(page, "field.place", en)).to_have_value("三号楼院")
    expect(field(page, "field.note", en)).to_have_value("写到一半的备注")
    expect(page).to_have_url(re.compile(r"/record\?"))
    page.reload()
    expect(page.locator(".gv-head h1")).to_have_text(en("screen.record"))


def test_language_switch__reaches_the_map_and_keeps_its_view(visit: Visitors) -> None:
    page = visit("street_committee", "/grids")
    street = StreetMap.on(page)
    street.zoom_in()
    view = street.view()
    page.get_by_role("radio", name=en("Language.en")).click()
    expect(street.frame.locator(".gv-legend .gv-title")).to_have_text(en("map.title_hours"))
    expect(street.frame.locator("html")).to_have_attribute("lang", "en")
    # English words leave the frame another height: half a pixel is rounding.
    assert street.view() == pytest.approx(view, abs=1e-5)


def test_dark_browser__gets_the_dark_map(visit: Visitors) -> None:
    page = visit("street_committee", "/", color_scheme="dark")
    settle(page)
    frame = map_frame(page)
    frame.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    picture = frame.locator(".leaflet-image-layer")
    expect(picture).to_have_attribute("src", re.compile("/dark-zh-"))
    paper = page.get_by_test_id("stAppViewContainer")
    expect(paper).to_have_css("background-color", "rgb(11, 20, 29)")
