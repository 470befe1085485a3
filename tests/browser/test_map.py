import re

from playwright.sync_api import Page, expect

from lib.visuals.maps import FEW
from tests.browser.conftest import Visitors
from tests.browser.facts import Found, middle_grid, middle_unit
from tests.browser.house import House
from tests.browser.street_map import INKED, StreetMap
from tests.browser.waiting import settle
from tests.browser.words import zh

CENTRE = """
    select building.lon, building.lat from centre_household as home
    join building on building.id = home.building_id
    join building_group as tier on tier.id = home.building_group_id
    join branch on branch.id = tier.branch_id
    where branch.area_id = ? order by home.id limit 1
"""


def shows(page: Page, grid: Found) -> None:
    expect(page.locator(".gv-head h1")).to_have_text(grid.name_zh)
    expect(page).to_have_url(re.compile(rf"[?&]area={grid.code}\b"))


def test_map__click_on_a_grid__shows_it_and_keeps_the_view(visit: Visitors, house: House) -> None:
    grid, other = middle_grid(house), middle_grid(house, 1)
    page = visit("street_committee", "/grids")
    street = StreetMap.on(page)
    view = street.view()
    for clicked in (grid, other):
        street.click(clicked.spot)
        shows(page, clicked)
        street.await_outline_around(clicked.spot)
        assert street.view() == view


def test_map__measure_switch__changes_colours_and_keeps_the_view(visit: Visitors) -> None:
    page = visit("street_committee", "/grids")
    street = StreetMap.on(page)
    street.zoom_in()
    view, hours = street.view(), street.fills()
    assert len(set(hours.values())) > 2
    page.get_by_role("radio", name=zh("map.vacancies")).click()
    street.await_other_fills(hours)
    assert street.view() == view
    expect(street.frame.locator(".gv-legend .gv-title")).to_have_text(zh("map.title_vacancies"))


def test_map__classes__follow_the_figures_that_are_shown(visit: Visitors) -> None:
    street = StreetMap.on(visit("street_committee", "/grids"))
    share = {"column": 0, "limits": [0, 60, 70, 80, 90]}
    count = {"column": 0, "limits": [1, 2, 3, 5, 7]}
    assert street.classes(share, [0, 59, 60, 89, 90, 100, None]) == list("112455-")
    assert street.classes(count, "!\"#$%&'()ĥ ") == list("0123344555-")
    assert street.classes(count, [FEW]) == ["1"]


def test_map__click_on_a_centre_household__shows_its_grid(visit: Visitors, house: House) -> None:
    grid = middle_grid(house)
    [(lon, lat)] = house.ask(CENTRE, grid.id)
    page = visit("street_committee", "/grids")
    StreetMap.on(page).click((lon, lat))
    shows(page, grid)


def test_map__click_on_a_unit__opens_its_card(visit: Visitors, house: House) -> None:
    unit = middle_unit(house)
    page = visit("street_committee", "/grids")
    street = StreetMap.on(page)
    view = street.view()
    street.click(unit.spot)
    card = page.locator(".st-key-card_unit")
    expect(card).to_contain_text(unit.name_zh)
    assert street.view() == view
    card.get_by_role("button", name=zh("page.close"), exact=True).click()
    expect(card).to_have_count(0)


def test_map__layers__are_drawn_only_while_chosen(visit: Visitors) -> None:
    page = visit("street_committee", "/grids")
    street = StreetMap.on(page)
    assert street.inked("points") > 0
    view = street.view()
    bar = page.locator(".st-key-mapbar")
    units = bar.get_by_role("button", name=zh("map.layer_unit"))
    centres = bar.get_by_role("button", name=zh("map.layer_centre"))
    units.click()
    expect(units).to_have_attribute("aria-pressed", "false")
    centres.click()
    street.frame.wait_for_function(f"() => ({INKED})('points') === 0")
    units.click()
    street.frame.wait_for_function(f"() => ({INKED})('points') > 0")
    assert street.view() == view


def test_map__deep_link__shows_the_grid_it_names(visit: Visitors, house: House) -> None:
    grid = middle_grid(house, 2)
    page = visit("street_committee", f"/grids?area={grid.code}")
    shows(page, grid)
    street = StreetMap.on(page)
    street.await_outline_around(grid.spot)
    across, down = street.frame.evaluate("() => [map.getSize().x, map.getSize().y]")
    place = street.frame.evaluate(
        "([lon, lat]) => map.latLngToContainerPoint([lat, lon])", list(grid.spot)
    )
    assert 0 < place["x"] < across
    assert 0 < place["y"] < down


def test_map__fills_its_frame(visit: Visitors) -> None:
    street = StreetMap.on(visit("street_committee", "/grids"))
    street.frame.wait_for_function(
        "() => Math.abs(map.getSize().y - innerHeight) <= 2 && map.getSize().x === innerWidth"
    )


def test_map__back_on_the_overview__still_takes_clicks(visit: Visitors, house: House) -> None:
    grid = middle_grid(house)
    page = visit("street_committee", "/")
    street = StreetMap.on(page)
    street.click(grid.spot)
    shows(page, grid)
    page.go_back()
    settle(page)
    StreetMap.on(page).click(middle_grid(house, 1).spot)
    shows(page, middle_grid(house, 1))
