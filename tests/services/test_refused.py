"""Attempts that lacked permission: each leaves one entry, whoever tries again and again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lib.domain.errors import NotPermitted, Refusal
from lib.domain.origin import come_from
from lib.domain.permissions import Actor, Permission
from lib.persistence import transaction as writing
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry
from lib.services.audit import refuse_page
from lib.services.service import Participant, record_service, void_service
from lib.services.units import close_unit
from tests.factories import SmallStreet, service_given
from tests.services.written import counters, entry, everything

EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)


def refused() -> list[AuditEntry]:
    with Reads() as session:
        return list(
            session.scalars(select(AuditEntry).where(AuditEntry.refused).order_by(AuditEntry.id))
        )


def close_school(street: SmallStreet, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        close_unit(actor, unit_id=street.units["school"], version=1)


def test_refused__a_command__one_entry_and_nothing_else(street: SmallStreet) -> None:
    before = everything(), counters()
    actor = street.actors["volunteer"]
    come_from("192.0.2.7", EDGE)
    close_school(street, actor)
    come_from(None, None)
    assert (everything(), counters()) == before
    (left,) = refused()
    assert (left.account_id, left.role, left.action) == (actor.account_id, "volunteer", "unit:edit")
    assert (left.subject_kind, left.subject_id, left.area_id, left.subject_label) == (
        "area",
        street.areas.g1,
        street.areas.g1,
        "第1网格",
    )
    assert (left.address, left.agent, left.changes) == ("192.0.2.7", "Edge · Windows", {})


def test_refused__again_within_a_minute__entered_once_each(
    street: SmallStreet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        close_school(street, street.actors["volunteer"])
    close_school(street, street.actors["visitor"])
    assert [one.role for one in refused()] == ["volunteer", "visitor"]
    number = service_given(street, street.areas.g1, state="recorded")
    with pytest.raises(NotPermitted):
        void_service(street.actors["volunteer"], service_id=number, version=1, reason="重复")
    assert [one.action for one in refused()] == ["unit:edit", "unit:edit", "service:void"]
    monkeypatch.setattr(writing, "REFUSED_ONCE_IN", timedelta(0))
    close_school(street, street.actors["volunteer"])
    assert len(refused()) == 4


def test_refused__recording_for_somebody_else__entered_with_its_sentence(
    street: SmallStreet,
) -> None:
    with pytest.raises(Refusal) as caught:
        record_service(
            street.actors["volunteer"],
            entry=entry(street.areas.g1),
            participants=[Participant(60, person_id=street.people["zhou"])],
            request_id="one",
        )
    assert caught.value.code == "refusal.only_yourself"
    assert [one.action for one in refused()] == ["service:record_others"]


def test_refused__a_page__entered_by_its_path(street: SmallStreet) -> None:
    actor = street.actors["visitor"]
    for path in ("/imports", "/imports", "/areas", ""):
        refuse_page(actor, Permission.LEDGER_IMPORT, page=path)
    assert [(one.action, one.subject_kind, one.subject_label) for one in refused()] == [
        ("ledger:import", "page", "/imports"),
        ("ledger:import", "page", "/areas"),
        ("ledger:import", "page", "/"),
    ]


def test_refused__other_refusals__leave_no_entry(street: SmallStreet) -> None:
    with pytest.raises(Refusal):
        close_unit(street.actors["street_committee"], unit_id=street.units["school"], version=9)
    assert refused() == []
