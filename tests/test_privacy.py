"""The page on privacy against the code: every personal column, and who sees what."""

import re

import pytest

from lib.domain.permissions import BOUND, GRANTED, Permission, Role
from lib.persistence.models import Base
from lib.settings import ROOT

PAGE = (ROOT / "docs" / "privacy.md").read_text("utf-8")
_P = Permission

PERSONAL_TABLES = {
    "person",
    "consent",
    "check_in_request",
    "need_filing",
    "volunteer_profile",
    "volunteer_skill",
    "volunteer_time",
}
"""Tables that hold nothing but what belongs to one person."""

KEYS = {"id", "forgotten_on", "request_id", "version"}
PERSONAL = re.compile(
    r"person_id|.*phone.*|liaison_.*|display_.*|address|agent|e?mail|birth.*|door.*"
)
NOT_OF_PEOPLE = {
    "organisation.address",  # where a unit is
    "consent.person_id",  # which person's consent it is
    "account.person_id",  # emptied when the person is
    "post.person_id",  # the holder's term is the appointment
    "centre_household.person_id",
    "door_try.address",
    "web_session.address",
    "web_session.agent",
}


def table(head: str) -> list[list[str]]:
    """The cells of the table whose first head is this."""
    lines = PAGE.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


def test_held__every_personal_column_of_the_tables_is_told() -> None:
    columns = {
        f"{one.name}.{column.name}"
        for one in Base.metadata.sorted_tables
        for column in one.columns
        if (one.name in PERSONAL_TABLES and column.name not in KEYS)
        or PERSONAL.fullmatch(column.name)
    }
    told = {row[0] for row in table("Column")}
    assert columns - told - NOT_OF_PEOPLE == set()
    there = {
        f"{one.name}.{column.name}" for one in Base.metadata.sorted_tables for column in one.columns
    }
    assert told - there == set()
    assert all(all(cell for cell in row) for row in table("Column"))


def sees(role: Role, permission: Permission) -> bool:
    return role in GRANTED[permission]


def names(role: Role) -> str:
    if sees(role, _P.PERSON_NAME):
        bound = role in (Role.UNIT_LIAISON, Role.TEAM_LEADER) and _P.PERSON_NAME in BOUND
        return "own" if bound else "full"
    return "masked" if sees(role, _P.PERSON_MASKED) else "-"


def number(role: Role) -> str:
    if not sees(role, _P.UNIT_CONTACT):
        return "-"
    return "own" if role is Role.UNIT_LIAISON else "masked"


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_it__as_the_permissions_say(role: Role) -> None:
    rows = {row[0]: row[1:] for row in table("Role")}
    assert set(rows) == {one.value for one in Role}
    assert rows[role.value] == [
        names(role),
        number(role),
        *(
            "yes" if sees(role, permission) else "no"
            for permission in (_P.PERSON_REVEAL, _P.PERSON_KEEP, _P.AUDIT_READ, _P.COUNT_EXACT)
        ),
    ]
