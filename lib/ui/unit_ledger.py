"""The unit's ledger (台账) on the screen: its deadline, its members and their work by quarter."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import CheckInState
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import check_in, unit_ledger
from lib.services.unit_deadlines import set_deadline
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, download, empty, escaped
from lib.ui.session import language, name_of, t

_UNIT, _YEAR = "ledger_unit", "ledger_year"
_YEARS = 6


def screen(actor: Actor) -> None:
    """Choose a unit and a year; its numbers, its members, and the file to take away."""
    names = {
        int(row.organisation_id): name_of(str(row.name_zh), row.name_en)
        for row in read(unit_ledger.units, actor).itertuples()
    }
    if not names:
        empty(t("unitledger.no_unit"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="ledger_filters"):
        unit_id: int = st.selectbox(
            t("field.organisation_id"),
            list(names),
            index=_first(list(names)),
            format_func=names.__getitem__,
            key=_UNIT,
            width=320,
        )
        years = [today().year - n for n in range(_YEARS)]
        year: int = st.selectbox(t("unitledger.year"), years, key=_YEAR, width=120)
    st.query_params["unit"] = str(unit_id)
    _numbers(actor, unit_id)
    _members(actor, unit_id, names[unit_id], year)


def _first(units: list[int]) -> int:
    asked = st.query_params.get("unit", "")
    return units.index(int(asked)) if asked.isdecimal() and int(asked) in units else 0


def _numbers(actor: Actor, unit_id: int) -> None:
    rows = read(check_in.units, actor, area_id=None, day=today())
    row = rows[rows["organisation_id"] == unit_id].iloc[0]
    due = row["due_on"]
    cells = (
        (formats.count(row["checked_in"]), t("unitledger.checked_in")),
        (formats.count(row["expected"]) if due else formats.UNKNOWN, t("field.expected")),
        (formats.count(row["missing"]), t("unitledger.missing")),
        (formats.count(row["slips"]), t("unitledger.slips")),
        (formats.day(due, language()) if due else formats.UNKNOWN, t("field.due_on")),
    )
    with st.container(border=True, key="card_ledger_numbers"):
        st.html(
            '<div class="gv-four gv-five">'
            + "".join(
                f"<div><b>{escaped(value)}</b><small>{escaped(what)}</small></div>"
                for value, what in cells
            )
            + "</div>"
        )
        if row["late"]:
            st.warning(t("unitledger.late", n=int(row["missing"])), icon=":material/schedule:")
        if actor.may(Permission.UNIT_EDIT):
            _deadline(actor, row)


def _deadline(actor: Actor, row: pd.Series) -> None:
    form = f"deadline_{row['organisation_id']}"
    with st.popover(t("unitledger.call"), icon=":material/campaign:", key="ledger_call"):
        start = {"due_on": row["due_on"], "expected": int(row["expected"] or 0)}
        fields = Fields(f"{form}_{act.generation(form)}", start)
        due_on = fields.any_day(st.container(), "due_on", today() + timedelta(days=30))
        expected = fields.whole(st.container(), "expected")
        if st.button(t("unitledger.call_do"), type="primary", key="ledger_call_do"):
            act.perform(
                set_deadline,
                actor,
                done="unitledger.called",
                then=lambda: act.renew(form),
                organisation_id=int(row["organisation_id"]),
                due_on=due_on or today(),
                expected=expected,
                version=int(row["version"]),
            )


def _members(actor: Actor, unit_id: int, name: str, year: int) -> None:
    rows = read(unit_ledger.ledger, actor, organisation_id=unit_id, year=year)
    with st.container(border=True, key="card_ledger"):
        card_title(t("unitledger.members"), t("unitledger.note"))
        if rows.empty:
            empty(t("unitledger.none"))
            return
        table = _table(rows)
        st.dataframe(
            table,
            hide_index=True,
            key="ledger_table",
            alt=t("unitledger.alt", n=len(rows)),
            height=min(560, 38 + 35 * len(table)),
        )
        download("ledger", t("unitledger.file", name=name, year=year), table, workbook=True)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    """The members, and a last line that adds them up."""
    separator = t("list.separator")
    figures = [
        *(f"q{n}_{what}" for n in unit_ledger.QUARTERS for what in ("services", "minutes")),
        "services",
        "minutes",
    ]
    sums = {column: rows[column].sum() for column in figures}
    whole = pd.concat([rows[figures], pd.DataFrame([sums])], ignore_index=True)
    heads = {
        t("field.person_name"): [*rows["name"], t("unitledger.total")],
        t("column.state"): [
            *(word(CheckInState(one), language()) for one in rows["state"]),
            "",
        ],
        t("checkin.with"): [
            *(name_of(zh, en) for zh, en in zip(rows["area_zh"], rows["area_en"], strict=True)),
            "",
        ],
        t("field.checked_in_on"): [*(day.isoformat() for day in rows["since"]), ""],
        t("field.duties"): [
            *(separator.join(word(one, language()) for one in duties) for duties in rows["duties"]),
            "",
        ],
    }
    return pd.DataFrame(heads | {_head(column): _told(column, whole[column]) for column in figures})


def _head(column: str) -> str:
    quarter, _, what = column.rpartition("_")
    when = t("unitledger.quarter", n=quarter[1:]) if quarter else t("unitledger.whole_year")
    return f"{when} {t(f'unitledger.{what}')}"


def _told(column: str, figures: pd.Series) -> pd.Series:
    if column.endswith("minutes"):
        return (figures.astype("float64") / 60).round(1)
    return figures.astype("int64")
