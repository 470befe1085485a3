"""Resident units: list and search, map, add and edit."""

import streamlit as st

from lib.domain.calendar import Period, running, today
from lib.domain.permissions import Permission
from lib.ui import area_map, page, place, unit_card
from lib.ui.session import open_page, t

actor = open_page(Permission.UNIT_VIEW)


@st.fragment
def unit_map() -> None:
    unit_card.follow_map(actor, area_map.take_click("units"))
    here = place.chosen(actor)
    with st.container(horizontal=True, vertical_alignment="center", key="headline"):
        page.head(t("screen.units"), note=here.name, place=(actor, here))
        unit_card.add_here(actor, here)
    right, left = st.columns([1, 1.3], gap="small")
    with right:
        unit_card.show_chosen(actor)
        listed = unit_card.listing(actor, here)
    with left:
        span = running(Period.MONTH, today())
        area_map.draw(
            actor,
            here,
            span,
            key="units",
            layers=("unit",),
            unit_id=unit_card.chosen_id(),
            unit_ids=listed,
        )


unit_map()
