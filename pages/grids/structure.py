"""Keeping a grid's structure: posts, three tiers, estates and buildings; above grids, a list."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import buildings, history, page, place, structure
from lib.ui.session import open_page, t

actor = open_page(Permission.STRUCTURE_EDIT)

here = place.chosen(actor)
page.head(t("screen.structure"), note=here.name, place=(actor, here))
left, right = st.columns([1.2, 1], gap="small")
with left:
    if here.leaf:
        structure.posts(actor, here)
        structure.tiers(actor, here)
    else:
        structure.grids(actor, here)
with right:
    buildings.cards(actor, here)
    if here.leaf and here.area_id is not None:
        history.card(actor, here.area_id)
