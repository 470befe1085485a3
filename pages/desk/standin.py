"""Stand-in: what is lent to a colleague for days away, and what colleagues have lent."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import page, standin
from lib.ui.session import open_page, t

actor = open_page(Permission.GRANT_DELEGATE)

page.head(t("screen.standin"), note=t("standin.note"))
left, right = st.columns([2, 3], gap="small")
with left:
    standin.lend(actor)
with right:
    standin.lent(actor)
    standin.taken_over(actor)
