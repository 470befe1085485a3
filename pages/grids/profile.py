"""The profile of a grid, or of any area, on a page of its own."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import coverage, figures, page, place, profile, record_form
from lib.ui.session import open_page

actor = open_page(Permission.AREA_VIEW)

here = place.chosen(actor)
with st.container(horizontal=True, vertical_alignment="center", key="headline"):
    page.head(here.name, note=figures.size_note(actor, here), place=(actor, here))
    period, span = page.period_control()
    record_form.record_here(actor, here)
left, right = st.columns([1.2, 1], gap="small")
with left:
    profile.figures(actor, here)
    profile.month_figures(actor, here, span)
    coverage.health_card(actor, here, span)
    profile.posts(actor, here)
    if here.leaf:
        profile.tiers(actor, here)
    figures.activity(actor, here, height=180)
    figures.kinds(actor, here, span)
with right:
    profile.unit_rows(actor, here, limit=10)
    profile.team_rows(actor, here, limit=10)
    profile.latest(actor, here, limit=10)
