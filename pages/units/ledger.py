"""The unit's ledger: who of its members checked in where, and what they did by quarter."""

from lib.domain.permissions import Permission
from lib.ui import page, unit_ledger
from lib.ui.session import open_page, t

actor = open_page(Permission.CHECKIN_LEDGER)

page.head(t("screen.ledger"), note=t("unitledger.note"))
unit_ledger.screen(actor)
