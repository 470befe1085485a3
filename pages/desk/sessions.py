"""Sessions: who is signed in, since when and where, and the end of one or of all of an account."""

from lib.domain.permissions import Permission
from lib.ui import page, signed_in
from lib.ui.session import open_page, t

actor = open_page(Permission.ACCOUNT_EDIT)

page.head(t("screen.sessions"), note=t("sessions.note"))
signed_in.listing(actor)
