"""The commands on accounts: add one, hand out a code, list them.

They ask, call services and queries, and print; rules stand elsewhere.
"""

import sys
from argparse import Namespace
from getpass import getpass

import pandas as pd

from lib import settings
from lib.domain.errors import Refusal
from lib.domain.permissions import Role
from lib.i18n import formats
from lib.i18n.glossary import named, say, word
from lib.manage.console import Console
from lib.queries import accounts
from lib.services.accounts import Issued, add_account, issue_code


def user_add(options: Namespace, console: Console) -> int:
    """Add an account; the password is asked for, read from standard input, or left to a code."""
    role = Role(options.role)
    issued = add_account(
        name=options.name,
        password=None if options.code else _password(options, console),
        role=role,
        area_code=options.area,
        display_zh=options.display,
        display_en=options.display,
        language=console.language,
        subject=options.subject,
    )
    console.say("manage.user_added", name=options.name, role=word(role, console.language))
    if issued is not None:
        _tell(issued, console)
    return 0


def user_reset(options: Namespace, console: Console) -> int:
    """Print a one-time code with which the account sets a new password."""
    number = accounts.number_of(options.name)
    if number is None:
        raise Refusal("manage.no_account", name=options.name)
    _tell(issue_code(None, number, remove_second=options.second_factor), console)
    return 0


def user_list(options: Namespace, console: Console) -> int:
    """Print every account with its roles, and whether and how it signs in."""
    listed = accounts.listing()
    if options.json:
        console.json([{k: _plain(v) for k, v in row.items()} for row in listed.to_dict("records")])
    elif listed.empty:
        console.note("manage.no_accounts")
    else:
        _table(listed, console)
    return 0


def _tell(issued: Issued, console: Console) -> None:
    until = formats.instant(issued.expires_at, console.language)
    console.say("manage.user_code", name=issued.name, code=issued.code, until=until)


def _table(listed: pd.DataFrame, console: Console) -> None:
    language = console.language
    heads = ("account", "display", "roles", "password", "second", "seen", "closed")
    rows = [
        [
            row.name,
            named(row.display_zh, row.display_en, language),
            ", ".join(word(Role(role), language) for role in row.roles) or "-",
            say(f"manage.password_{row.password}", language) if row.password else "-",
            "+" if row.second_factor else "-",
            "-" if pd.isna(row.seen_at) else formats.instant(row.seen_at, language),
            "-" if pd.isna(row.closed_on) else formats.day(row.closed_on, language),
        ]
        for row in listed.itertuples(index=False)
    ]
    console.table([say(f"manage.head_{head}", language) for head in heads], rows)


def _plain(value: object) -> object:
    if isinstance(value, (bool, list)) or value is None:
        return value
    return None if pd.isna(value) else str(value)


def _password(options: Namespace, console: Console) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked = say("manage.ask_password", console.language, least=settings.password_least())
    first = getpass(asked)
    if getpass(say("manage.ask_again", console.language)) != first:
        raise Refusal("manage.passwords_differ")
    return first
