"""The street at a glance: the map, four figures, what needs attention, what was done."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import area_map, figures, page, place, setup, unit_card
from lib.ui.session import open_page, t

actor = open_page(Permission.AREA_VIEW)


@st.fragment
def overview() -> None:
    unit_card.follow_map(actor, area_map.take_click("overview"))
    here = place.chosen(actor)
    with st.container(horizontal=True, vertical_alignment="center", key="headline"):
        page.head(here.name, note=figures.size_note(actor, here), place=(actor, here))
        period, span = page.period_control()
    left, right = st.columns([1.92, 1], gap="small")
    with left:
        area_map.draw(
            actor, here, span, key="overview", layers=("unit",), unit_id=unit_card.chosen_id()
        )
    with right:
        unit_card.show_chosen(actor)
        figures.key_figures(actor, here, period, span)
        figures.attention(actor, here, span)
        figures.activity(actor, here, height=104)


if setup.needed(actor):
    page.head(t("screen.setup"), note=t("setup.note"))
    setup.guide(actor)
else:
    setup.reminder(actor)
    overview()
