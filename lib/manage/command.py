"""Running one command: its language, its database, and every failure as a sentence.

What each command does stands in `lib.manage.database`, `lib.manage.users`, `lib.manage.areas` and
`lib.manage.ledgers`.
"""

import os
from collections.abc import Mapping, Sequence

from filelock import Timeout
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from lib import settings
from lib.domain.errors import Refusal
from lib.domain.ledgers import LedgerKind
from lib.domain.vocab import Language
from lib.i18n.glossary import catalogue, say, sentence
from lib.manage import areas, database, ledgers, people, replay, users
from lib.manage.console import Console
from lib.manage.parser import build_parser
from lib.persistence.engine import connect
from lib.persistence.migrate import upgrade
from lib.start import reason_of

_RUNS = {
    "migrate": database.migrate,
    "demo": database.demo,
    "start_empty": database.start_empty,
    "user_add": users.user_add,
    "user_list": users.user_list,
    "user_reset": users.user_reset,
    "check": database.check,
    "seal": database.seal,
    "replay": replay.replay,
    "release_claims": database.release_claims,
    "forget": people.forget,
    "person_export": people.export,
    "import_areas": areas.import_areas,
    **{f"import_{kind}": ledgers.import_rows for kind in LedgerKind},
    "import_template": ledgers.template,
    "import_list": ledgers.show_imports,
    "import_undo": ledgers.undo,
    "show_areas": areas.show_areas,
    "locate": areas.locate,
}


def main(arguments: Sequence[str]) -> int:
    """Run a command; 0 fine, 1 refused or problems found.

    Raises:
        SystemExit: 2 where the command is not understood, 0 after its help.
    """
    language = language_of(arguments, os.environ)
    options = build_parser(language, _RUNS).parse_args(arguments)
    console = Console(language)
    try:
        _open()
        code: int = options.run(options, console)
        return code
    except KeyboardInterrupt:
        console.note("manage.stopped")
        return 1
    except (Refusal, ArgumentError, DBAPIError, Timeout, OSError) as failure:
        said = _sentence(failure, language)
        if said is None or isinstance(failure, BrokenPipeError):
            raise
        console.warn(said)
        return 1


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language asked for by ``--lang``, else English where the locale is, else Chinese."""
    given = [*arguments, ""]
    for position, argument in enumerate(arguments):
        value = argument.partition("=")[2] if "=" in argument else given[position + 1]
        if argument.partition("=")[0] == "--lang" and value in list(Language):
            return Language(value)
    locale = environment.get("LC_ALL") or environment.get("LANG") or ""
    return Language.EN if locale.lower().startswith("en") else Language.ZH


def _open() -> None:
    url = settings.database_url()
    if make_url(url).get_backend_name() not in ("sqlite", "postgresql"):
        raise ArgumentError("neither SQLite nor PostgreSQL")
    upgrade(connect(url))


def _sentence(failure: Exception, language: Language) -> str | None:
    """What to say; of the database as at the start of the server, where no form is open."""
    reason = reason_of(failure)
    if isinstance(failure, Refusal) and (reason is None or reason[0] == failure.code):
        return sentence(failure, language)
    if reason is not None and reason[0] in catalogue():
        return say(reason[0], language, **reason[1])
    return sentence(failure, language) if isinstance(failure, Refusal) else None
