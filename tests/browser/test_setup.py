"""An office with nothing but names: three grids pasted, units imported, a service recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LAPTOP, PATIENCE_MS
from tests.browser.house import House, note_others, open_house
from tests.browser.recording import field, fill, register_unknown, save, service_at
from tests.browser.words import zh

PASSWORD = "lantern bridge willow"
PLACES = "石桥社区\t第1网格\n石桥社区\t第2网格\n青石社区，第1网格"
UNITS = "单位名称,类别,所属组织网,区域\n石桥小学,学校,行政党组,第2网格\n"


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The product on a database without anything but its administrator."""
    with open_house(tmp_path_factory.mktemp("empty"), demonstration=False) as house:
        house.manage("user", "add", "first", "--password-stdin", typed=f"{PASSWORD}\n")
        yield house


@pytest.fixture
def page(browser: Browser, empty_house: House) -> Iterator[Page]:
    """The administrator's page; the test fails if it asked anybody but the server."""
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    tried: list[str] = []
    note_others(context, empty_house, tried)
    form = {"name": "first", "password": PASSWORD, "lang": "zh"}
    opened = context.request.post(f"{empty_house.url}/session/open", form=form, max_redirects=0)
    assert opened.status == 303
    yield context.new_page()
    context.close()
    assert tried == []


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def test_empty_street__to_its_first_service(page: Page, empty_house: House, tmp_path: Path) -> None:
    page.goto(empty_house.url)
    expect(page.get_by_text(zh("setup.next_street"))).to_be_visible()
    field(page, "field.street_name_zh").fill("临江街道")
    press(page, zh("setup.street_do"))
    expect(page.get_by_text(zh("setup.street_done"))).to_be_visible()

    page.goto(f"{empty_house.url}/setup")
    pasted = field(page, "placelist.paste")
    pasted.fill(PLACES)
    pasted.blur()
    press(page, zh("placelist.do", n=5))
    expect(page.get_by_text(zh("setup.next_offices"))).to_be_visible()

    units = tmp_path / "units.csv"
    units.write_text(UNITS, encoding="utf-8")
    page.goto(f"{empty_house.url}/imports")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(units)
    press(page, zh("imports.do", n=1))
    expect(page.get_by_text(zh("imports.done", n=1))).to_be_visible()

    [(code,)] = empty_house.ask("select code from area where name_zh = '第2网格'")
    page.goto(f"{empty_house.url}/record?area={code}")
    fill(page, place="石桥广场", names=("申屠晓舟", "第五明远"))
    register_unknown(page, 2)
    save(page)
    assert service_at(empty_house, "石桥广场")[1] == "recorded"

    page.goto(f"{empty_house.url}/setup")
    expect(page.get_by_text(zh("setup.done_of", n=4, all=7))).to_be_visible()
    expect(page.get_by_test_id("stHeaderLogo")).to_be_visible()
