"""The first set-up, step by step, and the way out of the demonstration."""

from lib.domain.permissions import Permission
from lib.ui import demonstration, page, setup
from lib.ui.session import open_page, t

actor = open_page(Permission.SETTINGS_EDIT)

page.head(t("screen.setup"), note=t("setup.note"))
demonstration.way_out(actor)
setup.guide(actor)
