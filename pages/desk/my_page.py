"""My volunteering: my card, my hours, what comes next, what I took part in."""

from lib.domain.permissions import Permission
from lib.ui import my_page, page
from lib.ui.session import open_page, t

actor = open_page(Permission.SERVICE_RECORD)

page.head(t("screen.mine"), note=t("mine.note"))
my_page.everything(actor)
