"""What accounts hold: given, changed, ended and lent, and who may do so; on both engines."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotPermitted, Refusal
from lib.domain.permissions import Actor, Grant, Permission, Role
from lib.domain.vocab import ServiceState
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AuditEntry,
)
from lib.queries import grants
from lib.queries.sessions import actor_of
from lib.services.grants import (
    LOAN_DAYS_MAX,
    GrantEntry,
    change_grant,
    end_grant,
    give_grant,
    lend_grant,
    reactivate_account,
    suspend_account,
)
from lib.services.service import confirm_service
from tests.factories import OPENED, SmallStreet, enrolled, service_given, signed_in
from tests.services.written import everything, together

DAY = timedelta(days=1)


def account(*grants: Grant, name: str = "li") -> Actor:
    with Writes.begin() as session:
        return enrolled(session, name, *grants)


def now_of(actor: Actor) -> Actor | None:
    """The actor as the next click finds it."""
    return actor_of(signed_in(actor))


def grant_id(actor: Actor) -> int:
    with Reads() as session:
        number = session.scalar(
            select(func.max(AccountGrant.id)).where(AccountGrant.account_id == actor.account_id)
        )
    assert number is not None
    return number


def last_entry() -> AuditEntry:
    with Reads() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def entry(role: Role, area_id: int | None, **values: object) -> GrantEntry:
    return GrantEntry(role, area_id, **({"since": today()} | values))


GIVES = {
    "administrator": set(Role),
    "street_committee": set(Role)
    - {Role.ADMINISTRATOR, Role.STREET_COMMITTEE, Role.AUDITOR, Role.VISITOR},
    "community_secretary": {Role.GRID_WORKER, Role.UNIT_LIAISON, Role.TEAM_LEADER, Role.VOLUNTEER},
}
"""Who gives which role at a fitting place within the own area, by hand; nobody else any.

