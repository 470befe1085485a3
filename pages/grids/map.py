"""The grid map: choose a measure, click a grid or unit, read its panel; the view stays."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import area_map, figures, page, place, profile, record_form, unit_card
from lib.ui.session import open_page

actor = open_page(Permission.AREA_VIEW)


@st.fragment
def grid_map() -> None:
    unit_card.follow_map(actor, area_map.take_click("grids"))
    here = place.chosen(actor)
    with st.container(horizontal=True, vertical_alignment="center", key="headline"):
        page.head(here.name, note=figures.size_note(actor, here), place=(actor, here))
        _, span = page.period_control()
        record_form.record_here(actor, here)
    left, right = st.columns([1.75, 1], gap="small")
    with left:
        area_map.draw(
            actor, here, span, key="grids", layers=("unit",), unit_id=unit_card.chosen_id()
        )
        area_map.figures_popover(actor, here, span)
    with right:
        unit_card.show_chosen(actor)
        profile.figures(actor, here)
        profile.month_figures(actor, here, span)
        profile.posts(actor, here)
        if here.leaf:
            profile.tiers(actor, here)
        profile.unit_rows(actor, here)
        profile.team_rows(actor, here)
        profile.latest(actor, here)


grid_map()
