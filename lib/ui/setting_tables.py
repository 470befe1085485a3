"""Settings that are tables: words for levels and kinds, working days, deadlines.

The form of one setting and its history stand in `lib.ui.local_settings`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.deadlines import LIMITS
from lib.domain.errors import Invalid, Problem, Refusal
from lib.domain.local_settings import YEARS, Choice, Pair, SettingKey
from lib.domain.permissions import Actor
from lib.domain.vocab import Beneficiary, Level, ServiceKind
from lib.domain.workdays import PUBLISHED, WorkCalendar, published
from lib.i18n.glossary import word
from lib.ui import act
from lib.ui.local_settings import editing_of, history, save_row, save_value
from lib.ui.page import card_title
from lib.ui.session import language, local, t
from lib.ui.setting_words import WEEKDAYS

_ROW_PX = 36
_NOTICE_MONTH = 11
"""The arrangement of a year is published in November of the year before, at the latest."""


def level_names(actor: Actor) -> None:
    """What the street calls its levels."""
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        _level_form(actor)
    with right:
        history(actor, SettingKey.LEVEL_NAMES)


@st.fragment
def _level_form(actor: Actor) -> None:
    key = SettingKey.LEVEL_NAMES
    editing = editing_of(key)
    with st.container(border=True, key="card_setting_levels"):
        card_title(t("field.level_names"), t("settings.levels_note"))
        table = _edited(f"{editing.key}_table", Level, editing.loaded["value"])
        value = {
            level: Pair(_text(row["zh"]), _text(row["en"]))
            for level, (_, row) in zip(Level, table.iterrows(), strict=True)
        }
        save_row(editing, lambda why: save_value(actor, editing, key, value, why))


def kinds(actor: Actor) -> None:
    """Which kinds forms offer, and what they are called here."""
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        _kind_form(actor, SettingKey.SERVICE_KINDS, ServiceKind)
        _kind_form(actor, SettingKey.BENEFICIARIES, Beneficiary)
    with right:
        history(actor, SettingKey.SERVICE_KINDS, SettingKey.BENEFICIARIES)


@st.fragment
def _kind_form(actor: Actor, key: SettingKey, members: type[StrEnum]) -> None:
    editing = editing_of(key)
    with st.container(border=True, key=f"card_setting_{key}"):
        card_title(t(f"field.{key}"), t("settings.kinds_note"))
        table = _edited(f"{editing.key}_table", members, editing.loaded["value"], offered=True)
        value = {
            member: Choice(_text(row["zh"]), _text(row["en"]), not row["offered"])
            for member, (_, row) in zip(members, table.iterrows(), strict=True)
        }
        save_row(editing, lambda why: save_value(actor, editing, key, value, why))


def _edited(
    key: str, members: type[StrEnum], held: Mapping[Any, Any], *, offered: bool = False
) -> pd.DataFrame:
    """The table of a vocabulary's local words as edited: columns usual, zh, en and offered."""
    empty = Choice()
    rows = {
        "usual": [word(member, language()) for member in members],
        "zh": [held.get(member, empty).zh for member in members],
        "en": [held.get(member, empty).en for member in members],
    }
    if offered:
        rows["offered"] = [not held.get(member, empty).hidden for member in members]
    config: dict[str, Any] = {
        "usual": st.column_config.TextColumn(t("settings.usual_word"), disabled=True),
        "zh": st.column_config.TextColumn(t("settings.own_zh")),
        "en": st.column_config.TextColumn(t("settings.own_en")),
        "offered": st.column_config.CheckboxColumn(t("settings.offered"), width="small"),
    }
    return st.data_editor(
        pd.DataFrame(rows),
        hide_index=True,
        key=key,
        column_config=config,
        height=_ROW_PX * (len(members) + 1) + 4,
        width="stretch",
    )


def deadlines(actor: Actor) -> None:
    """Within how many days what is to be done."""
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        numbers(actor, SettingKey.DEADLINES, LIMITS, t("settings.deadlines_note"))
    with right:
        history(actor, SettingKey.DEADLINES)


@st.fragment
def numbers(actor: Actor, key: SettingKey, limits: Mapping[Any, range], note: str) -> None:
    """The form of a setting that holds a whole number for each member of a vocabulary."""
    editing = editing_of(key)
    with st.container(border=True, key=f"card_setting_{key}"):
        card_title(t(f"field.{key}"), note)
        columns = [column for _ in range(0, len(limits), 2) for column in st.columns(2)]
        value = {
            member: int(
                column.number_input(
                    word(member, language()),
                    min_value=allowed[0],
                    max_value=allowed[-1],
                    value=editing.loaded["value"][member],
                    key=f"{editing.key}_{member}",
                )
            )
            for column, (member, allowed) in zip(columns, limits.items(), strict=False)
        }
        save_row(editing, lambda why: save_value(actor, editing, key, value, why))


