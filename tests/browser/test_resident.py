"""From a code on paper to a certificate that can be checked, as everybody on the way goes it."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from lib.domain.permissions import Role
from lib.persistence.engine import connect
from lib.queries.sessions import actor_of
from lib.services.check_in import CheckInEntry, check_in
from lib.services.sessions import enter_demonstration
from tests.browser.conftest import Visitors
from tests.browser.house import House
from tests.browser.recording import field
from tests.browser.waiting import settle
from tests.browser.words import zh

PHONE = {"width": 390, "height": 844}
WORDS = "想要一个画架"

# The demonstration's volunteer and the grid they help from, and a unit that is theirs from now on.
VOLUNTEER = """
select person.id, person.name, person.area_id from account
join person on person.id = account.person_id where account.name = 'demo-volunteer'
"""
UNIT = "select id, name_zh from organisation where closed_on is null order by id limit 1"
CERTIFICATE = """
select number from certificate where person_id = ? and state = 'issued' order by id desc limit 1
"""
CODE = "select code from public_code where purpose = 'need' and area_id = ?"


def press(page: Page, key: str) -> None:
    """Press the button of a key."""
    page.locator(f".st-key-{key} button").first.click()


def told(page: Page, key: str) -> None:
    """Wait for what the screen says after a step."""
    expect(page.get_by_text(zh(key)).first).to_be_visible()


def narrow(page: Page) -> None:
    """Nothing of a page stands out to the right of a phone."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def asked(phone: Page, house: House, grid_id: int) -> tuple[str, int]:
    """A resident opens the form by its code and sends it; the own link, and the need."""
    [(code,)] = house.ask(CODE, grid_id)
    phone.goto(f"{house.url}/n/{code}")
    narrow(phone)
    phone.get_by_label("需要什么").fill(WORDS)
    phone.get_by_label("我已看过，同意这样使用").check()
    phone.get_by_role("button", name="提交").click()
    phone.get_by_text("请保存这个链接").wait_for()
    link = phone.url.partition("?")[0]
    assert re.fullmatch(rf"{house.url}/r/[\w-]{{22}}", link)
    [(need,)] = house.ask("select id from need where words = ?", WORDS)
    return link, need


def adopted(office: Page, house: House, need: int) -> int:
    """The office answers it by a project that is published at once."""
    office.goto(f"{house.url}/needs")
    press(office, f"need_adopt_{need}")
    dialog = office.get_by_role("dialog")
    expect(field(dialog, "field.title")).to_have_value(WORDS)
    dialog.get_by_role("button", name=zh("library.save_publish")).click()
    told(office, "needs.adopted")
    [(project,)] = house.ask("select project_id from need where id = ?", need)
    return int(project)


def served(volunteer: Page, house: House, project: int) -> None:
    """The volunteer finds it in the library, claims it, serves and records it."""
    volunteer.goto(f"{house.url}/library?order=newest")
    press(volunteer, f"claim_box_{project}")
    press(volunteer, f"claim_{project}")
    told(volunteer, "library.claimed")
    [(claim,)] = house.ask("select id from claim where project_id = ?", project)
    volunteer.goto(f"{house.url}/claims")
    press(volunteer, f"claim_serve_{claim}")
    volunteer.get_by_role("button", name=zh("record.save"), exact=True).click()
    told(volunteer, "claims.served")


def confirmed_needs(office: Page, house: House) -> int:
    """How many of this month's needs were answered by a confirmed service, as the funnel says."""
    office.goto(f"{house.url}/pipeline")
    said = office.get_by_text(re.compile(r"收集的 \d+ 条需求中，\d+ 条"))
    expect(said).to_be_visible()
    return int(re.findall(r"\d+", said.inner_text())[1])


def in_ledger(office: Page, house: House, unit: str, name: str) -> None:
    """The unit's ledger names the member."""
    office.goto(f"{house.url}/ledger")
    settle(office)
    box = office.get_by_role("combobox", name=zh("field.organisation_id"))
    box.fill(unit)
    box.press("Enter")
    expect(box).to_have_value(unit)
    with office.expect_download() as taking:
        office.get_by_role("button", name=zh("list.download")).click()
    assert name in Path(taking.value.path()).read_text("utf-8-sig")


def certified(office: Page, house: House, person: int) -> None:
    """The office issues the certificate that the volunteer had asked for."""
    asked_for = "select id from certificate where person_id = ? and state = 'asked'"
    [(number,)] = house.ask(asked_for, person)
    office.goto(f"{house.url}/certificates")
    press(office, f"certificate_issue_box_{number}")
    field(office, "field.issuer").last.fill("石桥社区居民委员会")
    field(office, "field.responsible").last.fill("负责人")
    field(office, "field.contact").last.fill("办公电话")
    press(office, f"certificate_issue_{number}")
    told(office, "certificate.issued")


def test_need__filed_by_a_code__is_served_confirmed_counted_and_certified(
    visit: Visitors, house: House
) -> None:
    [(person, name, grid)] = house.ask(VOLUNTEER)
    [(unit_id, unit)] = house.ask(UNIT)
    connect(f"sqlite:///{house.database}")
    committee = actor_of(enter_demonstration(Role.STREET_COMMITTEE))
    entry = CheckInEntry(grid, person, organisation_id=unit_id, pledged=True)
    check_in(committee, entry=entry, request_id="browser-check-in")
    volunteer = visit("volunteer", "/library")
    settle(volunteer)
    office = visit("street_committee", "/pipeline")
    before = confirmed_needs(office, house)

    phone = visit.context(viewport=PHONE).new_page()
    link, need = asked(phone, house, grid)
    project = adopted(office, house, need)
    served(volunteer, house, project)
    phone.goto(link)
    phone.get_by_role("button", name="办好了").click()
    phone.get_by_text("已确认，谢谢您。").wait_for()
    narrow(phone)

    assert confirmed_needs(office, house) == before + 1
    in_ledger(office, house, unit, name)
    certified(office, house, person)
    [(number,)] = house.ask(CERTIFICATE, person)
    phone.goto(f"{house.url}/verify?number={number}")
    expect(phone.get_by_text(zh("certificate.is_valid"), exact=True)).to_be_visible()
    expect(phone.get_by_text(name)).to_have_count(0)
    narrow(phone)
