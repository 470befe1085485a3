"""Setting what is the street's own: the form of one setting, its history, and the branding.

The tables of words and days stand in `lib.ui.setting_tables`.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.contrast import READABLE, least_contrast, nearest_readable
from lib.domain.errors import Refusal
from lib.domain.local_settings import GROUNDS, Accent, Pair, SettingKey, default_of, differences
from lib.domain.permissions import Actor
from lib.i18n import formats
from lib.queries import local_settings as queries
from lib.services.emblems import FILE_MAX_MB, emblem_of
from lib.services.local_settings import change_setting, restore_setting, set_emblem
from lib.ui import act, setting_words
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped, uploader_words
from lib.ui.session import language, local, name_of, plain, t
from lib.ui.theme import in_colour

_LISTED = 6


def announce(actor: Actor) -> bool:
    """Whether the actor may set anything; if not, the page says who may."""
    if read(queries.may_change, actor):
        return True
    st.info(t("settings.not_everywhere"), icon=":material/lock:")
    return False


def editing_of(key: SettingKey) -> Editing:
    """The form of one setting; ``value`` is what it was opened with."""

    def fetch() -> dict[str, Any]:
        settings = queries.current(None)
        value = getattr(settings, key)
        told = "; ".join(after for _, after in differences(key, default_of(key), value).values())
        return {"version": settings.versions.get(key, 0), "value": value, key.value: told}

    return Editing(f"setting_{key}", fetch)


def save_row(editing: Editing, save: Callable[[str], None]) -> None:
    """Why, and the button that saves; `save` is given the reason."""
    editing.show_changed()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = Fields(editing.key, {}).text(
            st.container(), "setting_reason", t("settings.reason_hint")
        )
        pressed = st.button(t("settings.save"), type="primary", key=f"{editing.key}_save")
    if pressed:
        save(reason)


def save_value(actor: Actor, editing: Editing, key: SettingKey, value: object, reason: str) -> None:
    """Save the form's value."""
    editing.save(change_setting, actor, done="settings.saved", key=key, value=value, reason=reason)


def branding(actor: Actor) -> None:
    """Name, emblem and colour, each with its preview; what was changed before."""
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        _name(actor)
        _emblem(actor)
        _accent(actor)
    with right:
        history(actor, SettingKey.STREET_NAME, SettingKey.EMBLEM, SettingKey.ACCENT)


@st.fragment
def _name(actor: Actor) -> None:
    editing = editing_of(SettingKey.STREET_NAME)
    held: Pair = editing.loaded["value"]
    fields = Fields(editing.key, {"street_name_zh": held.zh, "street_name_en": held.en})
    with st.container(border=True, key="card_setting_name"):
        card_title(t("field.street_name"), t("settings.name_note"))
        left, right = st.columns(2)
        zh = fields.text(left, "street_name_zh", t("door.product"))
        en = fields.text(right, "street_name_en", t("unit.optional"))
        save_row(
            editing,
            lambda why: save_value(actor, editing, SettingKey.STREET_NAME, Pair(zh, en), why),
        )


@st.fragment
def _emblem(actor: Actor) -> None:
    editing = editing_of(SettingKey.EMBLEM)
    with st.container(border=True, key="card_setting_emblem"):
        card_title(t("field.emblem"), t("settings.emblem_note"))
        file = st.file_uploader(
            t("settings.emblem_file"), type=["png", "jpg", "jpeg"], key=f"{editing.key}_file"
        )
        uploader_words("card_setting_emblem", FILE_MAX_MB)
        shown = editing.loaded["value"]
        if file is not None:
            try:
                shown = emblem_of(file.getvalue())
            except Refusal as refusal:
                act.show_refusal(refusal)
                return
        if shown:
            st.html(_heads(shown, local().accent))

        def save(reason: str) -> None:
            if file is None:
                save_value(actor, editing, SettingKey.EMBLEM, shown, reason)
                return
            editing.save(
                set_emblem, actor, done="settings.saved", file=file.getvalue(), reason=reason
            )

        if file is not None:
            save_row(editing, save)


