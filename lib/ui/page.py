"""The head of every page: title, place, age of the data, and the period looked at."""

import html
import json

import pandas as pd
import streamlit as st

from lib.domain.calendar import Period, Span, now, running, today
from lib.domain.few import STEP
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import StatusToken
from lib.exchange.reports import table_csv, table_xlsx
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.ui.address import moved
from lib.ui.place import Place, crumbs
from lib.ui.session import language, t

_PERIOD = "period"


def head(title: str, *, note: str = "", place: tuple[Actor, Place] | None = None) -> None:
    """Title, a note with the data's age under it, and the way through the tree.

    Whoever is told counts in steps of five is told that too.
    """
    as_of = t("page.as_of", at=formats.instant(now(), language()))
    coarse = place is not None and not place[0].may(Permission.COUNT_EXACT)
    in_steps = t("page.in_steps", n=STEP, few=formats.FEW) if coarse else ""
    parts = [part for part in (*note.split(" · "), as_of, in_steps) if part]
    words = " · ".join(f"<i>{escaped(part)}</i>" for part in parts)
    with st.container(horizontal=True, vertical_alignment="center", key="head", width="stretch"):
        st.html(
            f'<div class="gv-head"><h1>{escaped(title)}</h1><span>{words}</span></div>',
            width="content",
        )
        if place is not None:
            crumbs(*place)


def period_control() -> tuple[Period, Span]:
    """The period switch, kept in the URL as ``?period=``; the days it spans so far."""

    def remember() -> None:
        st.query_params[_PERIOD] = st.session_state[_PERIOD]
        for name in ("first", "last"):  # exact days end with the period that they lay in
            st.query_params.pop(name, None)

    if moved(_PERIOD, _PERIOD):
        st.session_state[_PERIOD] = _period_of(st.query_params.get(_PERIOD, ""))
    chosen = st.segmented_control(
        t("page.period"),
        list(Period),
        format_func=lambda period: word(period, language()),
        key=_PERIOD,
        on_change=remember,
        required=True,
        label_visibility="collapsed",
    )
    period = chosen or Period.MONTH
    return period, running(period, today())


def card_title(title: str, note: str = "") -> None:
    """A card's heading with a quieter note at its right."""
    st.html(f'<div class="gv-t">{escaped(title)}<small>{escaped(note)}</small></div>')


def empty(words: str, *, good: bool = False) -> None:
    """What a card says when there is nothing in it; a good emptiness carries the done shape."""
    mark = icon(StatusToken.DONE) if good else ""
    st.html(f'<div class="gv-empty">{mark}{escaped(words)}</div>')


def icon(status: StatusToken) -> str:
    """The status shape, for HTML built here; the word beside it carries the meaning."""
    return f'<i class="gv-i {status.value}" aria-hidden="true"></i>'


def status_html(status: StatusToken, words: str) -> str:
    """Shape, word and colour of a status."""
    return (
        f'<span class="gv-st" style="color:var(--{status.value}-text)">'
        f"{icon(status)}{escaped(words)}</span>"
    )


def escaped(text: object) -> str:
    """Text made safe inside HTML."""
    return html.escape(str(text))


def download(key: str, title: str, table: pd.DataFrame, *, workbook: bool = False) -> None:
    """The button that takes a table away as a file that spreadsheets open with its characters.

    With `workbook` a second one takes it as .xlsx.
    """
    if workbook:
        with st.container(horizontal=True, key=f"files_{key}"):
            st.download_button(
                t("list.download_xlsx"),
                table_xlsx(title, table),
                file_name=f"{title}.xlsx",
                mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                icon=":material/download:",
                key=f"xlsx_{key}",
            )
            download(key, title, table)
        return
    st.download_button(
        t("list.download"),
        table_csv(table),
        file_name=f"{title}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"csv_{key}",
    )


def uploader_words(card: str, limit_mb: int) -> None:
    """Streamlit words its uploader in English only: ours stand in the place of its words."""
    zone = f'.st-key-{card} [data-testid="stFileUploaderDropzone'
    words = (
        (f'{zone}"] button p', "imports.upload"),
        (f'{zone}Instructions"] span', "imports.limit"),
    )
    rules = (
        f"{place}{{font-size:0}}{place}::after{{font-size:.875rem;content:"
        f"{json.dumps(t(key, limit=limit_mb), ensure_ascii=False)}}}"
        for place, key in words
    )
    st.html(f"<style>{''.join(rules)}</style>")


def _period_of(text: str) -> Period:
    return Period(text) if text in list(Period) else Period.MONTH
