"""What a page of the library costs with 100 and with 10,000 open projects.

Run it as ``python -m bench.library``; it writes RESULTS.md beside itself.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import delete, insert, select, update

from lib.demo.load import load_demonstration
from lib.domain.calendar import now, today
from lib.domain.permissions import Actor, Role
from lib.domain.vocab import ProjectState, ServiceKind, Skill
from lib.persistence.engine import Writes, connect, engine
from lib.persistence.migrate import upgrade
from lib.persistence.models import Area, Claim, Need, Person, Project, ProjectSkill
from lib.queries import project
from lib.queries.project import Near, Order, Wanted, position
from lib.queries.sessions import actor_of
from lib.services import sessions

HERE = Path(__file__).parent
SIZES = (100, 10_000)
ROUNDS = 30
WANTED = 1.5


def fill(n: int) -> Actor:
    """The demonstration street with exactly so many open projects, every other one claimed."""
    upgrade(engine())
    load_demonstration()
    rng = Random(n)  # noqa: S311 - nothing to guess
    actor = actor_of(sessions.enter_demonstration(Role.STREET_COMMITTEE))
    assert actor is not None
    with Writes.begin() as session:
        session.execute(update(Project).values(last_day=today() - timedelta(days=1), opens_on=None))
        grids = session.scalars(select(Area.id).where(Area.level == "grid", Area.source == "demo"))
        places = list(grids) or list(session.scalars(select(Area.id).where(Area.level == "grid")))
        people = list(session.scalars(select(Person.id).order_by(Person.id)))
        first = (session.scalar(select(Project.id).order_by(Project.id.desc())) or 0) + 1
        numbers = range(first, first + n)
        kinds = list(ServiceKind)
        session.execute(insert(Project), [_project(k, rng, places, kinds, actor) for k in numbers])
        asked = [{"project_id": k, "skill": Skill.REPAIR} for k in numbers if k % 5 == 0]
        session.execute(insert(ProjectSkill), asked)
        session.execute(
            insert(Claim), [_claim(k, rng, people, actor) for k in numbers if k % 2 == 0]
        )
        micro = select(Need.id).where(Need.project_id.in_(numbers))
        session.execute(delete(Need).where(Need.id.in_(micro)))
    return actor


def _project(
    number: int, rng: Random, places: list[int], kinds: list[ServiceKind], actor: Actor
) -> dict[str, object]:
    return {
        "id": number,
        "area_id": rng.choice(places),
        "kind": rng.choice(kinds),
        "beneficiary": "all_residents",
        "title": f"项目{number}",
        "words": "",
        "place": "",
        "entry": "grid",
        "brings": "service",
        "collective": False,
        "capacity": 2,
        "first_day": today(),
        "last_day": today() + timedelta(days=rng.randint(1, 60)),
        "state": ProjectState.PUBLISHED,
        "created_by_id": actor.account_id,
        "created_at": now(),
        "published_at": now(),
        "version": 2,
    }


def _claim(number: int, rng: Random, people: list[int], actor: Actor) -> dict[str, object]:
    return {
        "project_id": number,
        "person_id": rng.choice(people),
        "promised_on": today() + timedelta(days=1),
        "state": "active",
        "claimed_by_id": actor.account_id,
        "claimed_at": now(),
        "version": 1,
    }


def pages(actor: Actor) -> Mapping[str, Callable[[], object]]:
    """Each way to look at a page of the list, uncached, and the counts for the map."""
    street = actor.grants[0].area_id
    here = {"area_id": street, "day": today()}
    near = Near(_grid(), 1000)
    last = project.library(actor, **here).iloc[-1]

    def page(**values: object) -> Callable[[], object]:
        return lambda: project.library(actor, **here, **values)

    return {
        "first page": page(),
        "next page": page(after=position(last, Order.ENDING)),
        "by kind": page(wanted=Wanted(kind=ServiceKind.PATROL.value)),
        "by skill": page(wanted=Wanted(skill=Skill.REPAIR.value)),
        "by entry": page(wanted=Wanted(entry="grid")),
        "on a day": page(wanted=Wanted(on=today() + timedelta(days=10))),
        "newest first": page(order=Order.NEWEST),
        "within 1 km, nearest first": page(wanted=Wanted(near=near), order=Order.NEAREST),
        "counts for the map": lambda: project.by_area(actor, **here),
    }


def _grid() -> int:
    with Writes.begin() as session:
        number = session.scalar(
            select(Project.area_id).where(Project.last_day > today()).order_by(Project.area_id)
        )
    assert number is not None
    return number


def timed(work: Callable[[], object]) -> list[float]:
    """Milliseconds of each round after one to warm it."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def measured(folder: Path) -> dict[int, dict[str, list[float]]]:
    """All rounds by size and way; the sizes take turns, so that load falls on both."""
    actors = {}
    for size in SIZES:
        connect(f"sqlite:///{folder / f'{size}.db'}")
        actors[size] = fill(size)
        engine().dispose()
    found: dict[int, dict[str, list[float]]] = {size: {} for size in SIZES}
    for _ in range(2):
        for size in SIZES:
            connect(f"sqlite:///{folder / f'{size}.db'}")
            for name, work in pages(actors[size]).items():
                found[size].setdefault(name, []).extend(timed(work))
            engine().dispose()
    return found


def main() -> None:
    """Measure and write RESULTS.md."""
    before = os.getloadavg()[0]
    with TemporaryDirectory(prefix="library", ignore_cleanup_errors=True) as name:
        found = measured(Path(name))
    few, many = (found[size] for size in SIZES)
    lines = [
        "# A page of the library",
        "",
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, SQLite."
        f" Load average before: {before:.1f}, after: {os.getloadavg()[0]:.1f}. Milliseconds of the"
        f" quickest of {2 * ROUNDS} rounds, and their median, uncached, asked by the street"
        f" committee; the demonstration street with {SIZES[0]} and with {SIZES[1]:,} open projects."
        f" Wanted: at most {WANTED} times as much.",
        "",
        f"| page of 20 | {SIZES[0]} | {SIZES[1]:,} | ratio | ratio of medians |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for way in few:
        one, other = min(few[way]), min(many[way])
        middle, wide = statistics.median(few[way]), statistics.median(many[way])
        lines.append(
            f"| {way} | {one:.1f} ({middle:.1f}) | {other:.1f} ({wide:.1f}) | {other / one:.2f}"
            f" | {wide / middle:.2f} |"
        )
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
