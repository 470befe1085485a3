"""Ledgers in: a template to fill in, a file checked row by row, imported, and taken back."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import imports, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.LEDGER_IMPORT)

here = place.chosen(actor)
page.head(t("screen.imports"), note=here.name, place=(actor, here))
left, right = st.columns([2, 1], gap="small")
with left:
    imports.desk(actor, here)
with right:
    imports.history(actor)
