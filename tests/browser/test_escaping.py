from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.facts import Found, middle_grid, volunteers
from tests.browser.house import House
from tests.browser.recording import card, field, fill, save, service_at
from tests.browser.street_map import StreetMap
from tests.browser.waiting import settle
from tests.browser.words import zh

HOSTILE = "<img src=x onerror=alert(1)>"
NEAR = "([lon, lat]) => void map.setView([lat, lon], 17, { animate: false })"


def listen(page: Page, shown: list[str]) -> None:
    """An alert would block the page; it is closed and remembered."""

    def close(dialog: Dialog) -> None:
        shown.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", close)


def add_unit(page: Page, grid: Found) -> None:
    page.locator(".st-key-unit_add button").click()
    dialog = page.get_by_role("dialog")
    for name, value in (
        ("name_zh", f"甲{HOSTILE}"),
        ("name_en", f"A{HOSTILE}"),
        ("address", HOSTILE),
        ("offers", HOSTILE),
        ("lon", str(grid.lon)),
        ("lat", str(grid.lat)),
    ):
        box = field(dialog, f"field.{name}")
        box.fill(value)
        box.blur()
    dialog.get_by_role("button", name=zh("unit.save"), exact=True).click()
    expect(page.get_by_text(zh("unit.added"))).to_be_visible()


def test_unit__named_in_html__is_text_in_lists_cards_labels_and_tooltips(
    visit: Visitors, house: House
) -> None:
    grid = middle_grid(house, 9)
    page = visit("street_committee", f"/units?area={grid.code}")
    alerts: list[str] = []
    listen(page, alerts)
    add_unit(page, grid)
    page.goto(f"{house.url}/grids?area={grid.code}")
    expect(page.locator(".st-key-card_units")).to_contain_text(f"甲{HOSTILE}")
    street = StreetMap.on(page)
    street.frame.evaluate(NEAR, list(grid.spot))
    expect(street.frame.locator(".gv-label").filter(has_text=HOSTILE)).to_be_visible()
    street.point_at(grid.spot)
    expect(street.frame.locator(".gv-tip")).to_contain_text(f"甲{HOSTILE}")
    street.click(grid.spot)
    expect(page.locator(".st-key-card_unit")).to_contain_text(f"甲{HOSTILE}")
    assert alerts == []


def test_record__noted_in_html__is_text_wherever_it_is_read(visit: Visitors, house: House) -> None:
    grid = middle_grid(house, 10)
    page = visit("grid_secretary", f"/record?area={grid.code}", place=grid.code)
    decider = visit("street_committee", f"/confirm?area={grid.code}")
    alerts: list[str] = []
    for one in (page, decider):
        listen(one, alerts)
    fill(page, place=f"乙{HOSTILE}", names=volunteers(house, grid)[:1])
    field(page, "field.note").fill(HOSTILE)
    field(page, "field.note").blur()
    expect(page.get_by_text(zh("record.counted", n=1))).to_be_visible()
    save(page)
    number, _ = service_at(house, f"乙{HOSTILE}")
    expect(card(decider, number)).to_contain_text(f"乙{HOSTILE}")
    expect(card(decider, number).locator("em")).to_have_text(HOSTILE)
    decider.goto(f"{house.url}/grid?area={grid.code}")
    settle(decider)
    expect(decider.locator(".st-key-card_latest")).to_contain_text(f"乙{HOSTILE}")
    assert alerts == []
