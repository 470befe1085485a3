"""Needs of residents: collect, find what is alike, answer each."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.domain.vocab import CodeFor
from lib.ui import needs, page, place, public_codes
from lib.ui.session import open_page, t

actor = open_page(Permission.NEED_COLLECT)

here = place.chosen(actor)
page.head(t("screen.needs"), note=here.name, place=(actor, here))
left, right = st.columns([1.6, 1], gap="small")
with left:
    needs.listing(actor, here)
with right:
    needs.collect(actor, here)
    public_codes.card(actor, here, CodeFor.NEED)
