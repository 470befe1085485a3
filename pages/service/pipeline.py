"""From needs to confirmed services in charts: funnel, months, for whom, where, by whom, giving."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import activity, funnel, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.AREA_VIEW)

here = place.chosen(actor)
with st.container(horizontal=True, vertical_alignment="center", key="headline"):
    page.head(t("screen.pipeline"), note=here.name, place=(actor, here))
    days = activity.days_control()
funnel.views(actor, here, days)
