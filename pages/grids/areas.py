"""Maintaining the tree: its outline, the card of one area with its forms, and its history."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import areas, history, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.AREA_EDIT)

here = place.chosen(actor)
page.head(t("screen.areas"), note=here.name, place=(actor, here))
left, right = st.columns([1.7, 1], gap="small")
with left:
    areas.outline(actor, here)
with right:
    node = areas.chosen(actor, here)
    areas.card(actor, node)
    if node is not None:
        history.card(actor, node)
