"""A chart as a card: picture, sentence, table, file, and the way from each mark to its records.

It knows no query and no measure: what is drawn, said and listed comes from the caller.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import Span
from lib.domain.permissions import Actor
from lib.domain.vocab import ServiceState
from lib.i18n import formats
from lib.ui.page import card_title, download, empty
from lib.ui.pages import go, opens
from lib.ui.place import Place
from lib.ui.session import language, t
from lib.ui.theme import theme
from lib.visuals import charts

Query = Mapping[str, str]
"""The URL's query of the screen that shows the records."""

RECORDS = "records"


@dataclass(frozen=True)
class Chart:
    """What one card shows.

    Attributes:
        key: Sets the card's widgets apart; also the name of its file.
        title: Heading.
        note: What is counted, and over which days.
        sentence: The chart in one sentence, for those who cannot see it.
        rows: What is drawn, a row for each mark.
        table: The same figures with headings in words; its k-th row is the k-th of `rows`.
        queries: For each row, the records behind it.
        screens: For each row, the screen that shows them; none given, all are services' records.
    """

    key: str
    title: str
    note: str
    sentence: str
    rows: pd.DataFrame
    table: pd.DataFrame
    queries: tuple[Query, ...]
    screens: tuple[str, ...] = ()

    def leads(self, actor: Actor) -> bool:
        """Whether any of its marks leads somewhere that the actor may go."""
        return any(opens(actor, screen) for screen in self.screens or (RECORDS,))


def records_of(place: Place, span: Span, **more: str) -> Query:
    """The confirmed records of a place and days, narrowed by more of the URL's query."""
    days = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    return {"area": place.code, **days, "state": ServiceState.CONFIRMED.value, **more}


def said(span: Span) -> str:
    """Both ends of the days, in full."""
    first, last = formats.day(span.first, language()), formats.day(span.last, language())
    return t("list.days", first=first, last=last)


def nothing(key: str, title: str, words: str) -> None:
    """A card that has nothing to draw."""
    with st.container(border=True, key=f"card_{key}"):
        card_title(title)
        empty(words)


def show(actor: Actor, chart: Chart, draw: Callable[..., Any], **options: object) -> None:
    """Draw the card by `draw` of `lib.visuals.charts`, which gets the rows and `options`.

    A clicked mark, or a chosen row of the table, leads to its records, where the actor may see
    them. The table is filled only while it is open.
    """
    leads = chart.leads(actor)
    rows = chart.rows.assign(id=[str(k) for k in range(len(chart.rows))])
    # A click would say nothing to somebody who may not read the records.
    drawn = rows if leads else chart.rows
    with st.container(border=True, key=f"card_{chart.key}"):
        card_title(chart.title, chart.note)
        picked = st.vega_lite_chart(
            specification(draw, drawn, **options),
            width="stretch",
            theme=None,
            key=f"chart_{chart.key}",
            on_select="rerun" if leads else "ignore",
            alt=chart.sentence,
        )
        if leads:
            _follow(actor, chart, [int(mark["id"]) for mark in _marks(picked)])
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(chart.sentence)
            _table(actor, chart, leads=leads)


def _marks(picked: Any) -> list[dict[str, str]]:  # noqa: ANN401 - Streamlit's own answer
    marks: list[dict[str, str]] = picked["selection"].get(charts.MARK, [])
    return marks


def _follow(actor: Actor, chart: Chart, numbers: list[int]) -> None:
    if not numbers or numbers[0] >= len(chart.queries):
        return
    screen = chart.screens[numbers[0]] if chart.screens else RECORDS
    if opens(actor, screen):
        go(screen, **chart.queries[numbers[0]])


def _table(actor: Actor, chart: Chart, *, leads: bool) -> None:
    box = st.popover(
        t("chart.as_table"),
        icon=":material/table_rows:",
        key=f"table_box_{chart.key}",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        if leads:
            st.caption(t("chart.row_leads"))
        chosen: Any = st.dataframe(
            chart.table,
            hide_index=True,
            key=f"table_{chart.key}",
            on_select="rerun" if leads else "ignore",
            selection_mode="single-row",
            alt=chart.sentence,
        )
        download(chart.key, chart.title, chart.table)
        if leads:
            _follow(actor, chart, chosen["selection"]["rows"])


def specification(
    draw: Callable[..., Any], rows: pd.DataFrame, **options: object
) -> dict[str, Any]:
    """The chart by `draw` in the reader's theme: Altair checks it once, not at every rerun."""
    return _specification(draw.__name__, draw, rows, {**options, "theme": theme()})


@st.cache_data(max_entries=500, ttl=3600, show_spinner=False)
def _specification(
    name: str, _draw: Callable[..., Any], rows: pd.DataFrame, options: dict[str, object]
) -> dict[str, Any]:
    made: dict[str, Any] = _draw(rows, **options).to_dict()
    return made
