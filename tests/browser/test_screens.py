from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.house import House
from tests.browser.street_map import StreetMap
from tests.browser.waiting import map_frame, settle
from tests.browser.words import en, zh

SCREENS = {
    "/": "street_committee",
    "/grids": "community_secretary",
    "/grid": "grid_secretary",
    "/coverage": "street_committee",
    "/areas": "street_committee",
    "/drawing": "street_committee",
    "/structure": "street_committee",
    "/record": "volunteer",
    "/confirm": "administrator",
    "/records": "unit_liaison",
    "/activity": "street_committee",
    "/needs": "community_secretary",
    "/matching": "community_secretary",
    "/suspicious": "street_committee",
    "/library": "volunteer",
    "/claims": "volunteer",
    "/mine": "volunteer",
    "/teams": "team_leader",
    "/tally": "street_committee",
    "/pipeline": "street_committee",
    "/check_in": "community_secretary",
    "/certificates": "community_secretary",
    "/units": "visitor",
    "/ledger": "unit_liaison",
    "/standin": "community_secretary",
    "/accounts": "street_committee",
    "/sessions": "administrator",
    "/matrix": "auditor",
    "/personal": "community_secretary",
    "/log": "administrator",
    "/imports": "community_secretary",
    "/setup": "administrator",
    "/settings": "street_committee",
}
MAPS = ("/", "/grids", "/units")
CHARTS = ("/", "/grid")
WALL = {"width": 1920, "height": 1080}
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
TAP_PX = 44

# Each character is drawn and compared as a picture: a missing glyph looks like every other one.
GLYPHS = """(text) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
  const ctx = canvas.getContext('2d');
  ctx.font = `40px ${getComputedStyle(document.querySelector('.gv-head, h1')).fontFamily}`;
  return [...text].map((character) => {
    ctx.clearRect(0, 0, 64, 64);
    ctx.fillText(character, 8, 48);
    return canvas.toDataURL();
  });
}"""
# Without its font an icon shows its long English name instead of one square glyph.
WIDE_ICONS = """() => [...document.querySelectorAll('[data-testid=stIconMaterial]')]
  .filter((icon) => icon.offsetWidth > 1.7 * parseFloat(getComputedStyle(icon).fontSize))
  .map((icon) => icon.textContent)"""
LOAD_FONT = """() => document.fonts.load('16px "GV Sans SC"', '街').then(
  (faces) => faces.map((face) => face.status))"""
DRAWN_TWICE = "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
SMALL_TARGETS = """(least) => [...document.querySelectorAll('[data-testid=stMain] :is('
    + '[data-testid=stButton], [data-testid=stPopover], .stButtonGroup, .gv-out) button,'
    + '[data-testid=stTab], [data-testid=stExpander] summary, [data-testid=stExpandSidebarButton]')]
  .filter((one) => one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().height < least - 0.5)
  .map((one) => `${one.textContent} ${one.getBoundingClientRect().height}`)"""


@pytest.mark.parametrize("role", sorted(set(SCREENS.values())))
def test_screens__without_internet__are_drawn_whole(
    visit: Visitors, house: House, role: str
) -> None:
    first, *others = [path for path, opener in SCREENS.items() if opener == role]
    page = visit(role, first)
    drawn_whole(page, first)
    for path in others:
        page.goto(house.url + path)
        drawn_whole(page, path)


