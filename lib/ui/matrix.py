"""The table of who may do what, in words, and who gives which role.

It is made of the table that everything else reads; nothing is written here by hand.
"""

import pandas as pd
import streamlit as st

from lib.domain.permissions import BOUND, GIVES, Actor, Role
from lib.i18n.glossary import word
from lib.queries import grants
from lib.ui import trail
from lib.ui.page import card_title, download
from lib.ui.session import language, t

_YES = "✓"
_HEIGHT = 820


def table(actor: Actor) -> None:
    """One row for each permission, one column for each role."""
    rows = grants.matrix(actor)
    shown = pd.DataFrame({t("matrix.permission"): [_deed(name) for name in rows["permission"]]})
    for role in Role:
        shown[word(role, language())] = [_YES if may else "" for may in rows[role.value]]
    with st.container(border=True, key="card_matrix"):
        card_title(t("matrix.title"), t("matrix.within"))
        st.dataframe(
            shown,
            hide_index=True,
            height=min(_HEIGHT, 38 + 35 * len(shown)),
            key="matrix_table",
            column_config={t("matrix.permission"): st.column_config.Column(width=230)},
            alt=t("matrix.title"),
        )
        st.caption(t("matrix.bound", what=t("list.separator").join(map(_deed, sorted(BOUND)))))
        download("matrix", t("screen.matrix"), shown)


def givers() -> None:
    """Who gives which role, within the own area."""
    shown = pd.DataFrame(
        {
            t("matrix.giver"): [word(role, language()) for role in GIVES],
            t("matrix.gives"): [
                t("list.separator").join(word(role, language()) for role in Role if role in given)
                for given in GIVES.values()
            ],
        }
    )
    with st.container(border=True, key="card_givers"):
        card_title(t("matrix.givers"), t("matrix.givers_note"))
        st.table(shown.set_index(t("matrix.giver")))


def _deed(permission: str) -> str:
    words = trail.attempt(permission)
    return words[:1].upper() + words[1:]
