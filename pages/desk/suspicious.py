"""Records that somebody should look at: explained, marked as looked at, never punished."""

from lib.domain.permissions import Permission
from lib.ui import page, place, suspicions
from lib.ui.session import open_page, t

actor = open_page(Permission.SERVICE_REVIEW)

here = place.chosen(actor)
page.head(t("screen.suspicious"), note=here.name, place=(actor, here))
suspicions.screen(actor, here)
