"""The project library: filter, on the map and as a list; claim a place, look after projects."""

from lib.domain.permissions import Permission
from lib.ui import library, library_map, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.PROJECT_VIEW)

library_map.take_click(actor)
here = place.chosen(actor)
page.head(t("screen.library"), note=here.name, place=(actor, here))
library.screen(actor, here)
