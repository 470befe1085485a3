"""Many rows at once: what the engine refuses is refused as SQLAlchemy says it."""

from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from lib.persistence.engine import Writes
from lib.persistence.models import Membership, Participation, Person
from lib.services.bulk import insert_rows, numbers
from tests.factories import SmallStreet


def test_insert_rows__a_broken_rule__raised_and_nothing_kept(street: SmallStreet) -> None:
    row = {"service_id": 404, "person_id": street.people["lin"], "minutes": 0, "trust": "confirmed"}
    with pytest.raises(DBAPIError), Writes.begin() as session:
        insert_rows(session, Participation, [row])


def test_insert_rows__none__no_statement(street: SmallStreet) -> None:
    with Writes.begin() as session:
        insert_rows(session, Membership, [])


def test_numbers__new_ones_that_rows_can_take(street: SmallStreet) -> None:
    with Writes.begin() as session:
        ids = numbers(session, Person, 3)
        assert len(set(ids)) == 3
        assert set(ids).isdisjoint(street.people.values())
        common = {"area_id": street.areas.g1, "consented_on": date(2026, 3, 1)}
        insert_rows(session, Person, [{"id": n, "name": f"赵{n}", **common} for n in ids])
    with Writes.begin() as session:
        later = Person(name="钱二", **common)
        session.add(later)
        session.flush()
        assert later.id not in ids
