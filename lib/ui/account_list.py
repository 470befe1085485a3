"""The accounts that somebody looks after: searched, listed, taken away, and the way to invite."""

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor, Permission, Role
from lib.i18n.glossary import word
from lib.queries import grants
from lib.ui.account_card import invite
from lib.ui.page import card_title, download, empty
from lib.ui.session import language, name_of, t
from lib.ui.standin import days, office
from lib.ui.tables import choose_row

_HEIGHT = 640


def listing(actor: Actor) -> pd.Series | None:
    """The search, the table, and the row that was chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="account_filters"):
        text = st.text_input(
            t("accounts.search"),
            key="account_text",
            placeholder=t("accounts.search_hint"),
            label_visibility="collapsed",
            width=190,
        )
        role = st.selectbox(
            t("field.role"),
            [None, *Role],
            format_func=lambda one: word(one, language()) if one else t("accounts.any_role"),
            key="account_role",
            label_visibility="collapsed",
            width=170,
        )
        closed = st.toggle(t("accounts.show_closed"), key="account_closed")
        # Who only stands in for somebody gives no roles.
        gives = actor.in_own_name().may(Permission.ACCOUNT_EDIT)
        if gives and st.button(
            t("accounts.invite"), type="primary", icon=":material/person_add:", key="account_invite"
        ):
            invite(actor)
    rows = grants.listing(actor, text=text, role=role, closed=closed)
    with st.container(border=True, key="card_accounts"):
        card_title(t("accounts.title"), t("accounts.count", n=len(rows)))
        if rows.empty:
            empty(t("accounts.none"))
            return None
        table = _table(actor, rows)
        # Other rows are another table: a chosen row must not slip to its neighbour.
        key = f"accounts_{hash(tuple(rows['account_id']))}"
        picked = choose_row(table, key=key, alt=t("accounts.title"), height=_HEIGHT)
        download("accounts", t("screen.accounts"), table)
    return None if picked is None else rows.iloc[picked]


def _table(actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    held = grants.grants(actor)
    held = held[held["state"] != "ended"]
    offices = {
        number: "; ".join(f"{office(row)}, {days(row)}" for _, row in of.iterrows())
        for number, of in held.groupby("account_id")
    }
    return pd.DataFrame(
        {
            t("accounts.display"): [
                name_of(zh, en)
                for zh, en in zip(rows["display_zh"], rows["display_en"], strict=True)
            ],
            t("accounts.name"): rows["name"],
            t("accounts.grants"): [offices.get(n, "") for n in rows["account_id"]],
        }
    )
