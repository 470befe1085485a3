"""Participants as people type or paste them: one name a line, minutes after it if they differ.

It splits text and judges minutes; who the names belong to is looked up elsewhere.
"""

import re
from dataclasses import dataclass

from lib.domain.errors import Problem
from lib.domain.rules import MINUTES_MAX
from lib.domain.text import clean

ROSTER_MAX = 300
PERSON_NAME_MAX = 60
_ENTRY_MAX = PERSON_NAME_MAX + 20
_ENTRY = re.compile(r"[\n\r,，、;；]+")
_MINUTES = re.compile(
    r"^(?P<name>.*?)[\s:：]+(?P<minutes>[-+]?[\d.]+)\s*(?:分钟|分|min(?:utes)?)?$"
)


@dataclass(frozen=True)
class RosterLine:
    """One participant as typed: a name, and minutes."""

    name: str
    minutes: int


def parse_roster(pasted: str, minutes: int) -> tuple[list[RosterLine], list[Problem]]:
    """The lines of a pasted list, and what is wrong with them.

    `minutes` is taken where a line gives none. Pasted columns of Excel come separated by tabs:
    the second cell, if it is a number, is the minutes.
    """
    lines: list[RosterLine] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for part in _ENTRY.split(clean(pasted)):
        entry = " ".join(part.split())
        if not entry:
            continue
        # Searching a line of colons for its minutes takes the square of its length.
        match = _MINUTES.match(entry) if len(entry) <= _ENTRY_MAX else None
        name = match["name"].strip() if match else entry
        own = _whole(match["minutes"]) if match else minutes
        if not name or len(name) > PERSON_NAME_MAX:
            problems.append(Problem("participants", "problem.bad_name", {"name": entry[:30]}))
        elif own is None or not 1 <= own <= MINUTES_MAX:
            problems.append(
                Problem("minutes", "problem.minutes_of", {"name": name, "limit": MINUTES_MAX})
            )
        elif name in seen:
            problems.append(Problem("participants", "problem.twice", {"name": name}))
        else:
            seen.add(name)
            lines.append(RosterLine(name, own))
    if len(lines) > ROSTER_MAX:
        problems.append(Problem("participants", "problem.too_many", {"limit": ROSTER_MAX}))
    return lines, problems


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[-+]?\d{1,6}", text) else None