def _text(cell: object) -> str:
    """A cell that was emptied holds no text at all."""
    return cell if isinstance(cell, str) else ""


def stars(actor: Actor) -> None:
    """For how many confirmed hours a volunteer has one to five stars."""
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        _star_form(actor)
    with right:
        history(actor, SettingKey.STAR_LEVELS)


@st.fragment
def _star_form(actor: Actor) -> None:
    key = SettingKey.STAR_LEVELS
    editing = editing_of(key)
    with st.container(border=True, key="card_setting_stars"):
        card_title(t("field.star_levels"), t("settings.stars_note"))
        value = tuple(
            int(
                column.number_input(
                    t("settings.stars_n", n=n), value=hours, step=10, key=f"{editing.key}_{n}"
                )
            )
            for n, (column, hours) in enumerate(
                zip(st.columns(len(editing.loaded["value"])), editing.loaded["value"], strict=True),
                start=1,
            )
        )
        save_row(editing, lambda why: save_value(actor, editing, key, value, why))


def working_days(actor: Actor) -> None:
    """The week's pattern, and each year's holidays and make-up days."""
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        _warn(local().calendar)
        _week_form(actor)
        _day_form(actor)
    with right:
        history(actor, SettingKey.WORK_WEEK, SettingKey.SPECIAL_DAYS)


def _warn(calendar: WorkCalendar) -> None:
    """Say which year's holidays are missing, from the month on in which they are published."""
    day = today()
    years = [day.year] + [day.year + 1] * (day.month >= _NOTICE_MONTH)
    for year in years:
        if not calendar.knows(year):
            st.warning(t("settings.year_missing", year=year), icon=":material/event_busy:")


@st.fragment
def _week_form(actor: Actor) -> None:
    key = SettingKey.WORK_WEEK
    editing = editing_of(key)
    with st.container(border=True, key="card_setting_week"):
        card_title(t("field.work_week"))
        chosen = st.pills(
            t("field.work_week"),
            range(7),
            default=list(editing.loaded["value"]),
            selection_mode="multi",
            format_func=lambda day: t(f"weekday.{WEEKDAYS[day]}"),
            key=f"{editing.key}_days",
            label_visibility="collapsed",
        )
        save_row(editing, lambda why: save_value(actor, editing, key, tuple(chosen), why))


@st.fragment
def _day_form(actor: Actor) -> None:
    key = SettingKey.SPECIAL_DAYS
    editing = editing_of(key)
    held: Mapping[int, Mapping[date, bool]] = editing.loaded["value"]
    with st.container(border=True, key="card_setting_days"):
        card_title(t("field.special_days"), t("settings.days_note"))
        years = range(today().year - 1, min(today().year + 3, YEARS[-1]))
        year = st.selectbox(t("field.year"), list(years), index=1, key=f"{editing.key}_year")
        st.caption(t(_source(year, held)))
        table = st.data_editor(
            _days_table(held[year] if year in held else published(year)),
            hide_index=True,
            num_rows="dynamic",
            key=f"{editing.key}_table_{year}",
            column_config={
                # As text, days are typed and pasted; a calendar would want a click for each.
                "day": st.column_config.TextColumn(
                    t("settings.day_column", example=date(year, 1, 1).isoformat()),
                    validate=r"^\d{4}-\d{2}-\d{2}$",
                    required=True,
                ),
                "works": st.column_config.CheckboxColumn(t("settings.works"), default=False),
            },
            height=300,
            width="stretch",
        )

        def save(reason: str) -> None:
            try:
                days = _days_of(table)
            except Refusal as refusal:
                act.show_refusal(refusal)
                return
            value = dict(held) | {year: days}
            if year not in held and year in PUBLISHED and days == published(year):
                value.pop(year)
            save_value(actor, editing, key, value, reason)

        save_row(editing, save)


def _source(year: int, held: Mapping[int, Mapping[date, bool]]) -> str:
    if year in held:
        return "settings.source_own"
    return "settings.source_published" if year in PUBLISHED else "settings.source_missing"


def _days_table(days: Mapping[date, bool]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "day": pd.Series([day.isoformat() for day in days], dtype="string"),
            "works": pd.Series(list(days.values()), dtype=bool),
        }
    )


def _days_of(table: pd.DataFrame) -> dict[date, bool]:
    """The days as edited, rows without one left out.

    Raises:
        Invalid: a day that no calendar has, such as 30 February.
    """
    days, wrong = {}, []
    for text, works in zip(table["day"], table["works"], strict=True):
        if not _text(text):
            continue
        try:
            days[date.fromisoformat(_text(text))] = not pd.isna(works) and bool(works)
        except ValueError:
            wrong.append(Problem("special_day", "problem.no_day", {"day": _text(text)[:20]}))
    if wrong:
        raise Invalid(wrong)
    return days
