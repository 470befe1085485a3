"""Volunteer activity in charts: months, kinds, trust, people served, teams, and comparisons."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import activity, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.AREA_VIEW)

here = place.chosen(actor)
with st.container(horizontal=True, vertical_alignment="center", key="headline"):
    page.head(t("screen.activity"), note=here.name, place=(actor, here))
    days = activity.days_control()
activity.totals(actor, here, days)
activity.views(actor, here, days)
