"""The commands on personal data: forget whose time is over, hand out what is held on one person."""

from argparse import Namespace

from lib.exchange.personal import held_csv, held_json
from lib.i18n.glossary import word
from lib.manage.console import Console
from lib.queries.local_settings import current
from lib.queries.personal import held_on
from lib.services.people import forget_due, note_export
from lib.services.resident import forget_askers


def forget(options: Namespace, console: Console) -> int:
    """Forget everybody whose time is over, or tell how many they are."""
    counts = forget_due(current(None).retention, dry_run=options.dry_run)
    key = "manage.would_forget" if options.dry_run else "manage.forgot"
    for kind, n in counts.items():
        console.say(key, n=n, kind=word(kind, console.language))
    asked = "manage.would_forget_askers" if options.dry_run else "manage.forgot_askers"
    console.say(asked, n=forget_askers(dry_run=options.dry_run))
    return 0


def export(options: Namespace, console: Console) -> int:
    """Print everything held on a person; that it was handed out is entered."""
    held = held_on(None, person_id=options.person)
    note_export(None, person_id=options.person)
    made = held_csv(held, console.language) if options.csv else held_json(held)
    console.line(made.decode("utf-8"))
    return 0
