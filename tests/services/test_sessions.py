from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import pytest
from sqlalchemy import Engine, func, select, update

from lib.domain.calendar import now, today
from lib.domain.errors import NotFound, Refusal
from lib.domain.permissions import Actor, Grant, Permission, Role
from lib.domain.sessions import PREPARED_ONLY, digest
from lib.domain.vocab import Language, Level
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AreaLink,
    AuditEntry,
    Installation,
    WebSession,
)
from lib.queries import sessions as asking
from lib.services import sessions
from lib.services.passwords import password_hash
from tests.factories import bound

PASSWORD = "correct horse 一二三"


def area(code: str, name: str, level: Level, parent: Area | None, **fields: object) -> Area:
    return Area(
        code=code,
        name_zh=name,
        level=level,
        initials="",
        parent_id=parent.id if parent else None,
        valid_from=date(2020, 1, 1),
        **fields,
    )


@pytest.fixture
def street(database: Engine) -> Iterator[dict[str, int]]:
    """A street with one community beside a street without any, no account yet."""
    with Writes.begin() as session:
        one = area("310109001", "青石街道", Level.STREET, None, name_en="Qingshi")
        other = area("310109002", "白塔街道", Level.STREET, None)
        session.add_all([one, other])
        session.flush()
        community = area("310109001001", "竹园社区", Level.COMMUNITY, one, name_en="Zhuyuan")
        gone = area("310109001002", "旧社区", Level.COMMUNITY, one, valid_until=date(2021, 1, 1))
        session.add_all([community, gone])
        session.flush()
        session.add_all(
            AreaLink(ancestor_id=a.id, descendant_id=d.id)
            for a, d in [
                (one, one),
                (other, other),
                (community, community),
                (gone, gone),
                (one, community),
                (one, gone),
            ]
        )
        numbers = {"one": one.id, "other": other.id, "community": community.id}
    yield numbers


def demonstrate(*, on: bool = True) -> None:
    with Writes.begin() as session:
        session.execute(update(Installation).values(demonstration=on))


@lru_cache
def hashed(password: str) -> str:
    """Made once: it is slow on purpose."""
    return password_hash(password)


def account(name: str, *grants: Grant, password: str | None = PASSWORD, **fields: object) -> int:
    with Writes.begin() as session:
        row = Account(
            name=name,
            display_zh="账号",
            display_en="Account",
            password_hash=hashed(password) if password else None,
            **{"language": Language.ZH, "demonstration": False} | fields,
        )
        session.add(row)
        session.flush()
        session.add_all(
            AccountGrant(
                account_id=row.id,
                role=grant.role,
                area_id=grant.area_id,
                **bound(session, grant.role, grant.area_id),
                since=today() - timedelta(days=1),
            )
            for grant in grants
        )
        return row.id


def opened(name: str = "shu", password: str = PASSWORD, language: Language | None = None) -> str:
    token = sessions.open_session(name, password, language)
    assert token is not None
    return token


def holder(token: str) -> Actor:
    actor = asking.actor_of(token)
    assert actor is not None
    return actor


def audits() -> list[tuple[str, int | None]]:
    with Reads() as session:
        rows = session.execute(
            select(AuditEntry.action, AuditEntry.account_id).order_by(AuditEntry.id)
        )
        return [(row.action, row.account_id) for row in rows]


def test_open_session__right_password__the_actor_with_its_grants(street: dict[str, int]) -> None:
    number = account("shu", Grant(Role.COMMUNITY_SECRETARY, street["community"]))
    actor = holder(opened())
    assert actor.account_id == number
    assert actor.grants == (Grant(Role.COMMUNITY_SECRETARY, street["community"]),)
    assert actor.scope(Permission.AREA_VIEW).area_ids == {street["community"]}


@pytest.mark.parametrize(
    ("name", "password"), [("shu", "wrong"), ("nobody", PASSWORD), ("", ""), ("shu", "")]
)
def test_open_session__wrong__none(street: dict[str, int], name: str, password: str) -> None:
    account("shu")
    assert sessions.open_session(name, password) is None


