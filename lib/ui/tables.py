"""Tables of which a reader chooses one row, and how a column of counts is written in any table.

What a chosen row leads to is the caller's to say.
"""

from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.few import is_few
from lib.i18n import formats
from lib.ui import act

_ROW = 35


def counted(counts: pd.Series) -> pd.Series:
    """A column of counts as whole numbers, or in words where one of them is not told exactly."""
    return counts.map(formats.count) if counts.map(is_few).any() else counts.astype("int64")


def choose_row(
    table: pd.DataFrame,
    *,
    key: str,
    alt: str,
    height: int,
    column_config: dict[str, Any] | None = None,
) -> int | None:
    """Draw the table, at most `height` pixels high; the place of the chosen row, or None."""
    picked = st.dataframe(
        table,
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height=min(height, 38 + _ROW * len(table)),
        column_config=column_config,
        alt=alt,
    )["selection"]["rows"]
    return int(picked[0]) if picked else None


def take_row(table: pd.DataFrame, *, form: str, key: str, alt: str, height: int) -> int | None:
    """Like `choose_row`, but what was chosen is told once and stays no longer chosen.

    Else the row would stay marked, and another one stand there later.
    """
    picked = choose_row(table, key=f"{form}_{key}_{act.generation(form)}", alt=alt, height=height)
    if picked is not None:
        act.renew(form)
    return picked


def newly(key: str, number: int | None) -> bool:
    """Whether the chosen row's number is another than in the last run; none is never new."""
    before, st.session_state[key] = st.session_state.get(key), number
    return number is not None and number != before
