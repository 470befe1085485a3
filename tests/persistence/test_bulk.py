"""Many rows at once: what the engine refuses is refused as SQLAlchemy says it."""

from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from lib.persistence.bulk import insert_rows, numbers
from lib.persistence.engine import Writes
from lib.persistence.models import Membership, Participation, Person
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
