import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.facts import Found, community_of, middle_grid, volunteers
from tests.browser.house import House
from tests.browser.recording import card, field, fill, record, service_at
from tests.browser.waiting import settle
from tests.browser.words import zh

SEEN_MS = 3_000
"""Two seconds are promised; the third is for a busy machine to draw what has arrived."""

TWO_CLICKS = """(button) => {
  button.click();
  setTimeout(() => button.click(), 30);
}"""


def recorder_at(visit: Visitors, grid: Found) -> Page:
    return visit("grid_secretary", f"/record?area={grid.code}", place=grid.code)


def decider_at(visit: Visitors, house: House, grid: Found) -> Page:
    community = community_of(house, grid)
    return visit("community_secretary", f"/confirm?area={grid.code}", place=community)


def hours(page: Page) -> float:
    figure = page.locator(".st-key-linkedfigure_hours").get_by_test_id("stMetricValue")
    return float(figure.inner_text().replace(",", ""))


def test_service__recorded_by_one__is_confirmed_by_another_and_counts(
    visit: Visitors, house: House
) -> None:
    grid = middle_grid(house, 3)
    recorder, decider = recorder_at(visit, grid), decider_at(visit, house, grid)
    overview = recorder.context.new_page()
    overview.goto(f"{house.url}/?area={grid.code}")
    settle(decider)
    settle(overview)
    before = hours(overview)

    record(recorder, place="北门花坛", names=volunteers(house, grid)[:2])
    expect(decider.get_by_text("北门花坛")).to_be_visible(timeout=SEEN_MS)

    number, state = service_at(house, "北门花坛")
    assert state == "recorded"
    recorder.goto(f"{house.url}/confirm?area={grid.code}")
    own = card(recorder, number)
    expect(own).to_contain_text(zh("refusal.own_service"))
    expect(own.get_by_role("button")).to_have_count(0)

    card(decider, number).get_by_role("button", name=zh("confirm.confirm"), exact=True).click()
    expect(decider.get_by_text(zh("confirm.confirmed"))).to_be_visible()
    expect(card(decider, number)).to_have_count(0)
    figure = overview.locator(".st-key-linkedfigure_hours").get_by_test_id("stMetricValue")
    expect(figure).to_have_text(re.compile(rf"^{before + 2:.1f}$|^{before + 2:.0f}$"))
    assert service_at(house, "北门花坛")[1] == "confirmed"


def test_refresh__half_typed_words__survive_it(visit: Visitors, house: House) -> None:
    grid = middle_grid(house, 4)
    recorder, decider = recorder_at(visit, grid), decider_at(visit, house, grid)
    names = volunteers(house, grid)[:1]
    record(recorder, place="西门车棚", names=names)
    first, _ = service_at(house, "西门车棚")
    card(decider, first).get_by_role("button", name=zh("ServiceAction.return")).click()
    reason = decider.get_by_placeholder(zh("confirm.reason_hint_return"))
    reason.fill("还没写完的半")
    record(recorder, place="东门车棚", names=names)
    expect(decider.get_by_text("东门车棚")).to_be_attached(timeout=SEEN_MS)
    expect(reason).to_have_value("还没写完的半")
    expect(reason).to_be_focused()


def test_dialog__stays_open_with_its_words_while_others_write(
    visit: Visitors, house: House
) -> None:
    grid = middle_grid(house, 5)
    page = visit("street_committee", f"/grids?area={grid.code}")
    settle(page)
    page.locator(".st-key-record_here button").click()
    dialog = page.get_by_role("dialog")
    field(dialog, "field.place").fill("写到一半")
    field(dialog, "field.note").fill("也写到一半")
    recorder = recorder_at(visit, grid)
    record(recorder, place="南门岗亭", names=volunteers(house, grid)[:1])
    expect(page.get_by_text(zh("page.new_data"))).to_be_visible(timeout=SEEN_MS)
    expect(field(dialog, "field.place")).to_have_value("写到一半")
    expect(field(dialog, "field.note")).to_have_value("也写到一半")
    dialog.get_by_role("button", name=re.compile("Close|关闭")).click()
    expect(page.locator(".st-key-card_latest")).to_contain_text("南门岗亭")


