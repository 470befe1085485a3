"""The account in figures: check-ins, claims, teams, patrols and help, counted from the records."""

from lib.domain.permissions import Permission
from lib.ui import account, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.CHECKIN_REGISTER)

here = place.chosen(actor)
page.head(t("screen.tally"), note=here.name, place=(actor, here))
account.screen(actor, here)
