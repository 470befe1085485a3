"""Accounts: who can sign in, what each may do where, codes, and the table to take away."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import account_card, account_list, page
from lib.ui.session import open_page, t

actor = open_page(Permission.ACCOUNT_EDIT)

page.head(t("screen.accounts"), note=t("accounts.note"))
account_card.code_once()
left, right = st.columns([3, 2], gap="small")
with left:
    chosen = account_list.listing(actor)
with right:
    account_card.card(actor, chosen)