def test_save__clicked_twice_within_30_ms__writes_once(visit: Visitors, house: House) -> None:
    grid = middle_grid(house, 6)
    page = recorder_at(visit, grid)
    names = volunteers(house, grid)[:1]
    fill(page, place="只记一次", names=names)
    expect(page.get_by_text(zh("record.counted", n=1))).to_be_visible()
    button = page.get_by_role("button", name=zh("record.save"), exact=True)
    button.evaluate(TWO_CLICKS)
    expect(page.get_by_text(zh("record.done"))).to_be_visible()
    expect(field(page, "field.place")).to_have_value("")
    record(page, place="随后一次", names=names)
    assert house.ask("select count(*) from service where place = '只记一次'") == [(1,)]


def test_record__returned_with_a_reason__is_corrected_and_waits_again(
    visit: Visitors, house: House
) -> None:
    grid = middle_grid(house, 7)
    recorder, decider = recorder_at(visit, grid), decider_at(visit, house, grid)
    record(recorder, place="写错的地点", names=volunteers(house, grid)[:1])
    number, _ = service_at(house, "写错的地点")

    answer(decider, number, "return", "应为三号楼院")
    expect(decider.get_by_text(zh("confirm.done_return"))).to_be_visible()

    recorder.goto(f"{house.url}/records?area={grid.code}&state=returned")
    open_first_record(recorder)
    expect(recorder.locator(f".st-key-card_record_{number}")).to_contain_text("应为三号楼院")
    recorder.get_by_role("link", name=zh("records.correct")).click()
    expect(recorder.locator(".gv-head h1")).to_have_text(zh("screen.record"))
    expect(recorder.get_by_test_id("stAlert")).to_contain_text("应为三号楼院")
    place = field(recorder, "field.place")
    expect(place).to_have_value("写错的地点")
    place.fill("三号楼院")
    place.blur()
    settle(recorder)
    recorder.get_by_role("button", name=zh("record.save"), exact=True).click()
    expect(recorder.get_by_text(zh("record.corrected"))).to_be_visible()

    expect(decider.get_by_text("三号楼院")).to_be_visible(timeout=SEEN_MS)
    assert service_at(house, "三号楼院") == (number, "recorded")


def test_record__voided_with_a_reason__counts_nowhere(visit: Visitors, house: House) -> None:
    grid = middle_grid(house, 8)
    recorder = recorder_at(visit, grid)
    record(recorder, place="重复登记处", names=volunteers(house, grid)[:1])
    number, _ = service_at(house, "重复登记处")
    decider = decider_at(visit, house, grid)
    settle(decider)
    decider.goto(f"{house.url}/records?area={grid.code}&state=recorded")
    open_first_record(decider)
    expect(decider.locator(f".st-key-card_record_{number}")).to_be_visible()
    answer(decider, number, "void", "与另一条重复")
    expect(decider.get_by_text(zh("confirm.done_void"))).to_be_visible()
    assert service_at(house, "重复登记处")[1] == "voided"


def answer(page: Page, number: int, action: str, reason: str) -> None:
    page.locator(f".st-key-{action}_box_{number} button").click()
    words = page.get_by_placeholder(zh(f"confirm.reason_hint_{action}"))
    words.fill(reason)
    words.blur()
    page.get_by_role("button", name=zh(f"confirm.do_{action}")).click()


def open_first_record(page: Page) -> None:
    """Choose the first row; the table is drawn on a canvas, so by its place."""
    settle(page)
    page.get_by_test_id("stDataFrame").click(position={"x": 18, "y": 54})
