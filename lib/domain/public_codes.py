"""Codes on paper: what each kind opens, at which address, who hands it out and for which areas.

A code opens a form and tells nothing; it is known to everybody who walks past the notice.
"""

from collections.abc import Mapping

from lib.domain.permissions import Permission
from lib.domain.vocab import CodeFor, Level, Topic

CODE_BYTES = 16
CODE_SIGNS = "[A-Za-z0-9_-]{22}"
"""How 128 random bits look in an address."""

OPENS: Mapping[CodeFor, str] = {CodeFor.NEED: "n", CodeFor.CHECK_IN: "c", CodeFor.SERVICE: "s"}
"""The first part of the address that a code of each kind opens."""

RESIDENT = "r"
"""The first part of the address of a resident's own link."""

LINK_DAYS = 180
"""How long a resident's link is good: longer than any need takes."""

BY_CODE = frozenset({OPENS[CodeFor.NEED], OPENS[CodeFor.CHECK_IN], RESIDENT})
"""What opens without a session: the code, or the token, is all that is asked for."""

HANDED_OUT_BY: Mapping[CodeFor, Permission] = {
    CodeFor.NEED: Permission.NEED_SETTLE,
    CodeFor.CHECK_IN: Permission.CHECKIN_REGISTER,
    CodeFor.SERVICE: Permission.PROJECT_EDIT,
}

LEVEL: Mapping[CodeFor, Level] = {CodeFor.NEED: Level.GRID, CodeFor.CHECK_IN: Level.COMMUNITY}
"""Of which areas each has a code; a code for services is of a project."""

SHOWN_WITH: Mapping[CodeFor, Topic] = {
    CodeFor.NEED: Topic.NEED,
    CodeFor.CHECK_IN: Topic.PEOPLE,
    CodeFor.SERVICE: Topic.PROJECT,
}
"""The topic whose screens show that a code was made or renewed."""


def address_of(purpose: CodeFor, code: str) -> str:
    """The path that the code opens, such as ``/n/...``."""
    return f"/{OPENS[purpose]}/{code}"
