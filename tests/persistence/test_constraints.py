"""Invariants that hold in the database itself, whoever writes to it; told straight in SQL."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from lib.domain.vocab import ServiceState
from lib.persistence.engine import Writes
from tests.factories import SmallStreet, service_given
from tests.services.written import everything


@pytest.fixture
def waiting(street: SmallStreet) -> dict[str, int]:
    """A record of C1's secretary that waits; the volunteer served, who has an account."""
    service = service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    return {
        "service": service,
        "person": street.people["lin"],
        "zhou": street.people["zhou"],
        "team": street.teams["patrol"],
        "recorder": street.actors["community_secretary"].account_id,
        "second": street.actors["second"].account_id,
        "served": street.actors["volunteer"].account_id,
        "area": street.areas.g1,
    }


PARTICIPATION = (
    "insert into participation (service_id, person_id, team_id, minutes, trust) values (:service,"
)
CONFIRM = (
    "update service set state = 'confirmed', decided_at = current_timestamp,"
    " confirmed_by = 'secretary', decided_by_id ="
)

REFUSED = {
    "zero minutes": f"{PARTICIPATION} :zhou, null, 0, 'self_reported')",
    "negative minutes": f"{PARTICIPATION} :zhou, null, -60, 'self_reported')",
    "huge minutes": f"{PARTICIPATION} :zhou, null, 961, 'self_reported')",
    "nobody": f"{PARTICIPATION} null, null, 60, 'self_reported')",
    "two at once": f"{PARTICIPATION} :zhou, :team, 60, 'self_reported')",
    "twice": f"{PARTICIPATION} :person, null, 60, 'self_reported')",
    "unknown trust": f"{PARTICIPATION} :zhou, null, 60, 'sworn')",
    "unknown person": f"{PARTICIPATION} 404, null, 60, 'self_reported')",
    "confirmed by the recorder": f"{CONFIRM} :recorder",
    "confirmed by nobody": f"{CONFIRM} null",
    "confirmed by who served": f"{CONFIRM} :served",
    "returned without a reason": "update service set state = 'returned'",
    "voided without a reason": "update service set state = 'voided'",
    "unknown state": "update service set state = 'lost'",
    "negative people": "update service set people_served = -1",
    "negative goods": "update service set goods = -1",
    "negative money": "update service set money_fen = -1",
    "two holders of one office": (
        "insert into appointment (office, office_id, area_id, person_id)"
        " select office, office_id, area_id, :zhou from appointment limit 1"
    ),
    "a term that ends before it begins": "update appointment set ended_on = '2019-12-31'",
    "an agreed end before the beginning": "update appointment set \"until\" = '2019-12-31'",
    "a second branch": (
        "insert into branch (area_id, name_zh, version) values (:area, '又一支部', 1)"
    ),
    "another history": "update service_step set reason = 'x'",
    "no history": "delete from service_step",
    "unit half placed": "update organisation set lat = null, lon = 1",
    "unit off the earth": "update organisation set lat = 91, lon = 1",
    "fewer than no households": "update building set households = -1",
    "area its own parent": "update area set parent_id = id where id = :area",
    "area ends before it begins": "update area set valid_until = '2019-12-31'",
    "grant without a scope": "update account_grant set area_id = null where role = 'volunteer'",
    "second branch of a grid": "insert into branch (area_id, name_zh) values (:area, '二')",
}


@pytest.mark.parametrize("case", REFUSED)
def test_database__refuses(waiting: dict[str, int], case: str) -> None:
    before = everything()
    with pytest.raises(DBAPIError), Writes.begin() as session:
        session.execute(text(REFUSED[case]), waiting)
    assert everything() == before


def test_database__request_twice__refused(street: SmallStreet, waiting: dict[str, int]) -> None:
    service_given(street, street.areas.g1)
    with pytest.raises(IntegrityError), Writes.begin() as session:
        session.execute(text("update service set request_id = 'same'"))


def test_database__confirmed_by_another__accepted(waiting: dict[str, int]) -> None:
    with Writes.begin() as session:
        changed = session.execute(text(f"{CONFIRM} :second"), waiting)
    assert changed.rowcount == 1
