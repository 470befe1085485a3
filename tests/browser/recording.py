"""Recording a service the way a person does: the form, its save button, what comes of it."""

from collections.abc import Callable, Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.house import House
from tests.browser.words import zh


def field(page: Page | Locator, key: str, words: Callable[[str], str] = zh) -> Locator:
    """The input whose label is the words of `key`, on a page or in a dialog."""
    return page.get_by_label(words(key), exact=True)


def fill(page: Page, *, place: str, names: Sequence[str]) -> None:
    """Say where it was and who took part; the area is the one the page was opened at."""
    field(page, "field.place").fill(place)
    paste = field(page, "record.paste")
    paste.fill("\n".join(names))
    paste.blur()


def register_unknown(page: Page, number: int) -> None:
    """Tick that the unknown ones agreed to be registered."""
    page.get_by_text(zh("record.register", n=number)).click()
    expect(page.get_by_text(zh("record.counted", n=number))).to_be_visible()


def save(page: Page) -> None:
    """Press save and wait for what the screen says about it."""
    page.get_by_role("button", name=zh("record.save"), exact=True).click()
    expect(page.get_by_text(zh("record.done"))).to_be_visible()


def record(page: Page, *, place: str, names: Sequence[str]) -> None:
    """Record a service of known volunteers, an hour each."""
    fill(page, place=place, names=names)
    expect(page.get_by_text(zh("record.counted", n=len(names)))).to_be_visible()
    save(page)


def service_at(house: House, place: str) -> tuple[int, str]:
    """Id and state of the one service recorded with this place."""
    [(number, state)] = house.ask("select id, state from service where place = ?", place)
    return number, state


def card(page: Page, number: int) -> Locator:
    """The card of a waiting record."""
    return page.locator(f".st-key-card_waiting_{number}")
