"""Who asked for a need, and their link to it, for whoever settles it."""

from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.public_codes import LINK_DAYS, RESIDENT
from lib.services.resident import hand_out_link, reveal_asker, revoke_links
from lib.ui import act, reveal
from lib.ui.session import t

_HANDED = "link_handed_out"


def box(actor: Actor, row: pd.Series) -> None:
    """Name and phone behind their mask, a fresh link to hand out, and the end of all links."""
    number = int(row["need_id"])
    with st.popover(t("askers.box"), type="tertiary", key=f"asker_box_{number}"):
        said = " ".join(part for part in (row["asker"], row["asker_phone"]) if part)
        if said:
            reveal.offer(actor, reveal_asker, said, need_id=number)
        else:
            st.caption(t("askers.anonymous"))
        handed = st.session_state.get(_HANDED)
        if handed is not None and handed[0] == number:
            st.caption(t("askers.handed_note", n=LINK_DAYS))
            st.code(handed[1], language=None)
        if st.button(t("askers.hand_out"), key=f"link_{number}"):

            def hand_out() -> None:
                token = hand_out_link(actor, need_id=number)
                here = urlsplit(st.context.url or "")
                address = f"{here.scheme}://{here.netloc}/{RESIDENT}/{token}"
                st.session_state[_HANDED] = (number, address)

            act.perform(hand_out, done="askers.handed")
        if st.button(t("askers.revoke"), key=f"unlink_{number}"):
            act.perform(revoke_links, actor, done="askers.revoked", need_id=number)
