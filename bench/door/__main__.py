"""Whether the door's time tells if an account exists, and how much a storm of sign-ins costs.

Run it as ``python -m bench.door``; it writes RESULTS.md beside itself. The door is asked within
this process, on a fresh SQLite database.
"""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.persistence.engine import Writes, connect
from lib.persistence.migrate import upgrade
from lib.persistence.models import SignInTry
from lib.services.accounts import add_account
from lib.web.gate import MIDDLEWARE
from lib.web.routes import ROUTES

HERE = Path(__file__).parent
TRIES = 200
AT_ONCE = 8
PASSWORD = "correct horse battery"  # noqa: S105 - invented


def forget_tries() -> None:
    """Let every try be a first one: what is measured is the answer, not the wait."""
    with Writes.begin() as session:
        session.execute(delete(SignInTry))


def asked(browser: TestClient, name: str, password: str, status: int) -> float:
    """Milliseconds from the form to the answer."""
    forget_tries()
    begun = time.perf_counter()
    answer = browser.post("/session/open", data={"name": name, "password": password})
    taken = (time.perf_counter() - begun) * 1000
    assert answer.status_code == status, answer.status_code
    return taken


def by_turns(browser: TestClient) -> tuple[list[float], list[float]]:
    """Known and unknown names with a wrong password, by turns: both share what else goes on."""
    known, unknown = [], []
    for number in range(TRIES):
        known.append(asked(browser, "known", "a wrong password", 401))
        unknown.append(asked(browser, f"unknown{number}", "a wrong password", 401))
    return known, unknown


def storm(browser: TestClient) -> float:
    """Sign-ins a second, many at a time, each with the right password."""

    def one(number: int) -> None:
        form = {"name": f"many{number % 40}", "password": PASSWORD}
        assert browser.post("/session/open", data=form).status_code == 303

    forget_tries()
    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(40)))
    return 40 / (time.perf_counter() - begun)


def told(known: list[float], unknown: list[float], longest: float, rate: float) -> str:
    """RESULTS.md."""

    def line(name: str, times: list[float], of: Callable[[list[float]], float]) -> str:
        tenth = statistics.quantiles(times, n=10)
        return f"| {name} | {of(times):.1f} | {tenth[0]:.1f} | {tenth[-1]:.1f} |"

    first, second = statistics.median(known), statistics.median(unknown)
    apart = abs(first - second) / max(first, second) * 100
    return f"""# How long the door takes

`python -m bench.door`, Python {platform.python_version()}, {os.cpu_count()} processors, SQLite. The
machine did other work too.

A wrong password, {TRIES} tries each, by turns:

| name | median, ms | 10 %, ms | 90 %, ms |
| --- | ---: | ---: | ---: |
{line("known", known, statistics.median)}
{line("unknown", unknown, statistics.median)}

The medians are {apart:.1f} % apart; wanted is less than 10 %.

A password of 10,000 characters is answered in {longest:.1f} ms: no longer one than 1,024 is hashed.

{AT_ONCE} browsers at once sign in {rate:.1f} times a second; four passwords are checked at a time,
each in 64 MiB.
"""


def main() -> None:
    """Measure and write."""
    with TemporaryDirectory() as folder:
        upgrade(connect(f"sqlite:///{folder}/door.db"))
        for name in ("known", *(f"many{number}" for number in range(40))):
            add_account(name=name, password=PASSWORD)
        application = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
        with TestClient(application, follow_redirects=False) as browser:
            asked(browser, "known", "a wrong password", 401)
            gc.disable()
            known, unknown = by_turns(browser)
            longest = statistics.median(
                asked(browser, "known", "x" * 10_000, 401) for _ in range(9)
            )
            browser.cookies.clear()
            rate = storm(browser)
    text = told(known, unknown, longest, rate)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
