"""Record a service, or correct one that was returned."""

from lib.domain.permissions import Permission
from lib.ui import page, place, record_form, records
from lib.ui.session import open_page, t

actor = open_page(Permission.SERVICE_RECORD)

here = place.chosen(actor)
page.head(t("screen.record"), note=here.name, place=(actor, here))
returned = records.correctable(actor)
if returned is not None:
    records.returned_note(returned)
record_form.form(actor, here, name="record" if returned is None else "correct", returned=returned)
