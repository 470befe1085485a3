"""The log: filters, pages by number, and nothing for those who may not read it."""

from datetime import UTC, datetime, timedelta

import pytest

from lib.domain.calendar import today
from lib.domain.permissions import Permission, Role
from lib.domain.vocab import Topic
from lib.persistence.engine import Writes
from lib.persistence.models import AuditEntry
from lib.persistence.transaction import enter_refused, transaction
from lib.queries.audit import LOG_COLUMNS, LogFilter, entries, places
from lib.services.units import close_unit
from tests.factories import SmallStreet
from tests.services.written import ROLES


@pytest.fixture
def log(street: SmallStreet) -> SmallStreet:
    """A unit closed in G1, an attempt in G3, a command without an actor and an old entry."""
    actors = street.actors
    close_unit(actors["street_committee"], unit_id=street.units["school"], version=1)
    enter_refused(actors["volunteer"], Permission.UNIT_EDIT, area_id=street.areas.g3)
    with transaction(None) as tx:
        tx.record("area.edit", "area", topic=Topic.AREAS, area_ids=frozenset({street.areas.t}))
    with Writes.begin() as session:
        session.add(
            AuditEntry(
                at=datetime(2024, 12, 31, 15, 59, tzinfo=UTC),
                action="area.add",
                subject_kind="area",
                changes={},
            )
        )
    return street


def found(street: SmallStreet, **wanted: object) -> list[str]:
    frame = entries(street.actors["administrator"], wanted=LogFilter(**wanted), limit=50)
    assert list(frame.columns) == list(LOG_COLUMNS)
    return list(frame["action"])


ALL = ["area.add", "area.edit", "unit:edit", "unit.close"]


def test_entries__each_filter(log: SmallStreet) -> None:
    assert found(log) == ALL
    assert found(log, role=Role.VOLUNTEER) == ["unit:edit"]
    assert found(log, refused=True) == ["unit:edit"]
    assert found(log, action="unit.close") == ["unit.close"]
    assert found(log, subject_kind="organisation") == ["unit.close"]
    assert found(log, area_id=log.areas.s) == ["unit:edit", "unit.close"]
    assert found(log, area_id=log.areas.c1) == ["unit.close"]
    assert found(log, area_id=log.areas.t) == ["area.edit"]
    assert found(log, first=today()) == ["area.edit", "unit:edit", "unit.close"]
    assert found(log, first=today() + timedelta(days=1)) == []
    name = log.actors["volunteer"].name_zh
    assert found(log, who=f" {name} ") == ["unit:edit"]
    assert found(log, who="%") == []


def test_entries__a_day_is_the_streets_own(log: SmallStreet) -> None:
    last = datetime(2024, 12, 31, tzinfo=UTC).date()
    assert found(log, first=last, last=last) == ["area.add"]
    assert found(log, last=last - timedelta(days=1)) == []


def test_entries__page_by_page__each_once(log: SmallStreet) -> None:
    actor, seen, before = log.actors["administrator"], [], None
    for _ in range(4):
        page = entries(actor, wanted=LogFilter(), before=before, limit=1)
        seen += list(page["action"])
        before = int(page["entry_id"].iloc[-1])
    assert seen == ALL
    assert entries(actor, wanted=LogFilter(), before=before, limit=1).empty


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"administrator", "auditor"}))
def test_entries__who_may_not_read_the_log__sees_nothing(log: SmallStreet, role: str) -> None:
    assert entries(log.actors[role], wanted=LogFilter(), limit=50).empty
    assert places(log.actors[role]).empty


def test_entries__the_auditor__sees_all(log: SmallStreet) -> None:
    found = entries(log.actors["auditor"], wanted=LogFilter(), limit=50)
    assert list(found["action"]) == ALL


def test_places__every_present_area_by_code(log: SmallStreet) -> None:
    assert list(places(log.actors["administrator"])["code"]) == sorted(
        places(log.actors["administrator"])["code"]
    )
    assert len(places(log.actors["administrator"])) == 8
