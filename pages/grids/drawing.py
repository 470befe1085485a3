"""Drawing boundaries on the map, over a picture of the wall map where there is one."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import drawing, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.AREA_EDIT)


@st.fragment
def sheet() -> None:
    here = place.chosen(actor)
    page.head(t("screen.drawing"), note=here.name, place=(actor, here))
    drawing.screen(actor, here)


sheet()
