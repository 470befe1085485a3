"""Accounts: invited, reset by a code, passwords changed, on both engines."""

import threading
from datetime import timedelta

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError

from lib.domain.calendar import now, today
from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import Language
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    AccountGrant,
    AuditEntry,
    Installation,
    OneTimeCode,
    WebSession,
)
from lib.queries.sessions import actor_of, awaits_set_up
from lib.services import accounts, passwords
from lib.services.sessions import open_session
from tests.factories import Tree, enrolled, plant

PASSWORD = "correct horse 一二三四五"
OTHER = "another long sentence"


@pytest.fixture
def tree(database: Engine, cheap: None) -> Tree:
    return plant()


def made(name: str, *grants: Grant) -> Actor:
    with Writes.begin() as session:
        return enrolled(session, name, *grants)


@pytest.fixture
def chief(tree: Tree) -> Actor:
    return made("chief", Grant(Role.ADMINISTRATOR, None))


def actions() -> list[str]:
    with Reads() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def redeemed(issued: accounts.Issued, password: str = PASSWORD) -> str | None:
    return accounts.redeem_code(name=issued.name, code=issued.code, password=password)


def test_invite__code__sets_the_password_once(chief: Actor) -> None:
    issued = accounts.invite(chief, name="Li.Xia", display_zh="李霞", language=Language.EN)
    assert (issued.name, open_session("li.xia", "")) == ("li.xia", None)
    token = redeemed(issued)
    actor = actor_of(token)
    assert actor is not None
    assert (actor.account_id, actor.name_zh, actor.language) == (issued.account_id, "李霞", "en")
    assert actor.grants == ()
    assert open_session("LI.XIA", PASSWORD) is not None
    assert redeemed(issued, OTHER) is None
    with Reads() as session:
        kept = session.scalars(select(OneTimeCode)).all()
        assert kept == []
    assert actions()[:2] == ["account.add", "account.code"]
    assert "account.code_used" in actions()


def test_issued_code__only_its_hash_is_kept_and_it_expires(chief: Actor) -> None:
    issued = accounts.invite(chief, name="li")
    with Writes.begin() as session:
        kept = session.scalars(select(OneTimeCode)).one()
        assert issued.code not in kept.code_hash
        assert timedelta(hours=71) < kept.expires_at - now() <= timedelta(hours=72)
        session.execute(update(OneTimeCode).values(expires_at=now() - timedelta(seconds=1)))
    assert redeemed(issued) is None


@pytest.mark.parametrize("code", ["", "x", "0000-0000-0000-0000", "\x00", "9" * 10_000])
def test_redeem_code__wrong__none_and_told(chief: Actor, code: str) -> None:
    issued = accounts.invite(chief, name="li")
    assert accounts.redeem_code(name="li", code=code, password=PASSWORD) is None
    assert accounts.redeem_code(name="nobody", code=issued.code, password=PASSWORD) is None
    assert actions()[-2:] == ["account.code_refused"] * 2
    assert redeemed(issued) is not None


def test_redeem_code__unfit_password__says_why_and_the_code_stays(chief: Actor) -> None:
    issued = accounts.invite(chief, name="li")
    with pytest.raises(Refusal) as caught:
        redeemed(issued, "short")
    assert caught.value.code == "account.password_short"
    assert redeemed(issued) is not None


def test_issue_code__reset__old_sessions_end_and_the_earlier_code_is_void(chief: Actor) -> None:
    first = accounts.invite(chief, name="li")
    token = redeemed(first)
    voided = accounts.issue_code(chief, first.account_id)
    fresh = accounts.issue_code(chief, first.account_id)
    assert actor_of(token) is not None
    assert open_session("li", PASSWORD) is not None
    assert redeemed(voided, OTHER) is None
    assert redeemed(fresh, OTHER) is not None
    assert actor_of(token) is None
    assert open_session("li", PASSWORD) is None
    assert open_session("li", OTHER) is not None


def test_issue_code__no_such_account_or_of_a_demonstration__not_found(chief: Actor) -> None:
    with Writes.begin() as session:
        account = Account(
            name="demo-visitor",
            display_zh="访",
            display_en="V",
            language=Language.ZH,
            demonstration=True,
        )
        session.add(account)
        session.flush()
        number = account.id
    for wanted in (number, 404):
        with pytest.raises(NotFound):
            accounts.issue_code(chief, wanted)


@pytest.mark.parametrize("command", [accounts.issue_code, accounts.end_sessions])
def test_looking_after__only_weaker_accounts_in_reach(tree: Tree, command: object) -> None:
    assert callable(command)
    secretary = made("secretary", Grant(Role.COMMUNITY_SECRETARY, tree.c1))
    inside = made("inside", Grant(Role.VOLUNTEER, tree.g1))
    beyond = {
        "chief": made("chief", Grant(Role.ADMINISTRATOR, None)),
        "equal": made("equal", Grant(Role.COMMUNITY_SECRETARY, tree.c1)),
        "elsewhere": made("elsewhere", Grant(Role.VOLUNTEER, tree.g3)),
        "both": made("both", Grant(Role.VOLUNTEER, tree.g1), Grant(Role.VISITOR, None)),
    }
    command(secretary, inside.account_id)
    for other in beyond.values():
        with pytest.raises(NotPermitted):
            command(secretary, other.account_id)
    with pytest.raises(NotPermitted):
        command(inside, secretary.account_id)
    with pytest.raises(NotPermitted):
        accounts.invite(inside, name="friend")