def test_open_session__account_without_password__none(street: dict[str, int]) -> None:
    account("shu", password=None)
    assert sessions.open_session("shu", "") is None


def test_open_session__only_the_hash_is_kept(street: dict[str, int]) -> None:
    account("shu")
    token = opened()
    with Reads() as session:
        kept = session.scalars(select(WebSession)).one()
    assert kept.token_hash == digest(token)
    assert token not in kept.token_hash
    assert kept.expires_at - kept.opened_at == timedelta(hours=12)


def test_open_session__sweeps_what_has_expired(street: dict[str, int]) -> None:
    account("shu")
    old = opened()
    expire(old)
    opened()
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 1


def expire(token: str) -> None:
    with Writes.begin() as session:
        session.execute(
            update(WebSession)
            .where(WebSession.token_hash == digest(token))
            .values(expires_at=now() - timedelta(seconds=1))
        )


@pytest.mark.parametrize("token", [None, "", "x", "x" * 5000, "令牌"])
def test_actor_of__no_such_session__none(street: dict[str, int], token: str | None) -> None:
    assert asking.actor_of(token) is None


def test_actor_of__expired__none(street: dict[str, int]) -> None:
    account("shu")
    token = opened()
    expire(token)
    assert asking.actor_of(token) is None


@pytest.mark.parametrize(("closed", "still"), [(0, False), (-1, False), (1, True)])
def test_actor_of__closed_account__ends_at_once(
    street: dict[str, int], closed: int, still: bool
) -> None:
    number = account("shu")
    token = opened()
    with Writes.begin() as session:
        session.execute(
            update(Account)
            .where(Account.id == number)
            .values(closed_on=today() + timedelta(days=closed))
        )
    assert (asking.actor_of(token) is not None) is still
    assert (sessions.open_session("shu", PASSWORD) is not None) is still


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [(0, None, True), (-9, 0, True), (1, None, False), (-9, -1, False)],
)
def test_actor_of__grant__only_while_in_force(
    street: dict[str, int], since: int, until: int | None, held: bool
) -> None:
    number = account("shu", Grant(Role.GRID_SECRETARY, street["one"]))
    token = opened()
    with Writes.begin() as session:
        session.execute(
            update(AccountGrant)
            .where(AccountGrant.account_id == number)
            .values(
                since=today() + timedelta(days=since),
                until=None if until is None else today() + timedelta(days=until),
            )
        )
    assert holder(token).may(Permission.AREA_VIEW) is held


def test_close_session__ends_only_this_one(street: dict[str, int]) -> None:
    number = account("shu", Grant(Role.ADMINISTRATOR, None))
    token, other = opened(), opened()
    sessions.close_session(token)
    assert asking.actor_of(token) is None
    assert asking.actor_of(other) is not None
    sessions.close_session(token)
    sessions.close_session(None)
    assert audits() == [
        ("session:open", number),
        ("session:open", number),
        ("session:close", number),
    ]


def test_language__account_then_session_then_switch(street: dict[str, int]) -> None:
    account("shu", language=Language.EN)
    assert holder(opened()).language is Language.EN
    token = opened(language=Language.ZH)
    assert holder(token).language is Language.ZH
    before = audits()
    sessions.set_language(token, Language.EN)
    assert holder(token).language is Language.EN
    assert audits() == before


@pytest.mark.parametrize("role", list(Role))
def test_enter_demonstration__real_database__refused(street: dict[str, int], role: Role) -> None:
    area = None if role is Role.AUDITOR else street["one"]
    account(f"demo-{role}", Grant(role, area), demonstration=True)
    for place in (None, "310109002"):
        with pytest.raises(Refusal) as caught:
            sessions.enter_demonstration(role, place)
        assert caught.value.code == "refusal.not_demonstration"


def test_enter_demonstration__prepared__needs_no_password(street: dict[str, int]) -> None:
    demonstrate()
    number = account(
        "demo-volunteer", Grant(Role.VOLUNTEER, street["one"]), password=None, demonstration=True
    )
    actor = holder(sessions.enter_demonstration(Role.VOLUNTEER, None, Language.EN))
    assert (actor.account_id, actor.language) == (number, Language.EN)


