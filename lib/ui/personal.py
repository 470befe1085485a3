"""What is held on a person, on the screen: find, see, hand out, correct, erase; and for how long.

Who may do so is decided by the queries and commands.
"""

import json
from datetime import date, datetime
from enum import StrEnum

import pandas as pd
import streamlit as st

from lib.domain.local_settings import SettingKey
from lib.domain.permissions import Actor, Permission
from lib.domain.retention import CONSENT_TEXT, YEARS, Kept
from lib.exchange.personal import held_csv, held_json
from lib.i18n import formats
from lib.queries import personal
from lib.services.people import correct_name, erase_person, note_export
from lib.ui import act
from lib.ui.editing import said
from lib.ui.live import read
from lib.ui.local_settings import history
from lib.ui.page import card_title, empty
from lib.ui.session import language, name_of, t
from lib.ui.setting_tables import numbers

_SHOWN = 12


def desk(actor: Actor) -> None:
    """Find somebody by name, and answer what they ask."""
    with st.container(border=True, key="card_person_search"):
        card_title(t("privacy.find"), t("privacy.find_note"))
        text = st.text_input(
            t("privacy.name"),
            key="person_text",
            label_visibility="collapsed",
            placeholder=t("privacy.name"),
        )
        rows = read(personal.found, actor, text=text.strip())
        names = {
            int(row["person_id"]): f"{row['name']} · {name_of(row['area_zh'], row['area_en'])}"
            for _, row in rows.iterrows()
        }
        if text.strip() and rows.empty:
            empty(t("privacy.nobody"))
        chosen = st.selectbox(
            t("privacy.person"),
            list(names),
            index=None,
            format_func=lambda n: names.get(n, ""),
            key="person_chosen",
            placeholder=t("privacy.choose"),
        )
        with st.expander(t("privacy.consent", version=CONSENT_TEXT)):
            st.write(t("consent.text"))
    if chosen is not None and chosen in names:
        name = str(rows.set_index("person_id").loc[chosen, "name"])
        _person(actor, int(chosen), name)


def _person(actor: Actor, number: int, name: str) -> None:
    held = read(personal.held_on, actor, person_id=number)
    left, right = st.columns([1.6, 1], gap="small")
    with left, st.container(border=True, key="card_person_held"):
        card_title(name, t("privacy.held"))
        for part, rows in held.items():
            st.markdown(f"**{t(f'held.{part}')}** · {len(rows)}")
            if rows:
                st.dataframe(_table(rows[-_SHOWN:]), hide_index=True, key=f"held_{part}")
    with right:
        _hand_out(actor, number, held)
        _correct(actor, number, name)
        _erase(actor, number)


def _hand_out(actor: Actor, number: int, held: personal.Held) -> None:
    with st.container(border=True, key="card_person_export"):
        card_title(t("privacy.export"), t("privacy.export_note"))
        if st.session_state.get("person_exported") != number:

            def ready() -> None:
                st.session_state["person_exported"] = number

            if st.button(t("privacy.export_do"), key="person_export"):
                act.perform(note_export, actor, done="reveal.done", then=ready, person_id=number)
            return
        for ending, made in (("json", held_json(held)), ("csv", held_csv(held, language()))):
            st.download_button(
                t("privacy.take", kind=ending.upper()),
                made,
                file_name=f"person-{number}.{ending}",
                key=f"person_{ending}",
                icon=":material/download:",
            )


def _correct(actor: Actor, number: int, name: str) -> None:
    with st.container(border=True, key="card_person_correct"):
        card_title(t("privacy.correct"))
        wanted = st.text_input(t("field.person_name"), value=name, key=f"person_name_{number}")
        if st.button(t("privacy.correct_do"), key="person_correct"):
            act.perform(
                correct_name,
                actor,
                done="privacy.corrected",
                person_id=number,
                before=name,
                name=wanted,
            )


def _erase(actor: Actor, number: int) -> None:
    with st.container(border=True, key="card_person_erase"):
        card_title(t("privacy.erase"))
        st.caption(t("privacy.erase_note"))
        typed = st.text_input(t("field.person_typed"), key=f"person_typed_{number}")
        if st.button(t("privacy.erase_do"), key="person_erase"):
            act.perform(erase_person, actor, done="privacy.erased", person_id=number, typed=typed)


def retention(actor: Actor) -> None:
    """How many years each kind is kept, with the reason of every change."""
    if not actor.may(Permission.SETTINGS_EDIT):
        return
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        limits = dict.fromkeys(Kept, YEARS)
        numbers(actor, SettingKey.RETENTION, limits, t("privacy.retention_note"))
    with right:
        history(actor, SettingKey.RETENTION)


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(
        [{t(f"held.{name}_"): _cell(value) for name, value in row.items()} for row in rows]
    )


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return formats.instant(value, language())
    if isinstance(value, (StrEnum, date)):
        return said(value)
    return json.dumps(value) if isinstance(value, (dict, list)) else said(value)
