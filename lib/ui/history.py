"""The history of an area and what stands in it, in words: who changed what, and when.

Which entries somebody may read is decided by `lib.queries.history`.
"""

from typing import Literal

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.i18n import formats
from lib.queries import history
from lib.ui import trail
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped
from lib.ui.session import language, t

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
