"""The audit log on the screen: filters, pages, a file to take away, and whether it is whole.

What an entry says is put into words by `lib.ui.trail`.
"""

from dataclasses import astuple

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor, Role
from lib.domain.vocab import Level
from lib.i18n import formats
from lib.i18n.glossary import catalogue, word
from lib.queries import audit
from lib.queries.audit import EXPORT_MAX, LogFilter
from lib.queries.chain import status
from lib.ui import trail
from lib.ui.page import card_title, download, empty
from lib.ui.session import called, language, name_of, plain, t

_PAGE = 100
_RECOMPUTED = 5
_HEIGHT, _ROW = 620, 35
_BEFORE, _ASKED = "log_before", "log_asked"


def chain() -> None:
    """In one sentence: whether the log is as it was sealed, and how much waits for a seal."""
    found = status(recompute=_RECOMPUTED)
    if found.flaws:
        numbers = [number for _, number, _ in found.flaws if number is not None]
        st.error(t("log.broken", seal=min(numbers, default="-")), icon=":material/error:")
        return
    values = {"seals": found.seals, "n": found.recomputed, "unsealed": found.unsealed}
    st.caption(plain(t("log.sound", **values)))


def filters(actor: Actor) -> LogFilter:
    """What the reader wants to see."""
    with st.container(border=True, key="card_log_filters"):
        top, bottom = st.columns(4), st.columns([1, 1, 1, 1], vertical_alignment="bottom")
        who = top[0].text_input(t("log.who"), key="log_who", placeholder=t("log.who_hint"))
        role = top[1].selectbox(t("log.role"), [None, *Role], format_func=_role, key="log_role")
        action = top[2].selectbox(
            t("log.action"),
            [None, *_words("action"), *_words("attempt")],
            format_func=_action,
            key="log_action",
        )
        kind = top[3].selectbox(
            t("log.subject"), [None, *_words("subject")], format_func=_kind, key="log_subject"
        )
        places = audit.places(actor).set_index("area_id")
        area = bottom[0].selectbox(
            t("log.area"),
            [None, *(int(number) for number in places.index)],
            format_func=lambda number: _area(places, number),
            key="log_area",
        )
        first = bottom[1].date_input(t("log.first"), value=None, key="log_first")
        last = bottom[2].date_input(t("log.last"), value=None, key="log_last")
        refused = bottom[3].toggle(t("log.refused_only"), key="log_refused")
    return LogFilter(who, role, action, kind, area, first, last, refused)


def listing(actor: Actor, wanted: LogFilter) -> None:
    """One page of the entries, the way to older ones, and the file of all that match."""
    if st.session_state.get(_ASKED) != astuple(wanted):
        st.session_state[_ASKED], st.session_state[_BEFORE] = astuple(wanted), None
    before = st.session_state[_BEFORE]
    rows = audit.entries(actor, wanted=wanted, before=before, limit=_PAGE)
    with st.container(border=True, key="card_log"):
        card_title(t("log.entries"), t("log.shown", n=_PAGE))
        if rows.empty:
            empty(t("log.none"))
        else:
            st.dataframe(
                _table(rows),
                hide_index=True,
                height=min(_HEIGHT, _ROW * (len(rows) + 1) + 3),
                key="log_table",
                alt=t("screen.log"),
            )
        _ways(actor, wanted, rows, before)


def _ways(actor: Actor, wanted: LogFilter, rows: pd.DataFrame, before: int | None) -> None:
    def go(number: int | None) -> None:
        st.session_state[_BEFORE] = number

    with st.container(horizontal=True, vertical_alignment="center", key="log_ways"):
        st.button(
            t("log.newest"), key="log_newest", on_click=go, args=(None,), disabled=before is None
        )
        oldest = int(rows["entry_id"].iloc[-1]) if len(rows) == _PAGE else None
        st.button(
            t("log.older"), key="log_older", on_click=go, args=(oldest,), disabled=oldest is None
        )
        # Made only when it is asked for: it may be a file of many thousand lines.
        if st.button(t("log.export"), key="log_export"):
            found = audit.entries(actor, wanted=wanted, limit=EXPORT_MAX)
            download("log", t("screen.log"), _table(found))
            st.caption(t("log.export_note", n=EXPORT_MAX))


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    cells = [
        (
            formats.instant(row["at"], language()),
            trail.who(row),
            trail.deed(row["action"], refused=bool(row["refused"])),
            trail.subject(row["subject_kind"], row["label"], row["subject_id"]),
            "; ".join(trail.changes(row["changes"])),
            " · ".join(part for part in (row["address"], row["agent"]) if part),
        )
        for _, row in rows.iterrows()
    ]
    heads = ("at", "who", "action", "subject", "changes", "address")
    return pd.DataFrame(cells, columns=[t(f"log.{head}") for head in heads])


def _words(section: str) -> list[str]:
    return [key.partition(".")[2] for key in catalogue() if key.startswith(f"{section}.")]


def _role(role: Role | None) -> str:
    return t("log.all") if role is None else word(role, language())


def _action(action: str | None) -> str:
    if action is None:
        return t("log.all")
    return trail.deed(action, refused=f"attempt.{action}" in catalogue())


def _kind(kind: str | None) -> str:
    return t("log.all") if kind is None else t(f"subject.{kind}")


def _area(places: pd.DataFrame, number: int | None) -> str:
    if number is None:
        return t("log.all")
    row = places.loc[number]
    return f"{name_of(row['name_zh'], row['name_en'])} · {called(Level(row['level']))}"
