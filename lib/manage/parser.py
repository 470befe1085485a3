"""The commands' names, options and help, in one language.

What a command does stands in `lib.manage.database`, `lib.manage.users`, `lib.manage.areas` and
`lib.manage.ledgers`.
"""

import argparse
import math
import sys
from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn

from lib.domain.calendar import today
from lib.domain.ledgers import RECORDED, LedgerKind
from lib.domain.permissions import Role
from lib.domain.vocab import Language, Level
from lib.geo.crs import Crs
from lib.i18n.glossary import say

PROGRAM = "python -m lib.manage"
_SCALE_MAX = 50
"""A smaller account would have no whole team left for some of its committees."""

_EXAMPLES = {
    "migrate": ("migrate",),
    "demo": ("demo", "demo --size city", "demo --seed 7 --as-of 2026-03-01", "demo --remove"),
    "start_empty": ("start-empty",),
    "user_add": (
        "user add admin",
        "user add li --role community_secretary --area 310109009001",
        "user add admin --password-stdin < password.txt",
        "user add wang --role grid_secretary --area 310109009001002 --code",
    ),
    "user_list": ("user list", "user list --json"),
    "user_reset": ("user reset li", "user reset li --second-factor"),
    "check": ("check", "check --json", "check --repair-summaries"),
    "seal": ("seal",),
    "replay": ("replay zhongshan", "replay zhongshan --json", "replay zhongshan --scale 10"),
    "release_claims": ("release-claims",),
    "forget": ("forget --dry-run", "forget"),
    "person_export": ("person export 12 > person.json", "person export 12 --csv > person.csv"),
    "import_areas": (
        "import areas streets.geojson --level street --name-field name --id-field osm_id",
        "import areas grids.geojson --level grid --parent 310109009001"
        " --name-field name --code-field code --crs gcj02 --dry-run",
    ),
    **{
        f"import_{kind}": (f"import {kind} {kind}.xlsx", f"import {kind} {kind}.csv --dry-run")
        for kind in LedgerKind
    },
    "import_template": ("import template units units.xlsx", "import template services s.csv"),
    "import_list": ("import list",),
    "import_undo": ("import undo 3",),
    "show_areas": ("show areas", "show areas --level street --json"),
    "locate": ("locate 121.4853 31.2822 --json", "locate 121.4897 31.2803 --crs gcj02"),
}

_EXAMPLES |= {
    "user": _EXAMPLES["user_add"],
    "import": _EXAMPLES["import_areas"],
    "person": _EXAMPLES["person_export"],
    "show": _EXAMPLES["show_areas"],
    "about": tuple(lines[0] for lines in _EXAMPLES.values()),
}

Run = Callable[..., int]


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are sentences in the chosen language."""

    language = Language.ZH

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command and leave with code 2."""
        self.print_usage(sys.stderr)
        self.exit(2, say("manage.usage_error", self.language, message=message) + "\n")


def build_parser(language: Language, runs: dict[str, Run]) -> argparse.ArgumentParser:
    """The parser of all commands; `runs` gives what each one (by its word) calls."""

    def words(name: str) -> str:
        return say(f"manage.{name}", language)

    def command(group: "argparse._SubParsersAction[_Parser]", word: str, name: str) -> _Parser:
        made = group.add_parser(word, help=words(name), **_described(name, words))
        _common(made, words)
        if name in runs:
            made.set_defaults(run=runs[name])
        return made

    _Parser.language = language
    parser = _Parser(prog=PROGRAM, **_described("about", words))
    _common(parser, words)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command(commands, "migrate", "migrate")
    _demo(command(commands, "demo", "demo"), words)
    command(commands, "start-empty", "start_empty")
    users = command(commands, "user", "user").add_subparsers(required=True, metavar="COMMAND")
    _user_add(command(users, "add", "user_add"), words)
    _json(command(users, "list", "user_list"), words)
    reset = command(users, "reset", "user_reset")
    reset.add_argument("name", metavar="NAME", help=words("option_account_name"))
    reset.add_argument("--second-factor", action="store_true", help=words("option_second_factor"))
    checked = command(commands, "check", "check")
    checked.add_argument(
        "--repair-summaries", action="store_true", help=words("option_repair_summaries")
    )
    _json(checked, words)
    command(commands, "seal", "seal")
    _replay(command(commands, "replay", "replay"), words)
    command(commands, "release-claims", "release_claims")
    forgets = command(commands, "forget", "forget")
    forgets.add_argument("--dry-run", action="store_true", help=words("option_dry_run"))
    persons = command(commands, "person", "person").add_subparsers(required=True, metavar="WHAT")
    _person_export(command(persons, "export", "person_export"), words)
    imports = command(commands, "import", "import").add_subparsers(required=True, metavar="WHAT")
    _import_areas(command(imports, "areas", "import_areas"), words)
    for kind in LedgerKind:
        _import_ledger(command(imports, kind, f"import_{kind}"), kind, words)
    _import_template(command(imports, "template", "import_template"), words)
    command(imports, "list", "import_list")
    undo = command(imports, "undo", "import_undo")
    undo.add_argument("batch", metavar="BATCH", type=int, help=words("option_batch"))
    shows = command(commands, "show", "show").add_subparsers(required=True, metavar="WHAT")
    shown = command(shows, "areas", "show_areas")
    shown.add_argument("--level", choices=list(Level), type=str, help=words("option_level"))
    _json(shown, words)
    _locate(command(commands, "locate", "locate"), words)
    return parser


_Words = Callable[[str], str]


