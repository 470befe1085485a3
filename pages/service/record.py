"""Record a service, one that was promised, or correct one that was returned."""

from lib.domain.permissions import Permission
from lib.ui import my_claims, page, place, record_form, records, team_events
from lib.ui.session import open_page, t

actor = open_page(Permission.SERVICE_RECORD)

here = place.chosen(actor)
page.head(t("screen.record"), note=here.name, place=(actor, here))
returned, claim = records.correctable(actor), my_claims.serviceable(actor)
if returned is not None:
    records.returned_note(returned)
    record_form.form(actor, here, name="correct", returned=returned)
elif claim is not None:
    my_claims.promise_note(claim)
    record_form.form(actor, here, name=f"claim_{claim['claim_id']}", claim=claim)
elif (event := team_events.recordable(actor)) is not None:
    team_events.event_note(event)
    record_form.form(actor, here, name=f"event_{event['event_id']}", event=event)
else:
    record_form.form(actor, here, name="record")
