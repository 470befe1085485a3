"""The product running on a fresh database of its own, and the browser in front of it.

For the browser tests and the pictures of the screens; what is looked at stands elsewhere.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Request, WebSocket, sync_playwright

from lib.settings import ROOT
from tests.find_browser import browser_path

START_SECONDS = 180
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""The last one lets the browser find this machine and no other."""


@dataclass(frozen=True)
class House:
    """A server that answers at `url`, and the SQLite file it keeps everything in."""

    url: str
    database: Path

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the server's database, as written by now."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(question, values).fetchall()

    def manage(self, *words: str, typed: str = "") -> str:
        """What a command of ours prints, run beside the server on its database.

        `typed` is what it reads from standard input.

        Raises:
            AssertionError: the command failed; the message is what it said.
        """
        done = subprocess.run(
            [sys.executable, "-m", "lib.manage", *words],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": f"sqlite:///{self.database}"},
            input=typed,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def open_house(folder: Path, *, demonstration: bool = True) -> Iterator[House]:
    """Start the product on an empty database in `folder`, which it fills with its demonstration.

    Without `demonstration` it stays empty.

    Raises:
        RuntimeError: it ended or did not answer in time; the message is its log.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    house = House(f"http://127.0.0.1:{port}", folder / "street.db")
    log = folder / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py"],
            cwd=ROOT,
            env=os.environ
            | {
                "STREAMLIT_SERVER_PORT": str(port),
                "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
                "DATABASE_URL": f"sqlite:///{house.database}",
                "DEMONSTRATION": str(int(demonstration)),
            },
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_answer(server, house.url, log)
        yield house
    finally:
        server.terminate()
        server.wait(20)


def _await_answer(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2)  # noqa: S310  our own server
        except (urllib.error.URLError, OSError):
            try:
                server.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        else:
            return
    raise RuntimeError(log.read_text(encoding="utf-8"))


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The installed Chromium, Chrome or Edge, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(FLAGS))
        yield browser
        browser.close()


def enter(
    context: BrowserContext, house: House, role: str, *, place: str = "", lang: str = "zh"
) -> None:
    """Sign the context in as a role of the demonstration, as the door's buttons do."""
    answer = context.request.post(
        f"{house.url}/session/enter",
        form={"role": role, "place": place, "lang": lang},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()


def note_others(context: BrowserContext, house: House, tried: list[str]) -> None:
    """Note in `tried` what the context asks of anybody but the server; no such host is found."""

    def note(asked: Request | WebSocket) -> None:
        host = urlsplit(asked.url).netloc
        if host and host != urlsplit(house.url).netloc:
            tried.append(asked.url)

    context.on("request", note)
    context.on("page", lambda page: page.on("websocket", note))
