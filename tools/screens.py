"""Photograph every screen of the demonstration street into `docs/screens`.

Run `python -m tools.screens` in the repository; it needs an installed Chromium and a few minutes.
`python -m tools.screens overview door` photographs only those.
"""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from lib.settings import ROOT
from tests.browser.house import House, enter, open_browser, open_house
from tests.browser.waiting import map_frame, settle

FOLDER = ROOT / "docs" / "screens"
SIZES = ((1920, 1080), (1366, 768), (390, 844))
LANGUAGES = ("zh", "en")
COLOURS = 256

LIVELIEST = """
    select area.code from area join service on service.area_id = area.id
    where area.level = 'grid' group by area.id order by count(*) desc, area.id limit 1
"""
SCREENS = {
    "overview": ("street_committee", "/", True),
    "grids": ("street_committee", "/grids?area={grid}", True),
    "grid": ("street_committee", "/grid?area={grid}", False),
    "coverage": ("street_committee", "/coverage", False),
    "areas": ("street_committee", "/areas", False),
    "drawing": ("street_committee", "/drawing?area={community}", True),
    "structure": ("street_committee", "/structure?area={grid}", False),
    "record": ("community_secretary", "/record", False),
    "confirm": ("community_secretary", "/confirm", False),
    "records": ("street_committee", "/records", False),
    "activity": ("street_committee", "/activity", False),
    "needs": ("community_secretary", "/needs", False),
    "matching": ("community_secretary", "/matching", False),
    "suspicious": ("street_committee", "/suspicious", False),
    "library": ("volunteer", "/library", False),
    "claims": ("volunteer", "/claims", False),
    "mine": ("volunteer", "/mine", False),
    "teams": ("street_committee", "/teams", False),
    "tally": ("street_committee", "/tally", False),
    "pipeline": ("street_committee", "/pipeline", False),
    "check_in": ("community_secretary", "/check_in", False),
    "certificates": ("community_secretary", "/certificates", False),
    "units": ("street_committee", "/units", True),
    "ledger": ("unit_liaison", "/ledger", False),
    "standin": ("community_secretary", "/standin", False),
    "accounts": ("street_committee", "/accounts", False),
    "sessions": ("administrator", "/sessions", False),
    "matrix": ("auditor", "/matrix", False),
    "personal": ("community_secretary", "/personal", False),
    "log": ("administrator", "/log", False),
    "imports": ("community_secretary", "/imports", False),
    "setup": ("administrator", "/setup", False),
    "settings": ("street_committee", "/settings", False),
}
"""Screen: who looks, at which address, and whether there is a map on it."""


def photograph(page: Page, name: str, folder: Path) -> None:
    """Keep what the page shows, in few enough colours to stay small."""
    shot = page.screenshot(animations="disabled")
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    # The method that keeps rare colours too: the seal, a badge.
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(folder / f"{name}.png", optimize=True)


class Tour:
    """One house and one browser, from which every picture is taken."""

    def __init__(self, house: House, browser: Browser, folder: Path) -> None:
        """Take the grid that has most to show."""
        self.house, self.browser, self.folder = house, browser, folder
        self.grid = str(house.ask(LIVELIEST)[0][0])

    def open(self, size: tuple[int, int], lang: str, *, dark: bool = False) -> BrowserContext:
        """A browser of this size, language and theme."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN" if lang == "zh" else "en",
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(60_000)
        return context

    def screen(self, name: str, size: tuple[int, int], lang: str, *, dark: bool = False) -> None:
        """One screen in one size and language."""
        role, path, mapped = SCREENS[name]
        context = self.open(size, lang, dark=dark)
        enter(context, self.house, role, lang=lang)
        page = context.new_page()
        page.goto(self.house.url + path.format(grid=self.grid, community=self.grid[:-3]))
        settle(page)
        if mapped:
            map_frame(page)
        ending = f"{size[0]}x{size[1]}-{lang}{'-dark' if dark else ''}"
        photograph(page, f"{name}-{ending}", self.folder)
        context.close()

    def door(self, size: tuple[int, int], lang: str) -> None:
        """The door, where nobody has signed in yet."""
        context = self.open(size, lang)
        page = context.new_page()
        page.goto(f"{self.house.url}/login?lang={lang}")
        photograph(page, f"door-{size[0]}x{size[1]}-{lang}", self.folder)
        context.close()

    def take(self, name: str) -> None:
        """A screen, or the door, in every size and language; the overview in the dark too."""
        for lang in LANGUAGES:
            for size in SIZES:
                self.door(size, lang) if name == "door" else self.screen(name, size, lang)
            if name == "overview":
                self.screen(name, SIZES[0], lang, dark=True)


def main(names: list[str]) -> None:
    """Take the named screens, all of them when none is named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        open_house(Path(folder)) as house,
        open_browser() as browser,
    ):
        tour = Tour(house, browser, FOLDER)
        for name in names or [*SCREENS, "door"]:
            tour.take(name)
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
