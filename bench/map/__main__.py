"""Measure the map against raw Leaflet and write `bench/map/RESULTS.md`.

Run `python -m bench.map` in the repository; it needs Chromium and about five minutes. The rounds of
all ways are interleaved in one browser, so that only ratios mean anything elsewhere. Beside the
median stands the lower quartile: where other work shares the machine, it is the less disturbed one.
"""

import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from bench.map.data import SIZES

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIRST_ROUNDS = 7
CHANGE_ROUNDS = 15
Samples = dict[str, list[float]]

# A drawing counts as done two animation frames after it says so, in the page or in its frame. The
# frame's own document is watched as soon as it stands: it may draw before its load event.
WATCH = """
window.gvDrawn = 0;
let said = null;
const settled = (win) => win.requestAnimationFrame(() => win.requestAnimationFrame(() => {
  window.gvDrawn += 1;
  window.gvAt = performance.timeOrigin + performance.now();
}));
const enter = (frame) => {
  const inside = frame.contentDocument;
  if (!inside || inside.URL === 'about:blank') setTimeout(enter, 4, frame);
  else watch(frame.contentWindow);
};
const watch = (win) => {
  const look = (changes) => {
    const text = win.document.getElementById('said')?.textContent;
    if (text !== undefined && text !== said) { said = text; settled(win); }
    if (changes.some((c) => c.attributeName === 'data-painted')) settled(win);
    for (const frame of win.document.querySelectorAll('iframe:not([data-watched])')) {
      frame.dataset.watched = '1';
      enter(frame);
    }
  };
  new MutationObserver(look).observe(win.document, { subtree: true, childList: true,
    characterData: true, attributes: true, attributeFilter: ['data-painted'] });
};
if (window === window.top) watch(window);
"""
SINCE_OPENED = "() => window.gvAt - performance.timeOrigin"
CLICK = """([selector, text]) => new Promise((resolve) => {
  const button = [...document.querySelectorAll(selector)].find((b) => b.innerText.trim() === text
                                                                 || !text);
  const before = window.gvDrawn, start = performance.timeOrigin + performance.now();
  const look = () => window.gvDrawn > before ? resolve(window.gvAt - start) : setTimeout(look, 4);
  button.click();
  look();
})"""


def open_page(browser: Browser, url: str) -> Page:
    """Return a page in a fresh context, so with an empty cache, once it has drawn."""
    page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_function("() => window.gvDrawn > 0", timeout=30_000)
    return page


def first_draws(browser: Browser, base: str, plain: str, size: str) -> Samples:
    """Return milliseconds from opening to drawn, for each way."""
    ways = {
        "empty page": f"{plain}/?page=empty",
        "our empty page": f"{base}/?page=empty",
        "raw": f"{base}/raw?size={size}",
        "map": f"{base}/?size={size}",
    }
    found: Samples = defaultdict(list)
    for _ in range(FIRST_ROUNDS):
        for way, address in ways.items():
            page = open_page(browser, address)
            found[way].append(page.evaluate(SINCE_OPENED))
            page.context.close()
    return found


def changes(browser: Browser, base: str, size: str) -> Samples:
    """Return milliseconds per change for each way, and bytes from the server per change."""
    empty = open_page(browser, base + "/?page=empty")
    raw = open_page(browser, f"{base}/raw?size={size}")
    received: list[int] = []

    def open_ours(control: str) -> Page:
        page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
        page.add_init_script(WATCH)
        page.on("websocket", lambda ws: ws.on("framereceived", lambda f: received.append(len(f))))
        page.goto(f"{base}/?size={size}&control={control}")
        page.wait_for_function("() => window.gvDrawn > 0", timeout=30_000)
        return page

    ours = {"measure": open_ours("measure"), "filter": open_ours("points")}
    found: Samples = defaultdict(list)

    def click(page: Page, way: str, text: str, selector: str = "[role=radio]") -> None:
        page.bring_to_front()
        received.clear()
        found[way].append(page.evaluate(CLICK, [selector, text]))
        page.wait_for_timeout(250)
        if page in ours.values():
            found[f"{way} bytes"].append(sum(received))

    for k in range(CHANGE_ROUNDS):
        measure = "coverage" if k % 2 == 0 else "services"
        click(empty, "empty rerun", measure)
        click(raw, "raw setStyle", "", "body")
        click(ours["measure"], "measure", measure)
        click(ours["filter"], "filter", ("school", "firm", "all")[k % 3])
    for page in (empty, raw, *ours.values()):
        page.context.close()
    return found


