"""The screens over a replayed account show the figures that the command printed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.domain.vocab import Language
from lib.i18n import formats
from tests.browser.house import House, note_others, open_house
from tests.browser.waiting import settle
from tests.browser.words import zh

PASSWORD = "correct horse battery"
SHOWN = (
    *("members_checked_in", "projects_claimed", "team_claims"),
    *("firm_people_served", "patrol_attendance", "elders_living_alone"),
)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, int]]]:
    folder: Path = tmp_path_factory.mktemp("replay")
    with open_house(folder, demonstration=False) as house:
        told = house.manage("replay", "zhongshan", "--scale", "10", "--json")
        house.manage("user", "add", "chief", "--password-stdin", typed=PASSWORD)
        yield house, {row["key"]: row["value"] for row in json.loads(told)}


@pytest.fixture
def page(browser: Browser, replayed: tuple[House, dict[str, int]]) -> Iterator[Page]:
    house, _ = replayed
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    tried: list[str] = []
    note_others(context, house, tried)
    form = {"name": "chief", "password": PASSWORD, "lang": "zh"}
    opened = context.request.post(f"{house.url}/session/open", form=form, max_redirects=0)
    assert opened.status == 303
    yield context.new_page()
    context.close()
    assert tried == []


def test_screens__over_a_replayed_account__show_its_figures(
    page: Page, replayed: tuple[House, dict[str, int]]
) -> None:
    house, figures = replayed
    page.goto(f"{house.url}/tally?area=all")
    settle(page)
    for key in SHOWN:
        shown = page.locator(f'[data-figure="{key}"] .n')
        expect(shown).to_have_text(formats.count(figures[key]))
    money = page.locator('[data-figure="money"] .n')
    expect(money).to_have_text(formats.money(figures["money"] * 100, Language.ZH))
    page.goto(f"{house.url}/teams?area=all")
    settle(page)
    listed = page.locator(".st-key-card_teamlist .gv-t small")
    expect(listed).to_have_text(zh("team.count", n=figures["service_teams"]))
