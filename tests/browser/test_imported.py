import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitors
from tests.browser.house import House
from tests.browser.recording import card, fill, register_unknown, save, service_at
from tests.browser.street_map import StreetMap
from tests.browser.waiting import settle
from tests.browser.words import zh

NAMES = ("松涛街道", "听潮街道", "望岛街道", "栈桥街道")


def street(number: int, name: str) -> dict[str, object]:
    west, south = 120.30 + 0.03 * (number % 2), 36.05 + 0.02 * (number // 2)
    east, north = west + 0.03, south + 0.02
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"name": name, "osm_id": str(9000 + number)},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture(scope="module")
def code(house: House, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The code of the second of four streets, imported while the server runs."""
    file: Path = tmp_path_factory.mktemp("boundaries") / "streets.geojson"
    features = [street(number, name) for number, name in enumerate(NAMES)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    options = ("--level", "street", "--name-field", "name", "--id-field", "osm_id")
    house.manage("import", "areas", str(file), *options)
    shown = json.loads(house.manage("show", "areas", "--level", "street", "--json"))
    return next(str(one["code"]) for one in shown if one["name"] == NAMES[1])


def test_imported_street__two_people__record_and_confirm_there(
    visit: Visitors, house: House, code: str
) -> None:
    decider = visit("street_committee", "/confirm", place=code)
    settle(decider)
    recorder = visit("administrator", "/record", place=code)
    fill(recorder, place="栈桥广场", names=("申屠晓舟", "第五明远"))
    register_unknown(recorder, 2)
    save(recorder)
    expect(decider.get_by_text("栈桥广场")).to_be_visible(timeout=3_000)
    number, _ = service_at(house, "栈桥广场")
    card(decider, number).get_by_role("button", name=zh("confirm.confirm"), exact=True).click()
    expect(decider.get_by_text(zh("confirm.confirmed"))).to_be_visible()

    decider.goto(f"{house.url}/")
    settle(decider)
    figure = decider.locator(".st-key-linkedfigure_hours").get_by_test_id("stMetricValue")
    expect(figure).to_have_text("2")
    shown = StreetMap.on(decider)
    expect(shown.frame.locator(".gv-label b").filter(has_text=NAMES[1])).to_be_visible()


def test_imported_streets__over_the_whole_tree__are_gone_to_by_name(
    visit: Visitors, house: House, code: str
) -> None:
    page = visit("administrator", "/grids?area=all")
    expect(page.locator(".gv-head h1")).to_have_text(zh("place.whole"))
    page.locator(".st-key-descend_all input").click()
    page.get_by_role("option", name=NAMES[1]).click()
    expect(page.locator(".gv-head h1")).to_have_text(NAMES[1])
    expect(page).to_have_url(re.compile(rf"[?&]area={code}\b"))
    shown = StreetMap.on(page)
    expect(shown.frame.locator(".gv-label b").filter(has_text=NAMES[1])).to_be_visible()
    assert shown.inked("overlay") > 1_000
