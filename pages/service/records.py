"""The records behind the figures: filter, open one with its history, take the list away."""

from lib.domain.permissions import Permission
from lib.ui import page, place, records
from lib.ui.session import open_page, t

actor = open_page(Permission.SERVICE_VIEW)

here = place.chosen(actor)
page.head(t("screen.records"), note=here.name, place=(actor, here))
records.listing(actor, here)
