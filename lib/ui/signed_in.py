"""Who is signed in, in the accounts that somebody looks after."""

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.i18n import formats
from lib.queries import grants
from lib.services.accounts import end_sessions
from lib.services.grants import end_one_session
from lib.ui import act
from lib.ui.page import card_title, download, empty
from lib.ui.session import language, name_of, plain, t
from lib.ui.tables import choose_row

_HEIGHT = 640


def listing(actor: Actor) -> None:
    """The live sessions as a table; a chosen one is ended, alone or with its account's others."""
    rows = grants.signed_in(actor)
    with st.container(border=True, key="card_sessions"):
        card_title(t("sessions.title"), t("sessions.count", n=len(rows)))
        if rows.empty:
            empty(t("sessions.none"))
            return
        table = _table(rows)
        # Other sessions are another table: a chosen row must not slip to its neighbour.
        key = f"sessions_{hash(tuple(rows['session']))}"
        picked = choose_row(table, key=key, alt=t("sessions.title"), height=_HEIGHT)
        if picked is None:
            st.caption(t("sessions.choose"))
        else:
            _end(actor, rows.iloc[picked])
        download("sessions", t("screen.sessions"), table)


def _end(actor: Actor, row: pd.Series) -> None:
    name, number = name_of(row["display_zh"], row["display_en"]), int(row["account_id"])
    if number == actor.account_id:
        st.caption(t("sessions.own"))
        return
    with st.container(horizontal=True):
        if st.button(t("sessions.end_one"), key="session_end_one"):
            act.perform(
                end_one_session,
                actor,
                done="sessions.ended",
                account_id=number,
                session=row["session"],
            )
        if st.button(plain(t("sessions.end_all", name=name)), key="session_end_all"):
            act.perform(end_sessions, actor, number, done="sessions.ended")


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("accounts.display"): [
                name_of(r["display_zh"], r["display_en"]) for _, r in rows.iterrows()
            ],
            t("accounts.name"): rows["name"],
            t("sessions.device"): rows["device"],
            t("sessions.address"): rows["address"],
            t("sessions.opened_at"): [formats.instant(at, language()) for at in rows["opened_at"]],
            t("sessions.seen_at"): [formats.instant(at, language()) for at in rows["seen_at"]],
        }
    )
