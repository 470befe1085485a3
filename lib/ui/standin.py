"""Lending an own office to a colleague for some days, and getting it back."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import GRANTED, Actor, Permission, Role
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import grants
from lib.services.grants import end_grant, lend_grant
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.page import card_title, empty, escaped
from lib.ui.session import language, name_of, t

_FORM = "lend"
_USUAL = timedelta(days=6)


def lend(actor: Actor) -> None:
    """The form: which office, who stands in, from when to when."""
    rows = grants.grants(actor, account_id=actor.account_id)
    own = rows[
        (rows["state"] == "held")
        & rows["lender_zh"].isna()
        & rows["role"].isin(list(GRANTED[Permission.GRANT_DELEGATE]))
    ]
    key = f"{_FORM}_{act.generation(_FORM)}"
    with st.container(border=True, key="card_lend"):
        card_title(t("standin.lend"), t("standin.lend_note"))
        if own.empty:
            empty(t("standin.nothing"))
            return
        offices = {int(row["grant_id"]): office(row) for _, row in own.iterrows()}
        number = st.selectbox(
            t("standin.office"), list(offices), format_func=offices.__getitem__, key=f"{key}_office"
        )
        people = grants.colleagues(actor, grant_id=number)
        names = {
            int(r["account_id"]): name_of(r["display_zh"], r["display_en"])
            for _, r in people.iterrows()
        }
        to = st.selectbox(
            t("standin.colleague"),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=t("standin.choose"),
            key=f"{key}_to",
        )
        left, right = st.columns(2)
        fields = Fields(key, {})
        since = fields.any_day(left, "grant_since", today()) or today()
        until = fields.any_day(right, "loan_until", today() + _USUAL) or since
        ready = to is not None
        if st.button(t("standin.do"), type="primary", key=f"{_FORM}_do", disabled=not ready):
            act.perform(
                lend_grant,
                actor,
                done="standin.done",
                then=lambda: act.renew(_FORM),
                grant_id=number,
                to=to,
                since=since,
                until=until,
            )


def lent(actor: Actor) -> None:
    """What was lent and not got back, and what colleagues lent to the actor."""
    mine = grants.grants(actor, account_id=actor.account_id)
    borrowed = mine[mine["lender_zh"].notna() & (mine["state"] != "ended")]
    away = grants.loans(actor)
    with st.container(border=True, key="card_lent", gap=None):
        card_title(t("standin.lent"))
        if away.empty:
            empty(t("standin.none_lent"))
        for _, row in away.iterrows():
            _line(actor, row, name_of(row["other_zh"], row["other_en"]), "standin.to")
    with st.container(border=True, key="card_borrowed", gap=None):
        card_title(t("standin.borrowed"), t("standin.borrowed_note"))
        if borrowed.empty:
            empty(t("standin.none_borrowed"))
        for _, row in borrowed.iterrows():
            _line(actor, row, name_of(row["lender_zh"], row["lender_en"]), "standin.from")


def taken_over(actor: Actor) -> None:
    """The notes that predecessors and the actor left at changes of post."""
    rows = grants.taken_over(actor, account_id=actor.account_id)
    if rows.empty:
        return
    with st.container(border=True, key="card_taken_over", gap=None):
        card_title(t("standin.taken_over"))
        for _, row in rows.iterrows():
            st.html(taken_line(row))


def office(row: pd.Series) -> str:
    """A grant in words: the role, and the place, unit or team."""
    place = "" if row["area_zh"] is None else name_of(row["area_zh"], row["area_en"])
    bound = row.get("bound_zh")
    named = "" if bound is None else name_of(bound, row["bound_en"])
    return " · ".join(part for part in (word(Role(row["role"]), language()), place, named) if part)


def taken_line(row: pd.Series) -> str:
    """One change of post: when, with whom, and the note."""
    key = "accounts.handed_to" if row["left"] else "accounts.taken_from"
    name = name_of(row["other_zh"], row["other_en"])
    head = t(key, name=name, day=formats.day(row["day"], language()))
    return (
        f'<div class="gv-row two"><div><b>{escaped(head)}</b>'
        f"<em>{escaped(row['note'])}</em></div></div>"
    )


def days(row: pd.Series) -> str:
    """From when to when, in words."""
    since = formats.day(row["since"], language())
    if row["until"] is None:
        return t("accounts.since", day=since)
    return t("list.days", first=since, last=formats.day(row["until"], language()))


def _line(actor: Actor, row: pd.Series, other: str, key: str) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    words = f"{t(key, name=other)} · {days(row)}"
    left.html(
        f'<div class="gv-row two"><div><b>{escaped(office(row))}</b>'
        f"<em>{escaped(words)}</em></div></div>"
    )
    number = int(row["grant_id"])
    if right.button(t("standin.end"), key=f"loan_end_{number}"):
        act.perform(end_grant, actor, done="standin.ended", grant_id=number)
