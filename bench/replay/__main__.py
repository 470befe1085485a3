"""How long the whole account of Zhongshan takes to be played, and what it needs.

Run it as ``python -m bench.replay`` on a machine that does nothing else; it writes RESULTS.md
beside itself.
"""

import os
import platform
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.domain.vocab import Language
from lib.manage.console import Console
from lib.persistence.engine import connect
from lib.persistence.migrate import upgrade
from lib.queries.account import everything, figures
from lib.queries.check import problems
from lib.queries.proof import proof
from lib.replay.figures import account
from lib.replay.zhongshan import PLACE, play

HERE = Path(__file__).parent
WANTED = 180


def main() -> None:
    """Play it once into a fresh SQLite file, compare every figure, and write the results."""
    load = os.getloadavg()[0]
    with TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/street.db")
        upgrade(engine)
        begun, work = time.perf_counter(), time.process_time()
        actor = play(progress=Console(Language.EN).progress)
        taken, work = time.perf_counter() - begun, time.process_time() - work
        asked = time.perf_counter()
        found = figures(actor, area_id=None, span=everything()).set_index("key")["value"]
        asked = time.perf_counter() - asked
        wrong = [f.key for f in account(PLACE) if found[f.key] < f.value]
        flaws, proved = len(problems()), proof()
        megabytes = Path(folder, "street.db").stat().st_size / 2**20
        engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        "# How long the replay takes",
        "",
        f"`python -m bench.replay`, Python {platform.python_version()},"
        f" {os.cpu_count()} processors, SQLite, load {load:.1f} before it and"
        f" {os.getloadavg()[0]:.1f} after it.",
        "",
        "| what | wanted | found |",
        "| --- | ---: | ---: |",
        f"| the whole account, wall clock | {WANTED} s | {taken:.0f} s |",
        f"| the same, processor time | | {work:.0f} s |",
        f"| memory at most | | {peak:.0f} MiB |",
        f"| the database | | {megabytes:.0f} MiB |",
        f"| all {len(found)} figures asked once | | {asked * 1000:.0f} ms |",
        f"| figures below the account's | 0 | {len(wrong)} |",
        f"| what the check finds | 0 | {flaws} |",
        f"| confirmed claims, with everything behind them | | {proved.claims},"
        f" {min(proved.needs, proved.services, proved.participations, proved.confirmers)} |",
        "",
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
