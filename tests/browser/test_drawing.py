"""Drawing borders and reading tiles, in a house of its own: the others' maps stay as they are."""

import io
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.facts import middle_grid
from tests.browser.house import House, open_house
from tests.browser.street_map import Spot, StreetMap
from tests.browser.waiting import map_frame, settle
from tests.browser.words import zh

STREET = "select code, west, south, east, north from area where level = 'street'"
NAMES = "select name_zh from area where parent_id = ? and west is not null order by code"
TOLD = """(before) => {
  const frame = document.querySelector('.st-key-mapbox_drawing iframe');
  const root = frame && frame.contentDocument && frame.contentDocument.documentElement;
  return root && root.dataset.drawing && root.dataset.drawing !== before;
}"""
PIXEL = """([x, y]) => {
  const p = map.latLngToContainerPoint([y, x]);
  return { x: p.x, y: p.y };
}"""
WIDTH, HEIGHT = 900, 300
COMMUNITY = "图测社区"


@pytest.fixture(scope="module")
def house(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A copy of the demonstration with one community more, of which nothing is drawn."""
    folder = tmp_path_factory.mktemp("drawing")
    with (
        closing(sqlite3.connect(house.database)) as there,
        closing(sqlite3.connect(folder / "street.db")) as here,
    ):
        there.backup(here)
    with open_house(folder) as own:
        _add_community(own, folder)
        yield own


def _add_community(house: House, folder: Path) -> None:
    feature = {"type": "Feature", "properties": {"name": COMMUNITY}, "geometry": None}
    file = folder / "community.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    [(street, *_)] = house.ask(STREET)
    words = ("--level", "community", "--parent", street, "--name-field", "name")
    house.manage("import", "areas", str(file), *words)


def community(house: House) -> tuple[int, str]:
    [found] = house.ask("select id, code from area where name_zh = ?", COMMUNITY)
    return int(found[0]), str(found[1])


def sheet(page: Page, before: str = "") -> StreetMap:
    """The map to draw on, once a drawing other than `before` has begun on it."""
    page.wait_for_function(TOLD, arg=before)
    return StreetMap(map_frame(page))


def token(drawing: StreetMap) -> str:
    found: str = drawing.frame.evaluate("() => document.documentElement.dataset.drawing")
    return found


def draw(drawing: StreetMap, corners: Sequence[Spot]) -> None:
    for n, corner in enumerate(corners, start=1):
        drawing.click(corner)
        expect(drawing.frame.locator(".gv-facts")).to_contain_text(zh("drawing.tool_points", n=n))
    said = drawing.frame.page.locator(".st-key-card_save")
    expect(said).to_contain_text(zh("drawing.unsaved", n=len(corners)))


def wall_map() -> bytes:
    """Three grids in a row on paper, with a mark in two corners."""
    paper = Image.new("RGB", (WIDTH, HEIGHT), "beige")
    pen = ImageDraw.Draw(paper)
    for n in range(3):
        pen.rectangle((60 + 260 * n, 60, 320 + 260 * n, 240), outline="black", width=4)
    out = io.BytesIO()
    paper.save(out, "PNG")
    return out.getvalue()


def pin(page: Page, n: int, at: Spot, lon: float, lat: float) -> None:
    """Say that a pixel of the picture shows a place, in typed degrees."""
    form = page.locator(f".st-key-pinform_{n}_on")
    page.get_by_role("radio", name=zh("placing.point", n=n)).click()
    expect(form).to_have_count(1)
    holder = page.locator(".st-key-picturebox iframe")
    holder.scroll_into_view_if_needed()
    handle = holder.element_handle()
    picture = handle.content_frame() if handle else None
    assert picture is not None
    picture.wait_for_function("() => document.documentElement.dataset.sheet")
    click_pixel(picture, at)
    expect(page.get_by_text(zh("placing.picked", n=n))).to_be_visible()
    form.get_by_role("radio", name=zh("placing.by_degrees")).click()
    for key, value in (("lon", lon), ("lat", lat)):
        field = form.get_by_label(zh(f"field.{key}"))
        field.fill(f"{value:.6f}")
        field.press("Enter")
    expect(form.get_by_text(zh("placing.at", lon=f"{lon:.6f}", lat=f"{lat:.6f}"))).to_be_visible()


def click_pixel(picture: Frame, at: Spot) -> None:
    x, y = at
    picture.locator("#map_div").click(position=picture.evaluate(PIXEL, [x, HEIGHT - y]))


def test_trace__three_grids_over_a_picture__are_on_the_grid_map(
    visit: Visitors, house: House
) -> None:
    number, code = community(house)
    [(_, west, south, east, _)] = house.ask(STREET)
    # South of the street, where no grid is; a pixel is about a metre.
    left, top = west + 0.3 * (east - west), south - 0.002
    step = 0.00001

    def spot(x: float, y: float) -> Spot:
        return left + x * step, top - y * step * 0.857

    page = visit("street_committee", f"/drawing?area={code}")
    card = page.locator(".st-key-card_picture")
    file = {"name": "wall.png", "mimeType": "image/png", "buffer": wall_map()}
    card.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    card.get_by_role("button", name=zh("placing.use")).click()
    pin(page, 1, (60, 60), *spot(60, 60))
    pin(page, 2, (840, 240), *spot(840, 240))
    page.get_by_role("button", name=zh("placing.do")).click()
    expect(card.get_by_text(re.compile(zh("placing.upright")))).to_be_visible()
    before = ""
    for n in range(3):
        drawing = sheet(page, before)
        before = token(drawing)
        x = 60 + 260 * n
        page.get_by_label(zh("field.name_zh"), exact=True).fill(f"图测第{n + 1}网格")
        draw(drawing, [spot(x, 60), spot(x + 260, 60), spot(x + 260, 240), spot(x, 240)])
        drawing.frame.locator(".gv-tool-finish").click()
        settle(page)
        page.get_by_role("button", name=zh("drawing.save")).click()
        page.wait_for_function(TOLD, arg=before)
    drawn = [name for (name,) in house.ask(NAMES, number)]
    assert drawn == ["图测第1网格", "图测第2网格", "图测第3网格"]
    page.goto(f"{house.url}/grids?area={code}")
    street = StreetMap.on(page)
    street.click(spot(450, 150))
    expect(page.locator(".gv-head h1")).to_have_text("图测第2网格")


def test_draw__two_points__refused_and_the_drawing_stays(visit: Visitors, house: House) -> None:
    grid = middle_grid(house)
    [(parent,)] = house.ask(
        "select code from area where id = (select parent_id from area where id = ?)", grid.id
    )
    page = visit("street_committee", f"/drawing?area={parent}")
    drawing = sheet(page)
    begun = token(drawing)
    lon, lat = grid.spot
    draw(drawing, [(lon, lat), (lon + 0.0005, lat)])
    page.get_by_label(zh("field.name_zh"), exact=True).fill("两点网格")
    page.get_by_role("button", name=zh("drawing.save")).click()
    refusal = page.get_by_test_id("stAlertContentError")
    expect(refusal).to_contain_text(zh("drawing.points", points=2))
    facts = drawing.frame.locator(".gv-facts")
    expect(facts).to_have_text(zh("drawing.tool_points", n=2))
    assert token(drawing) == begun
    expect(page.get_by_label(zh("field.name_zh"), exact=True)).to_have_value("两点网格")
    drawing.frame.locator(".gv-tool-undo").click()
    expect(facts).to_have_text(zh("drawing.tool_points", n=1))
    drawing.frame.locator(".gv-tool-redo").click()
    expect(facts).to_have_text(zh("drawing.tool_points", n=2))


def test_tiles__click_on_one__opens_its_panel(visit: Visitors, house: House) -> None:
    grid = middle_grid(house)
    page = visit("street_committee", "/grids?show=tiles")
    settle(page)
    street = StreetMap.on(page)
    middle = street.frame.evaluate(
        """(id) => {
          let found;
          map.eachLayer((one) => (found = one.feature && one.feature.id === id ? one : found));
          const { lat, lng } = found.getBounds().getCenter();
          return [lng, lat];
        }""",
        str(grid.id),
    )
    view = street.view()
    street.click((middle[0], middle[1]))
    expect(page.locator(".gv-head h1")).to_have_text(grid.name_zh)
    assert street.view() == view
    hours = street.fills()
    page.get_by_role("radio", name=zh("map.vacancies")).click()
    street.await_other_fills(hours)
    expect(street.frame.locator(".gv-legend .gv-title")).to_have_text(zh("map.title_vacancies"))
