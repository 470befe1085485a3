"""My claims: what I promised, begin, record, give back."""

from lib.domain.permissions import Permission
from lib.ui import households, matching, my_claims, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.CLAIM_TAKE)

here = place.chosen(actor)
page.head(t("screen.claims"), note=here.name, place=(actor, here))
my_claims.screen(actor, here)
households.neighbours(actor)
matching.mine(actor)
