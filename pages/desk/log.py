"""The audit log: who did what, what was refused, and whether the log itself is whole."""

from lib.domain.permissions import Permission
from lib.ui import audit, page
from lib.ui.session import open_page, t

actor = open_page(Permission.AUDIT_READ)

page.head(t("screen.log"), note=t("log.note"))
audit.chain()
audit.listing(actor, audit.filters(actor))
