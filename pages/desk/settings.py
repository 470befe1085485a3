"""The street's own settings: name and look, words, working days, stars and deadlines."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import local_settings, page, setting_tables
from lib.ui.session import open_page, t

actor = open_page(Permission.SETTINGS_EDIT)

page.head(t("screen.settings"), note=t("settings.note"))
if local_settings.announce(actor):
    tabs = ("branding", "levels", "days", "deadlines", "kinds", "stars")
    branding, levels, days, deadlines, kinds, stars = st.tabs(
        [t(f"settings.tab_{name}") for name in tabs]
    )
    with branding:
        local_settings.branding(actor)
    with levels:
        setting_tables.level_names(actor)
    with days:
        setting_tables.working_days(actor)
    with kinds:
        setting_tables.kinds(actor)
    with stars:
        setting_tables.stars(actor)
    with deadlines:
        setting_tables.deadlines(actor)