The visitor is asked for over the whole tree, which only the administrator has.
"""


@pytest.mark.parametrize(
    "who",
    [
        "administrator",
        "street_committee",
        "community_secretary",
        "grid_secretary",
        "street_staff",
        "auditor",
        "visitor",
    ],
)
def test_give__every_role_by_every_giver(street: SmallStreet, who: str) -> None:
    at = {
        Role.STREET_COMMITTEE: street.areas.s,
        Role.STREET_STAFF: street.areas.s,
        Role.COMMUNITY_SECRETARY: street.areas.c1,
        Role.ADMINISTRATOR: None,
        Role.AUDITOR: None,
        Role.VISITOR: None,
    }
    bound = {
        Role.UNIT_LIAISON: {"organisation_id": street.units["school"]},
        Role.TEAM_LEADER: {"team_id": street.teams["patrol"]},
    }
    given = set()
    for role in Role:
        place = street.areas.c1 if role is Role.TEAM_LEADER else at.get(role, street.areas.g1)
        newcomer = account(Grant(Role.VOLUNTEER, street.areas.g2), name=f"new-{role}")
        wanted = entry(role, place, **bound.get(role, {}))
        try:
            give_grant(street.actors[who], account_id=newcomer.account_id, entry=wanted)
        except NotPermitted:
            continue
        given.add(role)
        holder = now_of(newcomer)
        assert holder is not None
        assert role in {grant.role for grant in holder.grants}
    assert given == GIVES.get(who, set())


def test_give__outside_of_the_own_area_or_to_oneself__refused(street: SmallStreet) -> None:
    secretary, newcomer = street.actors["community_secretary"], account()
    lives = account(Grant(Role.VOLUNTEER, street.areas.g3), name="elsewhere")
    own = account(Grant(Role.VOLUNTEER, street.areas.g1), name="own")
    for number, place in (
        (lives.account_id, street.areas.g1),
        (newcomer.account_id, street.areas.g1),
        (own.account_id, street.areas.g3),
        (secretary.account_id, street.areas.g1),
    ):
        before = everything()["account_grant"]
        with pytest.raises(NotPermitted):
            give_grant(secretary, account_id=number, entry=entry(Role.GRID_WORKER, place))
        assert everything()["account_grant"] == before
    local = account(Grant(Role.ADMINISTRATOR, street.areas.s), name="local")
    for number in (local.account_id, own.account_id):
        with pytest.raises(NotPermitted):
            give_grant(local, account_id=number, entry=entry(Role.ADMINISTRATOR, None))


@pytest.mark.parametrize(
    ("role", "place", "values", "field"),
    [
        (Role.GRID_WORKER, None, {}, "area_id"),
        (Role.GRID_WORKER, "c1", {}, "area_id"),
        (Role.STREET_STAFF, "closed", {}, "area_id"),
        (Role.AUDITOR, "s", {}, "area_id"),
        (Role.UNIT_LIAISON, "s", {}, "organisation_id"),
        (Role.UNIT_LIAISON, "c2", {"organisation_id": "school"}, "organisation_id"),
        (Role.TEAM_LEADER, "s", {}, "team_id"),
        (Role.TEAM_LEADER, "c2", {"team_id": "patrol"}, "team_id"),
        (Role.VOLUNTEER, "g1", {"organisation_id": "school"}, "organisation_id"),
        (Role.VOLUNTEER, "g1", {"until": today() - DAY}, "until"),
        (Role.VISITOR, "g2", {}, "role"),
    ],
)
def test_give__unfit__each_field_named(
    street: SmallStreet, role: Role, place: str | None, values: dict[str, object], field: str
) -> None:
    newcomer = account(Grant(Role.VISITOR, street.areas.g2))
    with Writes.begin() as session:
        session.execute(
            update(Area).where(Area.id == street.areas.t).values(valid_until=today() - DAY)
        )
    known = {"closed": street.areas.t}
    area_id = None if place is None else known.get(place) or getattr(street.areas, place)
    ids = {"school": street.units["school"], "patrol": street.teams["patrol"]}
    wanted = entry(role, area_id, **{k: ids.get(str(v), v) for k, v in values.items()})
    with pytest.raises(Invalid) as caught:
        give_grant(street.actors["administrator"], account_id=newcomer.account_id, entry=wanted)
    assert [one.field for one in caught.value.problems] == [field]


def test_grant__its_days_and_its_area__seen_at_the_next_click(street: SmallStreet) -> None:
    """A session that is open all the time: coming, held, changed, ended, its area closed."""
    administrator = street.actors["administrator"]
    newcomer = account()
    token = signed_in(newcomer)

    def roles() -> set[Role]:
        holder = actor_of(token)
        assert holder is not None
        return {grant.role for grant in holder.grants}

    assert roles() == set()
    number = give_grant(
        administrator,
        account_id=newcomer.account_id,
        entry=entry(Role.GRID_SECRETARY, street.areas.g1, since=today() + DAY),
    )
    assert roles() == set()
    change_grant(administrator, grant_id=number, since=today() - DAY, until=today())
    assert roles() == {Role.GRID_SECRETARY}
    change_grant(administrator, grant_id=number, since=today() - 2 * DAY, until=today() - DAY)
    assert roles() == set()
    change_grant(administrator, grant_id=number, since=today() - DAY, until=None)
    with Writes.begin() as session:
        session.execute(
            update(Area).where(Area.id == street.areas.g1).values(valid_until=today() - DAY)
        )
    assert roles() == set()
    give_grant(
        administrator,
        account_id=newcomer.account_id,
        entry=entry(Role.GRID_WORKER, street.areas.g2),
    )
    assert roles() == {Role.GRID_WORKER}
    end_grant(administrator, grant_id=grant_id(newcomer))
    assert roles() == set()
    suspend_account(administrator, account_id=newcomer.account_id)
    assert actor_of(token) is None
    reactivate_account(administrator, account_id=newcomer.account_id)
    assert roles() == set()


@pytest.mark.parametrize("do", [end_grant, change_grant, suspend_account])
def test_last_administrator__stays(street: SmallStreet, do: Callable[..., None]) -> None:
    first = street.actors["administrator"]
    other = account(Grant(Role.ADMINISTRATOR, None), name="other")

    def remove(who: Actor, whom: Actor) -> None:
        if do is suspend_account:
            suspend_account(who, account_id=whom.account_id)
        elif do is end_grant:
            end_grant(who, grant_id=grant_id(whom))
        else:
            change_grant(who, grant_id=grant_id(whom), since=OPENED, until=today())

    remove(first, other)
    with pytest.raises(Refusal) as caught:
        remove(other, first)
    assert caught.value.code == "account.last_administrator"
    with pytest.raises(NotPermitted):
        remove(first, first)
    assert now_of(first) is not None


def test_two_administrators__each_takes_the_others_role_at_once__one_stays(
    street: SmallStreet,
) -> None:
    pair = [street.actors["administrator"], account(Grant(Role.ADMINISTRATOR, None), name="other")]
    numbers = [grant_id(one) for one in pair]
    together(2, lambda n: end_grant(pair[n], grant_id=numbers[1 - n]))
    left = [one for one in pair if (holder := now_of(one)) is not None and holder.grants]
    assert len(left) == 1


def test_lend__acts_for_the_days_on_behalf_of(street: SmallStreet) -> None:
    lender, colleague = street.actors["community_secretary"], street.actors["grid_worker"]
    number = service_given(
        street,
        street.areas.g2,
        state=ServiceState.RECORDED,
        recorder="second",
        persons=[("teacher", 60)],
    )
    loan = lend_grant(
        lender,
        grant_id=grant_id(lender),
        to=colleague.account_id,
        since=today(),
        until=today() + DAY,
    )
    acting = now_of(colleague)
    assert acting is not None
    assert acting.may(Permission.SERVICE_CONFIRM)
    assert not colleague.may(Permission.SERVICE_CONFIRM)
    confirm_service(acting, service_id=number, version=1)
    told = last_entry()
    assert (told.account_id, told.changes["on_behalf_of"]) == (
        colleague.account_id,
        [None, "community_secretary"],
    )
    shown = grants.grants(acting, account_id=colleague.account_id)
    assert shown["lender_zh"].tolist()[0] == lender.name_zh
    assert grants.loans(lender)["other_zh"].tolist() == [colleague.name_zh]
    for again in (
        lambda: lend_grant(
            acting,
            grant_id=loan,
            to=street.actors["grid_secretary"].account_id,
            since=today(),
            until=today(),
        ),
        lambda: give_grant(
            acting,
            account_id=account(Grant(Role.VOLUNTEER, street.areas.g1)).account_id,
            entry=entry(Role.GRID_WORKER, street.areas.g1),
        ),
    ):
        with pytest.raises(NotPermitted):
            again()
    end_grant(lender, grant_id=loan)
    assert now_of(colleague) == colleague


def test_lend__in_the_own_name_where_the_own_grant_suffices(street: SmallStreet) -> None:
    lender, colleague = street.actors["community_secretary"], street.actors["grid_secretary"]
    number = service_given(
        street,
        street.areas.g1,
        state=ServiceState.RECORDED,
        recorder="second",
        persons=[("teacher", 60)],
    )
    lend_grant(
        lender, grant_id=grant_id(lender), to=colleague.account_id, since=today(), until=today()
    )
    acting = now_of(colleague)
    assert acting is not None
    confirm_service(acting, service_id=number, version=1)
    assert "on_behalf_of" not in last_entry().changes


@pytest.mark.parametrize("how", ["last day", "own grant ended", "lender suspended"])
def test_lend__ends_by_itself(street: SmallStreet, how: str) -> None:
    lender, colleague = street.actors["community_secretary"], street.actors["grid_worker"]
    own = grant_id(lender)
    loan = lend_grant(
        lender, grant_id=own, to=colleague.account_id, since=today(), until=today() + 5 * DAY
    )
    if how == "own grant ended":
        end_grant(street.actors["administrator"], grant_id=own)
    elif how == "lender suspended":
        suspend_account(street.actors["administrator"], account_id=lender.account_id)
    else:
        with Writes.begin() as session:
            session.execute(
                update(AccountGrant)
                .where(AccountGrant.id == loan)
                .values(since=today() - 3 * DAY, until=today() - DAY)
            )
    assert now_of(colleague) == colleague


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (0, -1, "until"),
        (-1, 1, "since"),
        (0, LOAN_DAYS_MAX, "until"),
    ],
)
def test_lend__unfit_days__named(street: SmallStreet, since: int, until: int, field: str) -> None:
    lender = street.actors["community_secretary"]
    with pytest.raises(Invalid) as caught:
        lend_grant(
            lender,
            grant_id=grant_id(lender),
            to=street.actors["grid_worker"].account_id,
            since=today() + since * DAY,
            until=today() + until * DAY,
        )
    assert field in {one.field for one in caught.value.problems}


def test_lend__somebody_elses_or_to_no_colleague__refused(street: SmallStreet) -> None:
    lender = street.actors["community_secretary"]
    days = {"since": today(), "until": today()}
    for who, to, code in (
        ("community_secretary", "community_secretary", "account.lend_to_yourself"),
        ("community_secretary", "volunteer", "account.lend_elsewhere"),
        ("community_secretary", "visitor", "account.lend_elsewhere"),
        ("grid_secretary", "neighbour", "refusal.not_permitted"),
        ("volunteer", "grid_secretary", "refusal.not_permitted"),
    ):
        number = grant_id(
            street.actors["volunteer" if who == "volunteer" else "community_secretary"]
        )
        with pytest.raises(Refusal) as caught:
            lend_grant(street.actors[who], grant_id=number, to=street.actors[to].account_id, **days)
        assert caught.value.code == code
    assert lender.account_id


UNFIT = {
    "no area": "'grid_secretary', null, null, null, null",
    "an auditor's area": "'auditor', :area, null, null, null",
    "a liaison without a unit": "'unit_liaison', :area, null, null, null",
    "a unit without a liaison": "'volunteer', :area, :unit, null, null",
    "a leader without a team": "'team_leader', :area, null, null, null",
    "a team without a leader": "'volunteer', :area, null, :team, null",
    "lent without an end": "'grid_secretary', :area, null, null, :origin",
    "an unknown role": "'king', :area, null, null, null",
}


@pytest.mark.parametrize("what", UNFIT)
def test_grant__that_names_too_much_or_too_little__refused_by_the_database(
    street: SmallStreet, what: str
) -> None:
    holder = street.actors["grid_secretary"]
    statement = text(
        "insert into account_grant (account_id, since, role, area_id, organisation_id, team_id,"
        f" origin_id) values (:account, :day, {UNFIT[what]})"
    )
    values = {
        "account": holder.account_id,
        "day": date(2026, 1, 1),
        "area": street.areas.g1,
        "unit": street.units["school"],
        "team": street.teams["patrol"],
        "origin": grant_id(holder),
    }
    with pytest.raises(IntegrityError), Writes.begin() as session:
        session.execute(statement, {k: v for k, v in values.items() if f":{k}" in statement.text})


def test_listing__only_accounts_in_ones_care(street: SmallStreet) -> None:
    assert grants.listing(street.actors["volunteer"]).empty
    assert set(grants.listing(street.actors["community_secretary"])["name"]) == {
        "grid_worker",
        "team_leader",
        "volunteer",
    }
    everybody = grants.listing(street.actors["administrator"])
    with Reads() as session:
        assert len(everybody) == session.scalar(select(func.count()).select_from(Account)) - 1
    assert grants.listing(street.actors["administrator"], text="GRID_W")["name"].tolist() == [
        "grid_worker"
    ]
    assert grants.listing(street.actors["administrator"], role=Role.AUDITOR)["name"].tolist() == [
        "auditor"
    ]