@pytest.mark.parametrize("name", ["chief", "CHIEF", "ｃｈｉｅｆ"])
def test_invite__name_taken__refused(chief: Actor, name: str) -> None:
    with pytest.raises(Refusal) as caught:
        accounts.invite(chief, name=name)
    assert caught.value.code == "account.name_taken"


def test_invite__name_that_looks_like_another__refused(chief: Actor) -> None:
    accounts.invite(chief, name="lil0")
    with pytest.raises(Refusal) as caught:
        accounts.invite(chief, name="li1o")
    assert caught.value.code == "account.name_taken"


def test_account__same_appearance__refused_by_the_database(chief: Actor) -> None:
    made("lil")
    with pytest.raises(IntegrityError):
        made("li1")


def test_change_password__needs_the_current_and_ends_the_others(chief: Actor) -> None:
    token = redeemed(accounts.invite(chief, name="li"))
    other = open_session("li", PASSWORD)
    actor = actor_of(token)
    assert actor is not None
    with pytest.raises(Refusal) as caught:
        accounts.change_password(actor, current="wrong", new=OTHER, token=token)
    assert caught.value.code == "account.current_wrong"
    assert actor_of(other) is not None
    accounts.change_password(actor, current=PASSWORD, new=OTHER, token=token)
    assert actor_of(other) is None
    assert actor_of(token) is not None
    assert open_session("li", PASSWORD) is None
    assert {"account.password_refused", "account.password"} <= set(actions())


def test_end_sessions__own__all_but_this_one(chief: Actor) -> None:
    token = redeemed(accounts.invite(chief, name="li"))
    others = [open_session("li", PASSWORD) for _ in range(2)]
    actor = actor_of(token)
    assert actor is not None
    assert accounts.end_sessions(actor, actor.account_id, keep=token) == 2
    assert [actor_of(t) for t in others] == [None, None]
    assert actor_of(token) is not None
    assert accounts.end_sessions(actor, actor.account_id) == 1


def test_open_session__outdated_hash__renewed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.add_account(name="li", password=PASSWORD)
    with Reads() as session:
        before = session.scalars(select(Account.password_hash)).one()
    better = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "_hasher", lambda: better)
    assert open_session("li", PASSWORD) is not None
    with Reads() as session:
        after = session.scalars(select(Account.password_hash)).one()
    assert before is not None
    assert after is not None
    assert ("t=1" in before, "t=2" in after) == (True, True)
    assert open_session("li", PASSWORD) is not None


@pytest.mark.parametrize("name", ["", "\x00", "x" * 10_000, "' or 1=1 --", "<b>li</b>", "\ud800"])
def test_open_session__anything_as_name__none(tree: Tree, name: str) -> None:
    assert open_session(name, PASSWORD) is None


@pytest.mark.parametrize("password", ["\x00", "x" * 10_000, "\ud800", "٣" * 1025])
def test_open_session__anything_as_password__none(tree: Tree, password: str) -> None:
    accounts.add_account(name="li", password=PASSWORD)
    assert open_session("li", password) is None


def test_open_session__unknown_name__not_kept_in_the_trail(tree: Tree) -> None:
    open_session("my secret password", "li")
    with Reads() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_kind, entry.subject_id) == (
        "session.refused",
        "account",
        None,
    )
    assert entry.subject_label == ""


def first(name: str) -> str:
    return accounts.set_up(name=name, password=PASSWORD, display="", language=Language.ZH)


def test_set_up__first_account__an_administrator_and_then_no_more(
    database: Engine, cheap: None
) -> None:
    assert awaits_set_up()
    actor = actor_of(first("chief"))
    assert actor is not None
    assert actor.grants == (Grant(Role.ADMINISTRATOR, None),)
    assert not awaits_set_up()
    with Reads() as session:
        assert session.scalar(select(Installation.started_on)) == today()
    with pytest.raises(Refusal) as caught:
        first("second")
    assert caught.value.code == "account.set_up_already"


def test_set_up__two_browsers_at_once__one_wins(database: Engine, cheap: None) -> None:
    start = threading.Barrier(2)
    refused: list[str] = []

    def browse(name: str) -> None:
        start.wait()
        try:
            first(name)
        except Refusal as refusal:
            refused.append(refusal.code)

    both = [threading.Thread(target=browse, args=(name,)) for name in ("chief", "rival")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert refused == ["account.set_up_already"]
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1
        assert session.scalar(select(func.count()).select_from(AccountGrant)) == 1
        assert session.scalar(select(func.count()).select_from(WebSession)) == 1


def test_set_up__demonstration__not_offered(database: Engine) -> None:
    with Writes.begin() as session:
        session.execute(update(Installation).values(demonstration=True))
    assert not awaits_set_up()
    with pytest.raises(Refusal):
        first("chief")


def test_set_up__unfit__nothing_made(database: Engine) -> None:
    with pytest.raises(Refusal):
        accounts.set_up(name="chief", password="short", display="", language=Language.ZH)
    assert awaits_set_up()
