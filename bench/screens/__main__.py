"""What a screen costs on the demonstration street: queries, one rerun, a click on a grid.

Run it as ``python -m bench.screens``; it writes RESULTS.md beside itself.
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from playwright.sync_api import sync_playwright
from streamlit.testing.v1 import AppTest

from lib.demo.load import load_demonstration
from lib.domain.calendar import Period, months_back, running, today
from lib.domain.local_settings import LocalSettings
from lib.domain.permissions import Actor, Role
from lib.persistence.engine import connect
from lib.persistence.migrate import upgrade
from lib.queries import areas, counters, ground, overview, people, pipeline, service, structure
from lib.queries.sessions import actor_of
from lib.services import sessions
from lib.settings import ROOT
from tests.browser.house import FLAGS, open_house
from tests.browser.street_map import SPOT
from tests.find_browser import browser_path

HERE = Path(__file__).parent
ROUNDS = 15

AWAIT_PANEL = """(name) => {
  const now = () => performance.timeOrigin + performance.now();
  const begun = now();
  window.panelShown = new Promise((resolve) => {
    const look = () => {
      if (document.querySelector('.gv-head h1')?.textContent === name) resolve(now());
      else if (now() - begun > 3000) resolve(null);
      else requestAnimationFrame(look);
    };
    look();
  });
  return begun;
}"""

Row = tuple[str, float, float, float]


def timed(work: Callable[[], object], clock: Callable[[], float], rounds: int = ROUNDS) -> Row:
    """Milliseconds of `work` after one run to warm it: name left empty, median, least, most."""
    work()
    taken = []
    for _ in range(rounds):
        start = clock()
        work()
        taken.append((clock() - start) * 1000)
    return "", statistics.median(taken), min(taken), max(taken)


def overview_queries(actor: Actor, token: str, street: int, day: date) -> list[Row]:
    """Every query that the Overview asks, uncached."""
    span = running(Period.MONTH, day)
    year = months_back(day, 11)
    days = {"first": span.first, "last": span.last}
    clock = LocalSettings().clock(day)
    work: dict[str, Callable[[], object]] = {
        "sessions.actor_of": lambda: actor_of(token),
        "counters.positions": lambda: counters.positions(actor),
        "areas.roots": lambda: areas.roots(actor),
        "areas.path": lambda: areas.path(actor, area_id=street),
        "areas.children": lambda: areas.children(actor, area_id=street),
        "areas.painted": lambda: areas.painted(actor, root_id=street),
        "areas.bounds": lambda: areas.bounds(actor, root_id=street),
        "areas.shapes_version": lambda: areas.shapes_version(actor, root_id=street),
        "structure.size": lambda: structure.size(actor, area_id=street),
        "structure.vacancies": lambda: structure.vacancies(actor, area_id=street),
        "people.volunteers": lambda: people.volunteers(actor, area_id=street),
        "service.totals": lambda: service.totals(actor, area_id=street, **days),
        "service.by_month": lambda: service.by_month(actor, area_id=street, first=year, last=day),
        "service.waiting_count": lambda: service.waiting_count(actor, area_id=street),
        "overview.measures": lambda: overview.measures(actor, root_id=street, **days),
        "overview.unsettled": lambda: overview.unsettled(
            actor, area_id=street, late_before=clock.confirmed_before
        ),
        "pipeline.unsettled": lambda: pipeline.unsettled(
            actor, area_id=street, due=pipeline.due_on(clock)
        ),
        "ground.picture": lambda: ground.picture(
            actor, root_id=street, theme="light", language=actor.language
        ),
    }
    return [(name, *timed(query, time.perf_counter)[1:]) for name, query in work.items()]


def overview_rerun(token: str) -> Row:
    """Processor time of one rerun of the Overview, everything it reads being cached."""
    type(st.context).cookies = {sessions.COOKIE: token}  # type: ignore[assignment, method-assign]
    screen = AppTest.from_file(ROOT / "lib" / "main.py", default_timeout=60).run()
    if screen.exception:
        sys.exit(str(screen.exception))
    return ("Overview rerun, processor time", *timed(screen.run, time.process_time)[1:])


def click_to_panel(folder: Path) -> Row:
    """From a click on a grid to its panel, on the grid map of a running server."""
    taken = []
    with open_house(folder) as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(FLAGS))
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.request.post(
            f"{house.url}/session/enter", form={"role": "street_committee"}, max_redirects=0
        )
        page = context.new_page()
        page.goto(f"{house.url}/grids")
        frame = page.frame_locator("iframe")
        frame.locator("html[data-painted]").wait_for(timeout=60_000)
        inner = next(f for f in page.frames if "/component/" in f.url)
        inner.wait_for_function("window.map && Object.keys(map._layers).length > 60")
        grids = house.ask(
            "select name_zh, label_lon, label_lat from area where level = 'grid' order by code"
        )
        corner = page.locator("iframe").bounding_box()
        if corner is None:
            sys.exit("the map has no frame")
        for name, lon, lat in grids:
            if len(taken) == ROUNDS + 2:
                break
            at = inner.evaluate(SPOT, [lon, lat])
            if not (100 < at["x"] < 700 and 120 < at["y"] < 450):
                continue  # under a control, or out of view
            begun = page.evaluate(AWAIT_PANEL, name)
            page.mouse.click(corner["x"] + at["x"], corner["y"] + at["y"])
            shown = page.evaluate("() => window.panelShown")
            if shown:  # else a unit lies there, and opened its card
                taken.append(shown - begun)
        browser.close()
    taken = taken[2:]
    return "click on a grid to its panel", statistics.median(taken), min(taken), max(taken)


def main() -> None:
    """Measure, print and write RESULTS.md."""
    busy = os.getloadavg()[0]
    with TemporaryDirectory() as name:
        folder = Path(name)
        engine = connect(f"sqlite:///{folder / 'street.db'}")
        start = time.perf_counter()
        upgrade(engine, then=load_demonstration)
        loaded = time.perf_counter() - start
        token = sessions.enter_demonstration(Role.STREET_COMMITTEE, None)
        actor = actor_of(token)
        if actor is None or actor.grants[0].area_id is None:
            sys.exit("the demonstration's street committee cannot enter")
        rows = overview_queries(actor, token, actor.grants[0].area_id, today())
        rows.append(overview_rerun(token))
        engine.dispose()
        (folder / "house").mkdir()
        rows.append(click_to_panel(folder / "house"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        "# What a screen costs on the demonstration street",
        "",
        f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()}, Python"
        f" {platform.python_version()}, SQLite; server and browser share the machine. Load average"
        f" before: {busy:.1f}, after: {os.getloadavg()[0]:.1f}.",
        "",
        f"The demonstration (migration, town, pictures, two years of service) loads in {loaded:.1f}"
        " s (wanted: 20).",
        "",
        "| ms | median | least | most | wanted |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    wanted = {"Overview rerun, processor time": 80, "click on a grid to its panel": 450}
    lines += [
        f"| {name} | {median:.1f} | {least:.1f} | {most:.1f} | {wanted.get(name, 20)} |"
        for name, median, least, most in rows
    ]
    text = "\n".join(lines) + "\n"
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
