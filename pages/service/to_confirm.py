"""What waits: corrections that volunteers ask for, and records to confirm or to return."""

from lib.domain.permissions import Permission
from lib.ui import corrections, page, place, records
from lib.ui.session import open_page, t

actor = open_page(Permission.SERVICE_CONFIRM)

here = place.chosen(actor)
page.head(t("screen.confirm"), note=here.name, place=(actor, here))
corrections.to_answer(actor, here)
records.to_confirm(actor, here)
