"""Service teams: list by confirmed hours, one team with its members and events, the way in."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import page, place, teams
from lib.ui.session import open_page, t

actor = open_page(Permission.AREA_VIEW)

here = place.chosen(actor)
with st.container(horizontal=True, vertical_alignment="center", key="headline"):
    page.head(t("screen.teams"), note=here.name, place=(actor, here))
    _, span = page.period_control()
    teams.found_here(actor, here)
teams.screen(actor, here, span)
