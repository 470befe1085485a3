"""The street's own settings: name and look, words for levels and kinds, working days, stars."""

import streamlit as st

from lib.domain.permissions import Permission
from lib.ui import local_settings, page, setting_tables
from lib.ui.session import open_page, t

actor = open_page(Permission.SETTINGS_EDIT)

page.head(t("screen.settings"), note=t("settings.note"))
if local_settings.announce(actor):
    branding, levels, days, kinds, stars = st.tabs(
        [t(f"settings.tab_{name}") for name in ("branding", "levels", "days", "kinds", "stars")]
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
