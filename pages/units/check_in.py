"""Checking in: register members and volunteers, answer requests, pause, move, leave."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.domain.vocab import CodeFor
from lib.ui import check_ins, page, place, public_codes
from lib.ui.session import open_page, t

actor = open_page(Permission.CHECKIN_REGISTER)

here = place.chosen(actor)
page.head(t("screen.check_in"), note=t("checkin.note"), place=(actor, here))
check_ins.bar(actor, here)
check_ins.totals(actor, here)
left, right = st.columns([2.2, 1], gap="small")
with left:
    check_ins.listing(actor, here)
with right:
    check_ins.requests(actor, here)
    check_ins.late_units(actor, here)
    public_codes.card(actor, here, CodeFor.CHECK_IN)
