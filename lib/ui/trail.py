"""An audit entry in words: what was done, to what, and what it said before and after.

Which entries somebody may read is decided by the queries.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd

from lib.domain.ledgers import LedgerKind
from lib.domain.permissions import Role
from lib.domain.vocab import (
    Beneficiary,
    Level,
    Net,
    PostKind,
    ServiceKind,
    ServiceState,
    UnitKind,
)
from lib.i18n import formats
from lib.i18n.glossary import catalogue, word
from lib.ui.editing import said
from lib.ui.session import called, language, name_of, t

_DAYS = frozenset(
    {"valid_from", "valid_until", "since", "until", "ended_on", "counted_on", "closed_on", "day"}
)
_MEMBERS: Mapping[str, tuple[type[StrEnum], ...]] = {
    "kind": (PostKind, ServiceKind, UnitKind),
    "level": (Level,),
    "net": (Net,),
    "state": (ServiceState,),
    "beneficiary": (Beneficiary,),
    "role": (Role,),
}


def deed(action: str, *, refused: bool = False) -> str:
    """What was done, or attempted in vain; an action of another version stays as it is written."""
    if refused:
        return t("log.refused", what=attempt(action))
    return _known("action", action)


def attempt(permission: str) -> str:
    """What a permission lets somebody do."""
    return _known("attempt", permission)


def subject(kind: str, label: str, number: int | None = None) -> str:
    """What it was done to."""
    name = _known("subject", kind)
    if kind == "local_setting":
        label = _known("field", label)
    return f"{name} {label or (number if number is not None else '')}".strip()


def who(row: pd.Series) -> str:
    """Whoever acted and in which role; the command line acts in nobody's name."""
    if row["who_zh"] is None:
        return t("history.command_line")
    name = name_of(row["who_zh"], row["who_en"])
    return f"{name} · {word(Role(row['role']), language())}" if row["role"] else name


def changes(changed: Mapping[str, Any]) -> list[str]:
    """One line for each field; of a personal one only that it changed."""
    lines = []
    for name, values in changed.items():
        field = _known("field", name)
        if values is None:
            lines.append(t("history.personal", field=field))
        else:
            before, after = (_value(name, value) for value in values)
            lines.append(t("form.changed_line", field=field, before=before, now=after))
    return lines


def _known(section: str, name: str) -> str:
    key = f"{section}.{name}"
    return t(key) if key in catalogue() else name


def _value(name: str, value: object) -> str:
    if not isinstance(value, str):
        return said(value)
    if name in _DAYS:
        return formats.day(date.fromisoformat(value), language())
    for members in _MEMBERS.get(name, ()):
        if value in list(members):
            return called(members(value))
    if name == "kind" and value in list(LedgerKind):
        return t(f"ledgerkind.{value}")
    return said(value)
