"""Looking at a masked field: a reason, a click, the value; and the click is entered.

Who may look is the command's to decide (`lib.services.personal`).
"""

from collections.abc import Callable

import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.vocab import RevealReason
from lib.i18n.glossary import word
from lib.ui import act
from lib.ui.session import language, plain, t

_SHOWN = "revealed"


def offer(actor: Actor, command: Callable[..., str], field: str, **whose: int) -> None:
    """The popover that shows one masked field; `whose` is what the command calls its subject.

    One value is kept at a time, and only in this browser's session.
    """
    key = "_".join(f"{name}_{number}" for name, number in whose.items())
    shown = st.session_state.get(_SHOWN)
    if shown is not None and shown[0] == key:
        st.markdown(f"**{plain(field)}** {plain(shown[1])}")
        return
    with st.popover(t("reveal.show", field=field), key=f"reveal_{key}"):
        st.caption(t("reveal.note"))
        reason = st.selectbox(
            t("field.reveal_reason"),
            list(RevealReason),
            format_func=lambda one: word(one, language()),
            key=f"reveal_reason_{key}",
        )
        note = ""
        if reason is RevealReason.OTHER:
            note = st.text_input(t("field.reason"), key=f"reveal_note_{key}")
        if st.button(t("reveal.do"), type="primary", key=f"reveal_do_{key}"):

            def look() -> None:
                value = command(actor, reason=reason, note=note, **whose)
                st.session_state[_SHOWN] = (key, value)

            act.perform(look, done="reveal.done")
