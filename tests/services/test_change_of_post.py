"""A change of post: what moves to the successor, and for whom it does not; on both engines."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import NotPermitted, Refusal
from lib.domain.permissions import Grant, Role
from lib.domain.vocab import ServiceState
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Appointment, Service, Team
from lib.queries import grants
from lib.services.change_of_post import Moved, change_post
from lib.services.grants import lend_grant
from tests.factories import SmallStreet, enrolled, service_given
from tests.services.test_grants import account, grant_id, now_of
from tests.services.written import everything


def test_change_of_post__everything_open_moves_with_a_note(street: SmallStreet) -> None:
    """Grant, office, team and returned record of the leader go to the successor; history stays."""
    administrator = street.actors["administrator"]
    with Writes.begin() as session:
        before = enrolled(
            session,
            "before",
            Grant(Role.GRID_SECRETARY, street.areas.g1),
            person_id=street.people["head"],
        )
        after = enrolled(session, "after", person_id=street.people["serving"])
        session.get_one(Team, street.teams["patrol"]).leader_id = street.people["head"]
    other = account(Grant(Role.GRID_WORKER, street.areas.g1))
    loan = lend_grant(
        before, grant_id=grant_id(before), to=other.account_id, since=today(), until=today()
    )
    street = replace(street, actors={**street.actors, "before": before})
    service = service_given(
        street, street.areas.g1, state=ServiceState.RETURNED, recorder="before", decider="second"
    )
    moved = change_post(
        administrator,
        account_id=before.account_id,
        successor_id=after.account_id,
        note="两件未办结",
    )
    assert moved == Moved(grants=1, offices=1, teams=1, records=1)
    successor, former = now_of(after), now_of(before)
    assert successor is not None
    assert former is not None
    assert successor.grants == (Grant(Role.GRID_SECRETARY, street.areas.g1),)
    assert former.grants == ()
    lent_to = now_of(other)
    assert lent_to is not None
    assert loan
    assert {grant.role for grant in lent_to.grants} == {Role.GRID_WORKER}
    with Reads() as session:
        assert session.get_one(Service, service).recorded_by_id == after.account_id
        assert session.get_one(Team, street.teams["patrol"]).leader_id == street.people["serving"]
        held = select(Appointment.person_id).where(
            Appointment.office == "post",
            Appointment.ended_on.is_(None),
            Appointment.area_id == street.areas.g1,
        )
        assert session.scalars(held).all() == [street.people["serving"]]
    note = grants.taken_over(successor, account_id=after.account_id).iloc[0]
    assert (note["note"], note["left"], note["other_zh"]) == ("两件未办结", False, before.name_zh)
    assert grants.taken_over(street.actors["volunteer"], account_id=after.account_id).empty
    with pytest.raises(Refusal) as caught:
        change_post(
            administrator, account_id=before.account_id, successor_id=after.account_id, note="再来"
        )
    assert caught.value.code == "account.nothing_open"


def test_change_of_post__not_ones_to_look_after__refused_and_nothing_moves(
    street: SmallStreet,
) -> None:
    before = everything()["account_grant"]
    for who, whom, to in (
        ("community_secretary", "neighbour", "grid_worker"),
        ("community_secretary", "grid_worker", "neighbour"),
        ("volunteer", "grid_worker", "team_leader"),
    ):
        with pytest.raises(NotPermitted):
            change_post(
                street.actors[who],
                account_id=street.actors[whom].account_id,
                successor_id=street.actors[to].account_id,
                note="交接",
            )
    assert everything()["account_grant"] == before