def drawn_whole(page: Page, path: str) -> None:
    """Everything that the screen shows has come from this server."""
    settle(page)
    expect(page.locator(".gv-head h1")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    assert page.evaluate(WIDE_ICONS) == [], path
    pictures = page.evaluate(GLYPHS, "街道网格党\U0010fffd")
    assert len(set(pictures)) == len(pictures), path
    if path in CHARTS:
        chart = page.locator(".st-key-card_activity").get_by_test_id("stVegaLiteChart")
        expect(chart.locator("canvas, svg").first).to_be_visible()
    if path in MAPS:
        street = StreetMap.on(page)
        assert street.inked("overlay") > 10_000
        assert street.inked("edges") > 1_000


def test_own_typeface__is_served_from_here_on_demand(visit: Visitors, house: House) -> None:
    door = visit.context().new_page()
    door.goto(f"{house.url}/login")
    page = visit("visitor", "/")
    for where in (door, page, map_frame(page)):
        assert where.evaluate(LOAD_FONT) == ["loaded"]


def test_overview__on_the_wall__does_not_scroll(visit: Visitors) -> None:
    page = visit("street_committee", "/", viewport=WALL)
    settle(page)
    map_frame(page)
    assert overflow(page, "Height") <= 0


def test_screens__on_a_phone__fit_its_width_and_a_thumb(visit: Visitors, house: House) -> None:
    page = visit("administrator", "/", viewport=PHONE, lang="en")  # the wider language
    found = {}
    for path in SCREENS:
        page.goto(house.url + path)
        settle(page)
        found[path] = (overflow(page, "Width") > 0, page.evaluate(SMALL_TARGETS, TAP_PX))
    assert found == dict.fromkeys(SCREENS, (False, []))


@pytest.mark.parametrize("path", ["/grids", "/"])
def test_map_bar__on_a_laptop_in_english__is_one_row(visit: Visitors, path: str) -> None:
    page = visit("street_committee", path, viewport=LAPTOP, lang="en")
    settle(page)
    tops = "(bars) => bars.map((one) => one.getBoundingClientRect().top)"
    assert len(set(page.locator(".st-key-mapbar .stButtonGroup").evaluate_all(tops))) == 1
    edges = "(ones) => ones.map((one) => one.getBoundingClientRect()).map((r) => [r.left, r.right])"
    found = sorted(page.locator(".st-key-mapbar button").evaluate_all(edges))
    assert all(before[1] <= after[0] + 1 for before, after in pairwise(found))


def test_table__column_menu__orders_in_the_readers_language(visit: Visitors) -> None:
    page = visit("community_secretary", "/records", viewport=LAPTOP)
    settle(page)
    menu = page.get_by_test_id("stDataFrameColumnMenu")
    table = page.get_by_test_id("stDataFrame").bounding_box()
    assert table is not None
    for right in range(90, 200, 6):  # the button shows at the end of a column under the pointer
        page.mouse.move(table["x"] + right, table["y"] + 18)
        page.mouse.click(table["x"] + right, table["y"] + 18)
        page.evaluate(DRAWN_TWICE)
        if menu.count():
            break
    shown = menu.get_by_role("menuitem").filter(visible=True)
    expect(shown).to_have_count(2)
    said = "(ones) => ones.map((one) => JSON.parse(getComputedStyle(one, '::after').content))"
    assert shown.evaluate_all(said) == [zh("widget.ascending"), zh("widget.descending")]
    sizes = shown.evaluate_all("(ones) => ones.map((one) => getComputedStyle(one).fontSize)")
    assert sizes == ["0px", "0px"]


@pytest.mark.parametrize(("lang", "words"), [("zh", zh), ("en", en)])
def test_phone__navigation__leads_to_another_screen(
    visit: Visitors, lang: str, words: Callable[[str], str]
) -> None:
    page = visit("street_committee", "/", viewport=PHONE, lang=lang)
    settle(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    drawer = page.get_by_test_id("stSidebar")
    drawer.get_by_role("link", name=words("screen.confirm")).click()
    expect(page.locator(".gv-head h1")).to_have_text(words("screen.confirm"))


def overflow(page: Page, side: str) -> int:
    main = page.get_by_test_id("stMain")
    return int(main.evaluate(f"(main) => main.scroll{side} - main.client{side}"))


def test_file__too_large__is_refused_in_the_readers_language(
    visit: Visitors, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.csv"
    with ledger.open("wb") as file:
        file.truncate(100 << 20)
    page = visit("community_secretary", "/imports")
    settle(page)
    page.locator("input[type=file]").set_input_files(ledger)
    uploader = page.get_by_test_id("stFileUploader").filter(has=page.locator("[aria-invalid=true]"))
    expect(uploader).to_be_visible()
    said = "(one) => JSON.parse(getComputedStyle(one, '::after').content)"
    assert uploader.evaluate(said) == zh("widget.file_refused", limit=20)