@st.fragment
def _accent(actor: Actor) -> None:
    editing = editing_of(SettingKey.ACCENT)
    held: Accent = editing.loaded["value"]
    with st.container(border=True, key="card_setting_accent"):
        card_title(t("field.accent"), t("settings.accent_note", least=READABLE))
        left, right = st.columns(2)
        with left:
            light = _colour(editing, "light", held.light)
        with right:
            dark = _colour(editing, "dark", held.dark)
        chosen = Accent(light, dark)
        st.html(_heads(local().emblem, chosen))
        save_row(editing, lambda why: save_value(actor, editing, SettingKey.ACCENT, chosen, why))


def _colour(editing: Editing, theme: str, start: str) -> str:
    """A colour, its contrast in words, and the nearest one that can be read."""
    key = f"{editing.key}_{theme}"
    st.session_state.setdefault(key, start)
    colour = st.color_picker(t(f"field.accent_{theme}"), key=key).upper()
    grounds = GROUNDS[theme]
    ratio = f"{int(least_contrast(colour, grounds) * 100) / 100:.2f}"
    if least_contrast(colour, grounds) >= READABLE:
        st.caption(t("settings.contrast_good", colour=plain(colour), ratio=ratio))
        return colour
    better = nearest_readable(colour, grounds)

    def take() -> None:
        st.session_state[key] = better

    st.caption(t("settings.contrast_poor", colour=plain(colour), ratio=ratio, least=READABLE))
    st.button(t("settings.take_colour", colour=plain(better)), key=f"{key}_take", on_click=take)
    return colour


def _heads(emblem: str, accent: Accent) -> str:
    """The head of a page in both themes, as it would look."""
    own = local().street_name
    name = escaped(name_of(own.zh, own.en) or t("door.product"))
    picture = f'<img src="data:image/png;base64,{emblem}" alt="" width="32" height="32">'
    sides = (in_colour("light", accent), in_colour("dark", accent))
    return "".join(
        f'<div class="gv-preview" style="background:{side.surface};color:{side.ink}">'
        f"{picture if emblem else ''}<b>{name}</b>"
        f'<u style="color:{side.brand}">{escaped(t("settings.sample_link"))}</u>'
        f'<span style="background:{side.brand_button}">{escaped(t("settings.save"))}</span></div>'
        for side in sides
    )


def history(actor: Actor, *keys: SettingKey) -> None:
    """What was changed before, by whom and why, newest first, each with its way back."""
    rows = read(queries.changes, actor, keys=keys)
    with st.container(border=True, key=f"card_history_{keys[0]}"):
        card_title(t("settings.history"))
        if rows.empty:
            empty(t("settings.never_changed"))
        for _, row in rows.head(_LISTED).iterrows():
            left, right = st.columns([3, 1.2], vertical_alignment="center")
            left.html(_change_html(row))
            with right.popover(t("settings.undo"), key=f"undo_setting_{row['number']}"):
                _undo(actor, row, rows)


def _change_html(row: pd.Series) -> str:
    lines = setting_words.lines(row["key"], row["before"], row["value"])
    who = name_of(row["account_zh"] or "", row["account_en"])
    facts = " · ".join(f for f in (formats.instant(row["at"], language()), who) if f)
    shown = "<br>".join(escaped(one) for one in lines)
    setting = SettingKey(row["key"])
    return (
        f'<div class="gv-record"><b>{escaped(t(f"field.{setting}"))}</b>'
        f"<em>{shown}</em><em>{escaped(t('settings.because', reason=row['reason']))}</em>"
        f"<small>{escaped(facts)}</small></div>"
    )


def _undo(actor: Actor, row: pd.Series, rows: pd.DataFrame) -> None:
    """Bring back what stood before this change."""
    key = SettingKey(row["key"])
    earlier = rows[(rows["key"] == key) & (rows["version"] == row["version"] - 1)]
    number = None if earlier.empty else int(earlier.iloc[0]["number"])
    words = setting_words.lines(key, row["value"], row["before"])
    st.write(plain(t("settings.undo_ask", what="；".join(words)[:300])))
    fields = Fields(f"undo_setting_{row['number']}", {})
    reason = fields.text(st.container(), "setting_reason", t("settings.undo_hint"))
    if st.button(t("settings.undo_do"), key=f"undo_setting_do_{row['number']}"):
        act.perform(
            restore_setting,
            actor,
            done="settings.restored",
            then=editing_of(key).forget,
            key=key,
            number=number,
            reason=reason,
            version=int(local().versions.get(key, 0)),
        )
