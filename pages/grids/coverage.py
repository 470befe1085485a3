"""Coverage and health: each measure with its formula, and the grids behind it."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import coverage, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.AREA_VIEW)

here = place.chosen(actor)
with st.container(horizontal=True, vertical_alignment="center", key="headline"):
    page.head(t("screen.coverage"), note=here.name, place=(actor, here))
    _, span = page.period_control()
    reach = coverage.reach_control()
coverage.screen(actor, here, span, reach)
