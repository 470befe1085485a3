"""Many rows at once: what the engine refuses is refused as SQLAlchemy says it."""

from datetime import date, time

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from lib.domain.calendar import now
from lib.domain.vocab import Beneficiary, ServiceKind, ServiceState
from lib.persistence.bulk import insert_rows, numbers
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Membership, Participation, Person, Service
from tests.factories import SmallStreet


@pytest.mark.parametrize("n", [1, 150])
def test_insert_rows__a_broken_rule__raised_and_nothing_kept(street: SmallStreet, n: int) -> None:
    row = {"service_id": 404, "person_id": street.people["lin"], "minutes": 0, "trust": "confirmed"}
    with pytest.raises(DBAPIError), Writes.begin() as session:
        insert_rows(session, Participation, [row] * n)


def test_insert_rows__none__no_statement(street: SmallStreet) -> None:
    with Writes.begin() as session:
        insert_rows(session, Membership, [])


@pytest.mark.parametrize("n", [3, 150])
def test_numbers__new_ones_that_rows_can_take(street: SmallStreet, n: int) -> None:
    with Writes.begin() as session:
        ids = numbers(session, Person, n)
        assert len(set(ids)) == n
        assert set(ids).isdisjoint(street.people.values())
        common = {"area_id": street.areas.g1, "consented_on": date(2026, 3, 1)}
        insert_rows(session, Person, [{"id": one, "name": f"赵{one}", **common} for one in ids])
    with Writes.begin() as session:
        later = Person(name="钱二", **common)
        session.add(later)
        session.flush()
        assert later.id not in ids


def test_insert_rows__days_clocks_instants_and_words__come_back_as_they_were(
    street: SmallStreet,
) -> None:
    given = {
        "kind": ServiceKind.VISIT,
        "area_id": street.areas.g1,
        "day": date(2026, 3, 1),
        "starts_at": time(9, 30),
        "people_served": 3,
        "beneficiary": Beneficiary.DISABLED,
        "state": ServiceState.RECORDED,
        "recorded_by_id": street.actors["volunteer"].account_id,
        "recorded_at": now(),
    }
    rows = [{**given, "request_id": f"bulk-{n}"} for n in range(150)]
    rows[0] |= {"starts_at": None}
    with Writes.begin() as session:
        insert_rows(session, Service, rows)
    with Reads() as session:
        found = session.scalars(select(Service).order_by(Service.id)).all()
    assert [{name: getattr(one, name) for name in rows[0]} for one in found] == rows
    assert {(one.version, one.place, one.goods) for one in found} == {(1, "", 0)}
