"""The commands on the database as a whole: schema, demonstration, check.

They ask, call services and queries, and print; rules stand elsewhere.
"""

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum

from lib.domain.errors import Refusal
from lib.domain.vocab import Language
from lib.i18n.formats import instant
from lib.i18n.glossary import say, word
from lib.manage.console import Console
from lib.queries.chain import newest, status
from lib.queries.check import problems
from lib.queries.proof import proof
from lib.services.chain import seal_all
from lib.services.claim import release_claims as release_due
from lib.services.installation import repair_summaries
from lib.services.installation import start_empty as begin_empty


def migrate(_options: Namespace, console: Console) -> int:
    """Say that the schema is current; every command brings it there first."""
    console.say("manage.migrated")
    return 0


def demo(options: Namespace, console: Console) -> int:
    """Load the demonstration street, or take it out; whoever sits at a screen is asked first."""
    # The generator and its geometry are needed by this command alone.
    from lib.demo.load import load_demonstration, remove_demonstration
    from lib.demo.sizes import Size, streets

    if not options.remove:
        load_demonstration(
            seed=options.seed,
            as_of=options.as_of,
            plan=streets(Size(options.size)),
            progress=console.progress,
        )
        console.say("manage.demo_loaded")
        return 0
    ask = sys.stdin.isatty() and not options.yes
    if ask and _asked("manage.ask_remove", console) != "yes":
        raise Refusal("manage.not_confirmed")
    remove_demonstration(progress=console.progress)
    console.say("manage.demo_removed")
    return 0


def start_empty(_options: Namespace, console: Console) -> int:
    """Begin without the demonstration."""
    begin_empty()
    console.say("manage.started_empty")
    return 0


def check(options: Namespace, console: Console) -> int:
    """Print what does not agree in the data; 1 where anything was found.

    Summaries are counted anew before where that was asked for.
    """
    if options.repair_summaries:
        repair_summaries()
    found = problems()
    if not options.json:
        _say_unsealed(console)
        console.note("manage.proof", **asdict(proof()))
    rows = [
        {
            "kind": row.kind,
            "subject": row.subject,
            "id": row.id,
            "problem": row.key,
            "reason": say(row.key, console.language, **_words(row.values, console.language)),
        }
        for row in found.itertuples()
    ]
    if options.json:
        console.json(rows)
        return 1 if rows else 0
    for row in rows:
        console.say("manage.problem_of_all" if row["id"] is None else "manage.problem", **row)
    if rows:
        console.say("manage.problems", n=len(rows))
        return 1
    console.say("manage.all_well")
    return 0


def _say_unsealed(console: Console) -> None:
    chain = status(recompute=0)
    if chain.oldest is None:
        console.note("manage.all_sealed", n=chain.seals)
    else:
        at = instant(chain.oldest, console.language)
        console.note("manage.unsealed", n=chain.unsealed, at=at, seals=chain.seals)


def release_claims(_options: Namespace, console: Console) -> int:
    """Let claims lapse that nobody began by their promised day."""
    console.say("manage.released", n=release_due())
    return 0


def seal(_options: Namespace, console: Console) -> int:
    """Seal what is not sealed yet and say where the chain stands, to be written down elsewhere."""
    made = seal_all()
    head = newest()
    if head is None:
        console.say("manage.nothing_to_seal")
    else:
        console.say("manage.sealed", n=made, number=head[0], digest=head[1])
    return 0


def _words(values: Mapping[str, object], language: Language) -> dict[str, object]:
    return {k: word(v, language) if isinstance(v, StrEnum) else v for k, v in values.items()}


def _asked(key: str, console: Console) -> str:
    sys.stderr.write(say(key, console.language))
    sys.stderr.flush()
    return sys.stdin.readline().strip()
