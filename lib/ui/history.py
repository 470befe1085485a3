"""The history of an area and what stands in it, in words: who changed what, and when.

Which entries somebody may read is decided by `lib.queries.history`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor, Role
from lib.domain.vocab import Level, PostKind
from lib.i18n import formats
from lib.i18n.glossary import catalogue, word
from lib.queries import history
from lib.ui.editing import said
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped
from lib.ui.session import language, name_of, t

_HEIGHT, _SHORT = 380, 4
_ACTIONS = {
    "area.add": "history.area_add",
    "area.edit": "history.area_edit",
    "area.close": "history.area_close",
    "area.reopen": "history.area_reopen",
    "area.move": "history.area_move",
    "branch.set_up": "history.branch_set_up",
    "branch.rename": "history.branch_rename",
    "building_group.add": "history.group_add",
    "centre_household.add": "history.centre_add",
    "post.add": "history.post_add",
    "office.appoint": "history.appoint",
    "office.hand_over": "history.hand_over",
    "office.end": "history.end",
    "office.term": "history.term",
    "building.add": "history.building_add",
    "building.edit": "history.building_edit",
    "estate.add": "history.estate_add",
    "estate.edit": "history.estate_edit",
}
_DAYS = frozenset({"valid_from", "valid_until", "since", "until", "ended_on", "counted_on"})
_MEMBERS = {"kind": PostKind, "level": Level}


def card(actor: Actor, area_id: int) -> None:
    """The latest changes of the area, its offices, buildings and estates."""
    rows = read(history.of_area, actor, area_id=area_id)
    height: Literal["content"] | int = _HEIGHT if len(rows) > _SHORT else "content"
    with st.container(border=True, key="card_history", height=height):
        card_title(t("history.title"), t("history.note"))
        _entries(rows)


def office(actor: Actor, area_id: int, kind: str, number: int) -> None:
    """The changes of one office, as lines."""
    rows = read(history.of_area, actor, area_id=area_id, subject=(kind, number))
    _entries(rows)


def _entries(rows: pd.DataFrame) -> None:
    if rows.empty:
        empty(t("history.none"))
    else:
        st.html("".join(_entry(row) for _, row in rows.iterrows()))


def _entry(row: pd.Series) -> str:
    key = _ACTIONS.get(row["action"])
    what = t(key) if key else row["action"]
    who = (
        t("history.command_line")
        if row["who_zh"] is None
        else f"{name_of(row['who_zh'], row['who_en'])} · {word(Role(row['role']), language())}"
    )
    lines = "".join(f"<em>{escaped(line)}</em>" for line in _changes(row["changes"]))
    at = formats.instant(row["at"], language())
    return (
        f'<div class="gv-row two wrap"><div><b>{escaped(what)} · {escaped(row["label"])}</b>'
        f"{lines}<em>{escaped(at)} · {escaped(who)}</em></div></div>"
    )


def _changes(changes: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, values in changes.items():
        key = f"field.{name}"
        field = t(key) if key in catalogue() else name
        if values is None:
            lines.append(t("history.personal", field=field))
        else:
            before, after = (_value(name, value) for value in values)
            lines.append(t("form.changed_line", field=field, before=before, now=after))
    return lines


def _value(name: str, value: object) -> str:
    if isinstance(value, str) and name in _DAYS:
        return formats.day(date.fromisoformat(value), language())
    if isinstance(value, str) and name in _MEMBERS:
        return word(_MEMBERS[name](value), language())
    return said(value)