def test_enter_demonstration__not_prepared__not_found(street: dict[str, int]) -> None:
    demonstrate()
    with pytest.raises(NotFound):
        sessions.enter_demonstration(Role.VISITOR)


def test_enter_demonstration__at_a_place__made_once(street: dict[str, int]) -> None:
    demonstrate()
    first = holder(sessions.enter_demonstration(Role.STREET_COMMITTEE, "310109002"))
    again = holder(sessions.enter_demonstration(Role.STREET_COMMITTEE, "310109002"))
    assert first == again
    assert first.grants == (Grant(Role.STREET_COMMITTEE, street["other"]),)
    assert first.name_zh == "街道党工委 · 白塔街道"
    assert first.name_en == "Street committee, 白塔街道"
    with Reads() as session:
        made = session.scalars(select(Account)).one()
    assert (made.name, made.demonstration) == ("demo-street_committee-310109002", True)
    assert made.password_hash is None


def test_enter_demonstration__place_with_a_long_name__shortened(street: dict[str, int]) -> None:
    demonstrate()
    with Writes.begin() as session:
        session.execute(update(Area).values(name_zh="长" * 200, name_en=None))
    actor = holder(sessions.enter_demonstration(Role.VISITOR, "310109002"))
    assert actor.name_zh.endswith("长…")
    assert len(actor.name_zh) == 60


@pytest.mark.parametrize("code", ["404", "310109001002"])
def test_enter_demonstration__no_such_place__not_found(street: dict[str, int], code: str) -> None:
    demonstrate()
    with pytest.raises(NotFound):
        sessions.enter_demonstration(Role.VISITOR, code)


@pytest.mark.parametrize("role", sorted(PREPARED_ONLY))
def test_enter_demonstration__role_of_a_person__place_ignored(
    street: dict[str, int], role: Role
) -> None:
    demonstrate()
    area = None if role is Role.AUDITOR else street["one"]
    number = account(f"demo-{role}", Grant(role, area), demonstration=True)
    assert holder(sessions.enter_demonstration(role, "310109002")).account_id == number


def test_enter_demonstration__same_name_but_a_real_account__never_entered(
    street: dict[str, int],
) -> None:
    demonstrate()
    account("demo-administrator", Grant(Role.ADMINISTRATOR, None), demonstration=False)
    with pytest.raises(NotFound):
        sessions.enter_demonstration(Role.ADMINISTRATOR)


def test_actor_of__demonstration_over__its_sessions_end(street: dict[str, int]) -> None:
    demonstrate()
    token = sessions.enter_demonstration(Role.VISITOR, "310109001")
    demonstrate(on=False)
    assert asking.actor_of(token) is None
    assert not asking.demonstration()


def test_entries__in_the_order_of_roles_with_their_places(street: dict[str, int]) -> None:
    demonstrate()
    account("demo-visitor", Grant(Role.VISITOR, None), demonstration=True)
    account("demo-grid_secretary", Grant(Role.GRID_SECRETARY, street["one"]), demonstration=True)
    found = asking.entries(Language.EN)
    assert found.values.tolist() == [
        [Role.GRID_SECRETARY, "Account", "Qingshi"],
        [Role.VISITOR, "Account", ""],
    ]
    assert asking.entries(Language.ZH)["place"].tolist() == ["青石街道", ""]


def test_entries__real_database__none(street: dict[str, int]) -> None:
    account("demo-visitor", Grant(Role.VISITOR, None), demonstration=True)
    assert asking.entries(Language.ZH).empty


def test_places__street_by_street_without_closed_ones(street: dict[str, int]) -> None:
    assert asking.places(Language.EN).values.tolist() == [
        ["310109001", "Qingshi", Level.STREET, "Qingshi"],
        ["310109001001", "Zhuyuan", Level.COMMUNITY, "Qingshi"],
        ["310109002", "白塔街道", Level.STREET, "白塔街道"],
    ]