def quartile(values: list[float]) -> float:
    """Return the value that a quarter of the rounds stayed under."""
    return statistics.quantiles(values, n=4)[0]


def report(size: str, first: Samples, change: Samples) -> list[str]:
    """Return a size's section of the results."""
    found = first | change
    names = {
        "empty page": "empty page of Streamlit as it comes, first draw",
        "our empty page": "empty page of our server, first draw",
        "raw": "raw Leaflet page, first draw",
        "map": "**our map, first draw**",
        "empty rerun": "empty fragment rerun",
        "raw setStyle": "raw Leaflet, setStyle on every polygon",
        "measure": "**our map, measure change**",
        "filter": "**our map, point filter change**",
    }
    ratios = {
        "measure change / (empty rerun + raw setStyle)": ("measure", "empty rerun", "raw setStyle"),
        "filter change / (empty rerun + raw setStyle)": ("filter", "empty rerun", "raw setStyle"),
        "first draw / (empty Streamlit page + raw first draw)": ("map", "empty page", "raw"),
        "first draw / (our server's empty page + raw)": ("map", "our empty page", "raw"),
    }
    wanted = (1.1, 1.1, 0.9, "")
    lines = [
        "\n## {}: {:,} polygons, {:,} points\n".format(size, *SIZES[size]),
        "| ms | median | lower quartile | range |",
        "| --- | ---: | ---: | ---: |",
    ]
    for way, name in names.items():
        v = found[way]
        middle = statistics.median(v)
        span = f"{min(v):.0f}-{max(v):.0f}"
        lines.append(f"| {name} | {middle:.0f} | {quartile(v):.0f} | {span} |")
    lines += ["\n| ratio | of medians | of quartiles | wanted |", "| --- | ---: | ---: | ---: |"]
    for (name, (ours, *theirs)), most in zip(ratios.items(), wanted, strict=True):
        by = [
            m(found[ours]) / sum(m(found[w]) for w in theirs) for m in (statistics.median, quartile)
        ]
        lines.append(f"| {name} | {by[0]:.2f} | {by[1]:.2f} | {most} |")
    kilobytes = [max(found[f"{way} bytes"]) / 1000 for way in ("measure", "filter")]
    lines.append(
        f"\nTo the browser per change, uncompressed: at most {max(kilobytes):.1f} kB "
        f"(wanted: {25 if size == 'L' else 10})."
    )
    return lines


def machine(browser: Browser) -> str:
    """Return a sentence about where this ran."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{p} {version(p)}" for p in ("streamlit", "folium", "streamlit-folium"))
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()}, "
        f"Python {platform.python_version()}, {packages}, Leaflet 1.9.4, headless Chromium "
        f"{browser.version} without GPU, 1366 x 900. Server and browser share the machine."
    )


PLAIN = """
import sys
sys.modules["uvloop"] = sys.modules["httptools"] = None
from streamlit.web.cli import main
main()
"""


def serve(port: int, folder: str, *, plain: bool = False) -> subprocess.Popen[bytes]:
    """Start the bench's server and return it once it answers.

    A `plain` one is Streamlit as it comes: its own event loop, nothing of ours before it.
    """
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "runner.postScriptGC": "false",
        "browser.gatherUsageStats": "false",
        "logger.hideWelcomeMessage": "true",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    way = ["-m", "streamlit", "run", str(HERE / "app.py")]
    if plain:
        way = ["-c", PLAIN, "run", str(HERE / "screen.py")]
    process = subprocess.Popen(
        [sys.executable, *way, *flags],
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5)
        except (urllib.error.URLError, ConnectionError):
            continue
        return process
    sys.exit("the bench's server did not start")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> None:
    """Measure the sizes named on the command line, else M and L."""
    sizes = sys.argv[1:] or ["M", "L"]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        port, plain_port = free_port(), free_port()
        servers = [serve(port, folder), serve(plain_port, folder, plain=True)]
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            base, plain = (f"http://127.0.0.1:{one}" for one in (port, plain_port))
            lines = ["# The map beside raw Leaflet\n", machine(browser)]
            busy = os.getloadavg()[0]
            for size in sizes:
                first = first_draws(browser, base, plain, size)
                lines += report(size, first, changes(browser, base, size))
        finally:
            browser.close()
            for server in servers:
                server.terminate()
                server.wait()
    lines.append(f"\nLoad average before: {busy:.1f}, after: {os.getloadavg()[0]:.1f}.")
    text = "\n".join(lines) + "\n"
    (HERE / "RESULTS.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
