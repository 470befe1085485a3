"""Records that wait: confirm each, or return it with a reason; never one's own."""

from lib.domain.permissions import Permission
from lib.ui import page, place, records
from lib.ui.session import open_page, t

actor = open_page(Permission.SERVICE_CONFIRM)

here = place.chosen(actor)
page.head(t("screen.confirm"), note=here.name, place=(actor, here))
records.to_confirm(actor, here)
