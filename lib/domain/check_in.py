"""Rules of checking in (报到): texts, limits, and which check-ins are open.

What the steps are stands in `lib.domain.workflow`.
"""

import re
from collections.abc import Set
from datetime import date

from lib.domain.errors import Problem
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.text import clean, line, too_long
from lib.domain.vocab import CheckInState, VolunteerDuty

PLEDGE_TEXT = "2026-11"
"""Version of the pledge that is signed at checking in (words: ``pledge.text``)."""

OPEN: Set[CheckInState] = frozenset({CheckInState.REGISTERED, CheckInState.PAUSED})
"""States of somebody who is checked in; nobody is so twice."""

CHIEFS: Set[VolunteerDuty] = frozenset(
    {VolunteerDuty.YARD_CHIEF, VolunteerDuty.BUILDING_CHIEF, VolunteerDuty.HOUSEHOLD_CHIEF}
)
"""The three chiefs (三长); the other duties are the eight roles (八员)."""

RADII = (200, 500, 1_000, 2_000, 5_000, 20_000)
"""How far from home somebody helps, in metres: what the form offers, its ends the limits."""

CERTIFICATE_MAX = 40
OLDEST_YEARS = 60
MANY_MAX = 500
"""So many members are checked in at once; longer lists come in parts."""

EXPECTED_MAX = 100_000
WAITING_MAX = 200
"""So many requests wait in one area before its sheet takes no more: somebody plays with it."""

_BETWEEN = re.compile(r"[\t,，;；]")

REQUEST_DAYS = 60
"""A request that nobody answered is dropped after so many days."""


def day_problems(field: str, day: date, today: date, least: date | None = None) -> list[Problem]:
    """Somebody came on a day that has been: not tomorrow, not before `least` nor a life ago."""
    if day > today:
        return [Problem(field, "problem.future", {"today": today.isoformat()})]
    if day.year < today.year - OLDEST_YEARS:
        return [Problem(field, "problem.too_old", {"years": OLDEST_YEARS})]
    if least is not None and day < least:
        return [Problem(field, "problem.before_check_in", {"day": least.isoformat()})]
    return []


def certificate_problems(number: str, *, has_unit: bool) -> list[Problem]:
    """A certificate is a unit's, and its number is short."""
    if number and not has_unit:
        return [Problem("certificate_number", "problem.certificate_without_unit")]
    return too_long("certificate_number", number, CERTIFICATE_MAX)


def radius_problems(radius_m: int | None) -> list[Problem]:
    """A radius between the ends of `RADII`, or none."""
    if radius_m is None or RADII[0] <= radius_m <= RADII[-1]:
        return []
    limits = {"least": RADII[0], "limit": f"{RADII[-1]:,}"}
    return [Problem("radius_m", "problem.out_of_range", limits)]


def parse_members(pasted: str) -> tuple[list[tuple[str, str]], list[Problem]]:
    """Name and certificate number of each line of a pasted list, and what is wrong with it.

    Columns of a spreadsheet come separated by tabs; a comma will do. A number may be left out.
    """
    members: list[tuple[str, str]] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for entry in clean(pasted).splitlines():
        cells = [line(cell) for cell in _BETWEEN.split(entry.strip(), maxsplit=1)]
        name, number = cells[0], cells[1] if len(cells) > 1 else ""
        if not name and not number:
            continue
        if not 1 <= len(name) <= PERSON_NAME_MAX or len(number) > CERTIFICATE_MAX:
            problems.append(Problem("members", "problem.bad_name", {"name": line(entry)[:30]}))
        elif number and number in seen:
            problems.append(Problem("members", "problem.twice", {"name": number}))
        else:
            seen.add(number)
            members.append((name, number))
    if len(members) > MANY_MAX:
        problems.append(Problem("members", "problem.too_many_members", {"limit": MANY_MAX}))
    return members, problems
