"""The second factor: set up, asked for, replayed, recovered, taken away; on both engines."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import Engine, select, update

from lib.domain import calendar
from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import AuditEntry, RecoveryCode, SecondFactor, WebSession
from lib.queries.sessions import actor_of, own_account, pending_account
from lib.services import accounts, second_factor
from lib.services.sessions import open_session, pass_second_factor
from tests.services.test_accounts import PASSWORD

START = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)


class Telephone:
    """An authenticator, and the clock that it shares with the server."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at, self.secret = START, ""
        patch.setattr(second_factor, "now", lambda: self.at)

    def wait(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)

    def code(self, drift: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.at + timedelta(seconds=drift))


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Telephone:
    return Telephone(monkeypatch)


@pytest.fixture
def li(database: Engine, cheap: None) -> Actor:
    accounts.add_account(name="li", password=PASSWORD)
    actor = actor_of(open_session("li", PASSWORD))
    assert actor is not None
    return actor


@pytest.fixture
def codes(li: Actor, phone: Telephone) -> tuple[str, ...]:
    """The recovery codes of an account whose second factor has just been turned on."""
    second_factor.begin_second_factor(li, password=PASSWORD)
    waiting = second_factor.enrolment(li, issuer="Street")
    assert waiting is not None
    phone.secret = waiting.secret
    return second_factor.confirm_second_factor(li, code=phone.code())


def half() -> str:
    token = open_session("li", PASSWORD)
    assert token is not None
    return token


def test_begin__counts_for_nothing_until_confirmed(li: Actor, phone: Telephone) -> None:
    second_factor.begin_second_factor(li, password=PASSWORD)
    waiting = second_factor.enrolment(li, issuer="邻里 Street")
    assert waiting is not None
    assert waiting.address.startswith("otpauth://totp/")
    assert waiting.secret in waiting.address
    assert actor_of(half()) is not None
    with pytest.raises(Refusal) as caught:
        second_factor.confirm_second_factor(li, code="000000")
    assert caught.value.code == "second.wrong"
    assert own_account(li)["second_factor"] is False


def test_begin__wrong_password_or_on_already__refused(
    li: Actor, phone: Telephone, codes: tuple[str, ...]
) -> None:
    for password, code in (("wrong", "account.current_wrong"), (PASSWORD, "second.on_already")):
        with pytest.raises(Refusal) as caught:
            second_factor.begin_second_factor(li, password=password)
        assert caught.value.code == code
    with pytest.raises(Refusal) as caught:
        second_factor.confirm_second_factor(li, code=phone.code())
    assert caught.value.code == "second.not_begun"


def test_sign_in__password_alone__opens_nothing(
    li: Actor, phone: Telephone, codes: tuple[str, ...]
) -> None:
    token = half()
    assert actor_of(token) is None
    assert pending_account(token) == "li"
    phone.wait(30)
    opened = pass_second_factor(token, phone.code())
    assert opened not in (None, token)
    assert actor_of(opened) is not None
    assert pending_account(token) is None
    assert pass_second_factor(token, phone.code()) is None


def test_code__same_step_again__refused(
    li: Actor, phone: Telephone, codes: tuple[str, ...]
) -> None:
    assert pass_second_factor(half(), phone.code()) is None  # spent by turning it on
    phone.wait(30)
    assert pass_second_factor(half(), phone.code()) is not None
    assert pass_second_factor(half(), phone.code()) is None
    phone.wait(29)
    assert pass_second_factor(half(), phone.code(-30)) is None
    phone.wait(1)
    assert pass_second_factor(half(), phone.code()) is not None


@pytest.mark.parametrize(("drift", "good"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_code__clock_a_little_off__taken(
    li: Actor, phone: Telephone, codes: tuple[str, ...], drift: int, good: bool
) -> None:
    phone.wait(300)
    assert (pass_second_factor(half(), phone.code(drift)) is not None) is good


@pytest.mark.parametrize("code", ["", "000000", "٠١٢٣٤٥", "\x00", "9" * 10_000, "' or 1=1 --"])
def test_code__anything_else__refused_and_told(
    li: Actor, phone: Telephone, codes: tuple[str, ...], code: str
) -> None:
    token = half()
    assert pass_second_factor(token, code) is None
    assert pending_account(token) == "li"
    with Reads() as session:
        told = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert told[-1] == "session.second_refused"


def test_pending__waits_five_minutes_only(
    li: Actor, phone: Telephone, codes: tuple[str, ...]
) -> None:
    token = half()
    phone.wait(30)
    with Writes.begin() as session:
        row = session.scalars(select(WebSession).where(WebSession.pending)).one()
        assert row.expires_at - row.opened_at == timedelta(minutes=5)
        late = calendar.now() - timedelta(seconds=1)
        session.execute(update(WebSession).where(WebSession.pending).values(expires_at=late))
    assert pass_second_factor(token, phone.code()) is None


def test_recovery_code__once_each_only_hashes_kept(
    li: Actor, phone: Telephone, codes: tuple[str, ...]
) -> None:
    assert len(set(codes)) == 8
    with Reads() as session:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(codes) & set(kept)
    assert pass_second_factor(half(), codes[0].upper()) is not None
    assert pass_second_factor(half(), codes[0]) is None
    assert own_account(li)["recovery_codes"] == 7
    fresh = second_factor.renew_recovery_codes(li, code=codes[1])
    assert pass_second_factor(half(), codes[2]) is None
    assert pass_second_factor(half(), fresh[0]) is not None


def test_end__needs_a_code(li: Actor, phone: Telephone, codes: tuple[str, ...]) -> None:
    for command in (second_factor.end_second_factor, second_factor.renew_recovery_codes):
        with pytest.raises(Refusal) as caught:
            command(li, code="000000")
        assert caught.value.code == "second.wrong"
    phone.wait(30)
    second_factor.end_second_factor(li, code=phone.code())
    assert actor_of(half()) is not None
    assert own_account(li)["recovery_codes"] == 0


def test_reset__keeps_the_second_factor_unless_told(
    li: Actor, phone: Telephone, codes: tuple[str, ...]
) -> None:
    issued = accounts.issue_code(None, li.account_id)
    token = accounts.redeem_code(name="li", code=issued.code, password=PASSWORD)
    assert actor_of(token) is None
    assert pending_account(token) == "li"
    issued = accounts.issue_code(None, li.account_id, remove_second=True)
    token = accounts.redeem_code(name="li", code=issued.code, password=PASSWORD)
    assert actor_of(token) is not None


def test_secret__sealed_by_the_setting_and_never_in_the_trail(
    li: Actor, phone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "a long random text")
    second_factor.begin_second_factor(li, password=PASSWORD)
    waiting = second_factor.enrolment(li, issuer="Street")
    assert waiting is not None
    phone.secret = waiting.secret
    second_factor.confirm_second_factor(li, code=phone.code())
    with Reads() as session:
        assert waiting.secret not in session.scalars(select(SecondFactor.secret)).one()
        trail = session.scalars(select(AuditEntry)).all()
    assert all(waiting.secret not in f"{e.changes} {e.subject_label}" for e in trail)
    phone.wait(30)
    token = half()
    for other in ("another secret", ""):
        monkeypatch.setenv("SECRET", other)
        with pytest.raises(Refusal) as caught:
            pass_second_factor(token, phone.code())
        assert caught.value.code == "second.secret_lost"
    monkeypatch.setenv("SECRET", "a long random text")
    assert pass_second_factor(token, phone.code()) is not None
