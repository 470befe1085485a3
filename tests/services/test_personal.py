"""Looking at a masked field: who may, and what the trail keeps of it."""

import pytest

from lib.domain.errors import Invalid, NotFound, NotPermitted
from lib.domain.vocab import RevealReason
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry
from lib.services.personal import reveal_contact, reveal_name
from tests.factories import SmallStreet
from tests.services.written import counters, everything

LOOKS = {
    "administrator",
    "street_committee",
    "street_staff",
    "community_secretary",
    "grid_secretary",
    "grid_worker",
    "unit_liaison",
    "team_leader",
    "volunteer",
}
"""Who may look at Lin's name, who lives in G1; the volunteer is Lin."""


def last_entry() -> AuditEntry:
    with Reads() as session:
        return session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one()


@pytest.mark.parametrize("role", sorted({*LOOKS, "visitor", "auditor", "neighbour"}))
def test_reveal_name__entered_with_who_whose_and_why_but_never_what(
    street: SmallStreet, role: str
) -> None:
    actor = street.actors[role]
    lin = street.people["lin"]
    before = counters()
    if role not in LOOKS:
        with pytest.raises(NotPermitted):
            reveal_name(actor, person_id=lin, reason=RevealReason.CONTACT)
        assert (last_entry().refused, last_entry().action) == (True, "person:reveal")
        return
    assert reveal_name(actor, person_id=lin, reason=RevealReason.CONTACT) == "林小满"
    left = last_entry()
    assert (left.action, left.subject_kind, left.subject_id) == ("person.reveal", "person", lin)
    assert (left.account_id, left.area_id) == (actor.account_id, street.areas.g1)
    assert left.changes == {"name": None, "reveal_reason": [None, "contact"]}
    assert "林" not in left.subject_label
    assert counters() == before


def test_reveal_contact__the_number_for_those_who_work_with_units(street: SmallStreet) -> None:
    school = street.units["school"]
    number = reveal_contact(
        street.actors["community_secretary"],
        unit_id=school,
        reason=RevealReason.OTHER,
        note=" 商量场地 ",
    )
    assert number == "555-0101"
    left = last_entry()
    assert left.changes == {"liaison_phone": None, "reveal_reason": [None, "商量场地"]}
    assert "555" not in str(left.changes) + left.subject_label
    with pytest.raises(NotPermitted):
        reveal_contact(street.actors["volunteer"], unit_id=school, reason=RevealReason.CONTACT)


def test_reveal__without_a_reason_or_anybody__refused(street: SmallStreet) -> None:
    before = everything()
    secretary = street.actors["community_secretary"]
    with pytest.raises(Invalid):
        reveal_name(secretary, person_id=street.people["lin"], reason=RevealReason.OTHER, note="  ")
    with pytest.raises(NotFound):
        reveal_name(secretary, person_id=40_404, reason=RevealReason.URGENT)
    assert everything() == before