def _described(name: str, words: _Words) -> dict[str, Any]:
    lines = [f"  {PROGRAM} {line}" for line in _EXAMPLES[name]]
    return {
        "description": words(name),
        "epilog": "\n".join([words("examples"), *lines]),
        "formatter_class": argparse.RawDescriptionHelpFormatter,
        "add_help": False,
    }


def _common(parser: _Parser, words: _Words) -> None:
    parser.add_argument("-h", "--help", action="help", help=words("option_help"))
    parser.add_argument(
        "--lang", choices=list(Language), default=argparse.SUPPRESS, help=words("option_lang")
    )


def _json(parser: _Parser, words: _Words) -> None:
    parser.add_argument("--json", action="store_true", help=words("option_json"))


def _demo(parser: _Parser, words: _Words) -> None:
    # Like `lib.demo.sizes.Size`, which is imported with the generator only when it is needed.
    sizes = ("street", "district", "city")
    parser.add_argument("--size", choices=sizes, default=sizes[0], help=words("option_size"))
    parser.add_argument("--seed", type=int, default=2, help=words("option_seed"))
    parser.add_argument("--as-of", type=_day, metavar="DAY", help=words("option_as_of"))
    parser.add_argument("--remove", action="store_true", help=words("option_remove"))
    parser.add_argument("--yes", action="store_true", help=words("option_yes"))


def _replay(parser: _Parser, words: _Words) -> None:
    parser.add_argument(
        "place", metavar="PLACE", choices=("zhongshan",), help=words("option_place")
    )
    parser.add_argument("--scale", type=_scale, default=1, metavar="N", help=words("option_scale"))
    _json(parser, words)


def _user_add(parser: _Parser, words: _Words) -> None:
    parser.add_argument("name", metavar="NAME", help=words("option_name"))
    parser.add_argument(
        "--role",
        choices=list(Role),
        default=Role.ADMINISTRATOR,
        type=str,
        help=words("option_role"),
    )
    parser.add_argument("--area", metavar="CODE", help=words("option_area"))
    parser.add_argument("--display", default="", help=words("option_display"))
    parser.add_argument("--subject", metavar="SUB", help=words("option_subject"))
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--password-stdin", action="store_true", help=words("option_password_stdin"))
    how.add_argument("--code", action="store_true", help=words("option_code"))


def _import_areas(parser: _Parser, words: _Words) -> None:
    parser.add_argument("file", metavar="FILE", help=words("option_file"))
    parser.add_argument(
        "--level", choices=list(Level), type=str, required=True, help=words("option_level")
    )
    parser.add_argument("--parent", metavar="CODE", help=words("option_parent"))
    parser.add_argument("--name-field", metavar="F", required=True, help=words("option_name_field"))
    for option in ("name-en", "code", "id"):
        key = f"option_{option.replace('-', '_')}_field"
        parser.add_argument(f"--{option}-field", metavar="F", help=words(key))
    _crs(parser, words)
    parser.add_argument("--dry-run", action="store_true", help=words("option_dry_run"))
    parser.add_argument("--skip-bad", action="store_true", help=words("option_skip_bad"))


def _import_ledger(parser: _Parser, kind: LedgerKind, words: _Words) -> None:
    parser.set_defaults(kind=kind)
    parser.add_argument("file", metavar="FILE", help=words("option_ledger_file"))
    parser.add_argument("--area", metavar="CODE", help=words("option_ledger_area"))
    parser.add_argument("--sheet", metavar="NAME", help=words("option_sheet"))
    parser.add_argument("--report", metavar="OUT.csv", help=words("option_report"))
    parser.add_argument("--dry-run", action="store_true", help=words("option_dry_run"))
    parser.add_argument("--skip-bad", action="store_true", help=words("option_skip_bad_rows"))
    account = words("option_account") if kind in RECORDED else argparse.SUPPRESS
    parser.add_argument("--account", metavar="NAME", help=account)


def _person_export(parser: _Parser, words: _Words) -> None:
    parser.add_argument("person", metavar="ID", type=int, help=words("option_person"))
    parser.add_argument("--csv", action="store_true", help=words("option_csv"))


def _import_template(parser: _Parser, words: _Words) -> None:
    parser.add_argument(
        "kind", metavar="KIND", choices=list(LedgerKind), type=str, help=words("option_ledger")
    )
    parser.add_argument("out", metavar="OUT", help=words("option_out"))


def _locate(parser: _Parser, words: _Words) -> None:
    parser.add_argument("lon", metavar="LON", type=_degrees(180), help=words("option_lon"))
    parser.add_argument("lat", metavar="LAT", type=_degrees(90), help=words("option_lat"))
    _crs(parser, words)
    _json(parser, words)


def _crs(parser: _Parser, words: _Words) -> None:
    parser.add_argument(
        "--crs", choices=list(Crs), default=Crs.WGS84, type=str, help=words("option_crs")
    )


def _degrees(limit: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value) <= limit:
            raise argparse.ArgumentTypeError(
                say("manage.bad_number", _Parser.language, value=text[:40])
            )
        return value

    return read


def _scale(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= _SCALE_MAX:
        raise argparse.ArgumentTypeError(
            say("manage.bad_scale", _Parser.language, value=text[:40], limit=_SCALE_MAX)
        )
    return int(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            say("manage.bad_day", _Parser.language, value=text[:40])
        ) from error
    if day > today():
        raise argparse.ArgumentTypeError(
            say("manage.day_ahead", _Parser.language, limit=today().isoformat())
        )
    return day
