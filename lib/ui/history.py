"""Histories in words: who changed what in an area, and which steps a record took.

Which entries somebody may read is decided by `lib.queries.history`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Literal, TypeVar

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.vocab import StatusToken
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import history
from lib.ui import trail
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.session import language, name_of, t

State = TypeVar("State", bound=StrEnum)

_HEIGHT, _SHORT = 380, 4


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


def steps(rows: pd.DataFrame, status: Mapping[State, StatusToken]) -> None:
    """The steps of a record, rows of `lib.queries.service.STEP_COLUMNS`, oldest first."""
    st.html("".join(_step(row, status) for _, row in rows.iterrows()))


def steps_box(
    actor: Actor,
    query: Callable[..., pd.DataFrame],
    status: Mapping[State, StatusToken],
    *,
    key: str,
    **number: int,
) -> None:
    """The button that shows a record's steps; they are read only while it is open."""
    box = st.popover(t("records.history"), icon=":material/history:", key=key, on_change="rerun")
    if box.open:
        with box:
            steps(read(query, actor, **number), status)


def _step(step: pd.Series, status: Mapping[State, StatusToken]) -> str:
    state = next(one for one in status if one == step["target"])
    by = name_of(step["by_zh"], step["by_en"]) if step["by_zh"] else t("history.by_itself")
    reason = f"<em>{escaped(step['reason'])}</em>" if step["reason"] else ""
    return (
        f'<div class="gv-row">{status_html(status[state], word(state, language()))}'
        f"<div><b>{escaped(by)}</b>{reason}</div>"
        f"<em>{escaped(formats.instant(step['at'], language()))}</em></div>"
    )


def _entries(rows: pd.DataFrame) -> None:
    if rows.empty:
        empty(t("history.none"))
    else:
        st.html("".join(_entry(row) for _, row in rows.iterrows()))


def _entry(row: pd.Series) -> str:
    what = trail.deed(row["action"])
    lines = "".join(f"<em>{escaped(line)}</em>" for line in trail.changes(row["changes"]))
    at = formats.instant(row["at"], language())
    return (
        f'<div class="gv-row two wrap"><div><b>{escaped(what)} · {escaped(row["label"])}</b>'
        f"{lines}<em>{escaped(at)} · {escaped(trail.who(row))}</em></div></div>"
    )
