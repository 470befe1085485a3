"""Matching: where helpers are lacking, who could help, and a proposal for the whole street."""

from lib.domain.permissions import Permission
from lib.ui import matching, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.NEED_SETTLE)

here = place.chosen(actor)
page.head(t("screen.matching"), note=here.name, place=(actor, here))
matching.screen(actor, here)
