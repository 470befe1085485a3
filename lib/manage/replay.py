"""The command that plays a published account into an empty database and tells its figures.

What is played stands in `lib.replay`, what is counted in `lib.queries.account`.
"""

from argparse import Namespace

from lib.i18n import formats
from lib.i18n.glossary import say
from lib.manage.console import Console
from lib.queries.account import everything, figures


def replay(options: Namespace, console: Console) -> int:
    """Play the account, then print every figure as the records tell it."""
    # The plan and its words are needed by this command alone.
    from lib.replay.figures import account
    from lib.replay.zhongshan import PLACE, play

    actor = play(scale=options.scale, progress=console.progress)
    found = figures(actor, area_id=None, span=everything()).set_index("key")["value"]
    values = {figure.key: found[figure.key] for figure in account(PLACE)}
    if options.json:
        console.json([{"key": key, "value": _plain(n)} for key, n in values.items()])
        return 0
    words = console.language
    console.table(
        [say(f"account.{column}", words) for column in ("figure", "value", "rule")],
        [
            [
                say(f"account.{key}", words),
                formats.count(n),
                say(f"account.rule_{key}", words),
            ]
            for key, n in values.items()
        ],
    )
    return 0


def _plain(n: float) -> float:
    return int(n) if n == int(n) else float(n)
