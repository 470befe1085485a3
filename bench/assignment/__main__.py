"""How long the assignment of a whole street takes, and what greed would lose.

Run it as ``python -m bench.assignment``; it writes RESULTS.md beside itself. 2,000 openings and
3,000 volunteers are made up as a street might have them; the demonstration is assigned as it is.
"""

import os
import platform
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from lib.demo.load import load_demonstration
from lib.domain.calendar import today
from lib.domain.matching import OPEN_CLAIMS_MAX, Opening, Volunteer, Wanted, mask, occasions
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import DayPart, Language, ServiceKind, Skill
from lib.persistence.engine import connect, engine
from lib.persistence.migrate import upgrade
from lib.queries.assignment import assign
from lib.queries.candidates import Distances
from lib.queries.matching import Facts, facts_below, problem
from lib.queries.suited import scores

HERE = Path(__file__).parent
OPENINGS, VOLUNTEERS, GRIDS = 2000, 3000, 100
RUNS = 5


def street(seed: int) -> tuple[list[Opening], list[Volunteer], Distances]:
    """A street of 2.4 km by 2 km with a hundred grids, invented."""
    chance = Random(seed)  # noqa: S311 - invented
    centres = {n + 1: (121.48 + n % 10 * 0.0025, 31.27 + n // 10 * 0.0018) for n in range(GRIDS)}
    kinds, day = list(ServiceKind), today()
    openings = []
    for n in range(OPENINGS):
        first = day + timedelta(days=chance.randint(0, 20))
        last = first + timedelta(days=chance.choice((0, 0, 7, 30)))
        openings.append(
            Opening(
                Wanted.PROJECT if n % 2 else Wanted.NEED,
                n,
                chance.randint(1, GRIDS),
                chance.choice(kinds),
                occasions=occasions(first, last),
                day=first if first == last else None,
                places=chance.choice((1, 1, 1, 2, 3)) if n % 2 else 1,
            )
        )
    times = [(weekday, part) for weekday in range(7) for part in DayPart]
    volunteers = [
        Volunteer(
            n,
            chance.randint(1, GRIDS),
            chance.choice((None, 500, 800, 1200, 2000)),
            frozenset(chance.sample(list(Skill), chance.randint(0, 3))),
            mask(chance.sample(times, chance.randint(0, 8))),
            frozenset(chance.sample(kinds, chance.randint(0, 2))),
            frozenset(),
            chance.choice((0, 0, 0, 1, 2)),
            day - timedelta(days=chance.randint(0, 300)) if n % 3 else None,
        )
        for n in range(VOLUNTEERS)
    ]
    return openings, volunteers, Distances(centres, frozenset())


def greedy(pairs, *, places, limits, days) -> np.ndarray:
    """The best pair that still fits, again and again."""
    left, free = places.tolist(), limits.tolist()
    taken, busy = np.zeros(len(pairs.worth), bool), set()
    for n in np.argsort(-pairs.worth, kind="stable").tolist():
        opening, volunteer = int(pairs.opening[n]), int(pairs.volunteer[n])
        day = int(days[opening])
        if left[opening] and free[volunteer] and (day < 0 or (volunteer, day) not in busy):
            taken[n] = True
            left[opening] -= 1
            free[volunteer] -= 1
            busy.add((volunteer, day))
    return taken


def kept(pairs, taken, *, places, limits, days) -> bool:
    """Whether an assignment keeps every limit."""
    opening, volunteer = pairs.opening[taken], pairs.volunteer[taken]
    dated = Counter(zip(volunteer.tolist(), days[opening].tolist(), strict=True))
    return (
        bool((np.bincount(opening, minlength=len(places)) <= places).all())
        and bool((np.bincount(volunteer, minlength=len(limits)) <= limits).all())
        and all(n == 1 for (_, day), n in dated.items() if day >= 0)
    )


def compared(facts: Facts) -> list[str]:
    """What the optimum and greed come to: places, filled, sum of scores, and the gap."""
    pairs, bounds = problem(facts)
    best, first = assign(pairs, **bounds), greedy(pairs, **bounds)
    assert kept(pairs, best, **bounds)
    assert kept(pairs, first, **bounds)
    rows = []
    for taken in (best, first):
        rows.append((int(taken.sum()), pairs.worth[taken].sum() / 10))
    (filled, worth), (greedy_filled, greedy_worth) = rows
    return [
        f"{len(facts.openings):,}",
        f"{len(facts.volunteers):,}",
        f"{len(pairs.worth):,}",
        f"{int(bounds['places'].sum()):,}",
        f"{filled:,} / {greedy_filled:,}",
        f"{worth:,.0f} / {greedy_worth:,.0f}",
        f"{1 - greedy_filled / filled:.1%} / {1 - greedy_worth / worth:.1%}",
    ]


def made_up() -> tuple[list[str], list[float], list[float], list[float]]:
    """The made-up street: its figures, seconds of scoring, of solving and of processor by run."""
    openings, volunteers, apart = street(7)
    scoring, solving, processor = [], [], []
    for _ in range(RUNS):
        began, used = time.perf_counter(), time.process_time()
        worth = scores(openings, volunteers, apart, today())
        facts = Facts(openings, volunteers, apart=apart, worth=worth)
        scored = time.perf_counter()
        pairs, bounds = problem(facts)
        assign(pairs, **bounds)
        scoring.append(scored - began)
        solving.append(time.perf_counter() - scored)
        processor.append(time.process_time() - used)
    return compared(facts), scoring, solving, processor


def demonstration() -> tuple[list[str], float]:
    """The demonstration's figures, and seconds of reading, scoring and solving."""
    with TemporaryDirectory(prefix="assignment", ignore_cleanup_errors=True) as name:
        connect(f"sqlite:///{name}/street.db")
        upgrade(engine())
        load_demonstration()
        actor = Actor(1, "", "", Language.EN, None, (Grant(Role.ADMINISTRATOR, None),))
        began = time.perf_counter()
        facts = facts_below(actor, None, today())
        pairs, bounds = problem(facts)
        assign(pairs, **bounds)
        seconds = time.perf_counter() - began
        engine().dispose()
        return compared(facts), seconds


def main() -> None:
    """Measure and write RESULTS.md."""
    before = os.getloadavg()[0]
    street_row, scoring, solving, processor = made_up()
    demo_row, demo_seconds = demonstration()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    together = sorted(one + other for one, other in zip(scoring, solving, strict=True))
    lines = [
        "# How long the assignment of a whole street takes",
        "",
        f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()}, Python"
        f" {platform.python_version()}. Load average before: {before:.1f}, after:"
        f" {os.getloadavg()[0]:.1f}.",
        "",
        f"The made-up street has {OPENINGS:,} openings with one to three places and"
        f" {VOLUNTEERS:,} volunteers with up to {OPEN_CLAIMS_MAX} promises each. Wanted: 5 s at the"
        f" optimum. Of {RUNS} runs, scoring every pair and assigning took {together[0]:.2f} to"
        f" {together[-1]:.2f} s, median {together[RUNS // 2]:.2f} s: scoring"
        f" {sorted(scoring)[RUNS // 2]:.2f} s, assigning {sorted(solving)[RUNS // 2]:.2f} s; of the"
        f" processor {min(processor):.2f} to {max(processor):.2f} s. The"
        f" demonstration was read, scored and assigned in {demo_seconds:.2f} s.",
        "",
        "Greed takes the best pair that still fits, again and again. Gaps are shares of the optimum"
        " that greed leaves.",
        "",
        "| street | openings | volunteers | pairs possible | places | filled, optimum / greed"
        " | sum of scores, optimum / greed | gap in places / scores |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        f"| made up | {' | '.join(street_row)} |",
        f"| demonstration | {' | '.join(demo_row)} |",
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
