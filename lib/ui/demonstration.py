"""The way out of the demonstration: what goes, what stays, a typed name, and then it is gone.

What is removed stands in `lib.demo.removal`.
"""

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor, Permission
from lib.i18n import formats
from lib.queries import sessions
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.page import card_title
from lib.ui.session import plain, t

_ASKED = "demonstration_asked"


def way_out(actor: Actor) -> None:
    """The card that removes the demonstration, for the administrator of a demonstration."""
    if not actor.may(Permission.DEMONSTRATION_REMOVE) or not sessions.demonstration():
        return
    with st.container(border=True, key="card_demonstration"):
        card_title(t("demonstration.title"), t("demonstration.note"))
        st.write(t("demonstration.what"))
        if not st.session_state.get(_ASKED):
            if st.button(t("demonstration.ask"), key="demonstration_ask"):
                st.session_state[_ASKED] = True
                st.rerun()
            return
        _confirm(actor)


def _confirm(actor: Actor) -> None:
    # The generator and its geometry are needed once in the life of a database.
    from lib.demo.load import removal_toll, remove_demonstration

    names, tolls = removal_toll(actor)
    table = pd.DataFrame(
        {
            t("demonstration.kind"): [t(f"demonstration.kind_{one.kind}") for one in tolls],
            t("demonstration.goes"): [formats.count(one.goes) for one in tolls],
            t("demonstration.touched"): [formats.count(one.touched) for one in tolls],
            t("demonstration.stays"): [formats.count(one.stays) for one in tolls],
        }
    )
    st.table(table.set_index(t("demonstration.kind")))
    touched = sum(one.touched for one in tolls)
    if touched:
        st.warning(t("demonstration.warn_touched", n=touched), icon=":material/warning:")
    st.write(t("demonstration.afterwards"))
    typed = Fields("demonstration", {}).text(st.container(), "typed_name", plain(" / ".join(names)))
    with st.container(horizontal=True):
        remove = st.button(t("demonstration.do"), type="primary", key="demonstration_do")
        keep = st.button(t("demonstration.keep"), key="demonstration_keep")
    if keep:
        _forget()
        st.rerun()
    if remove:
        bar = st.progress(0.0)

        def tell(step: str, share: float) -> None:
            bar.progress(share, text=t(step))

        act.perform(
            remove_demonstration,
            actor,
            done="demonstration.done",
            then=_forget,
            typed=typed,
            progress=tell,
        )
        bar.empty()


def _forget() -> None:
    """Nothing that was remembered of the demonstration is true any more."""
    st.session_state.pop(_ASKED, None)
    st.cache_data.clear()
