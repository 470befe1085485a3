"""Commands on the second factor: an authenticator's codes (TOTP), and codes for when it is lost.

Signing in with it stands in `lib.services.sessions`.
"""

import hmac
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from lib.domain.calendar import now
from lib.domain.credentials import RECOVERY_BITS, RECOVERY_CODES, code_digest, new_code
from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Account, RecoveryCode, SecondFactor
from lib.persistence.transaction import Transaction, transaction
from lib.services.passwords import check_password
from lib.services.vault import seal, unseal

STEP_SECONDS = 30
_DRIFT = (0, -1, 1)
"""Steps that a telephone's clock may be off."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator is given: the secret, and the address that a QR code holds."""

    secret: str
    address: str


def begin_second_factor(actor: Actor, *, password: str) -> None:
    """Make a fresh secret; it counts for nothing until a code of it is confirmed.

    Raises:
        Refusal: ``account.current_wrong`` or ``second.on_already``.
    """
    with Reads() as session:
        known = session.get_one(Account, actor.account_id).password_hash
    if not check_password(password, known)[0]:
        raise Refusal("account.current_wrong")
    with transaction(actor) as work:
        kept = work.session.get(SecondFactor, actor.account_id)
        if kept is None:
            kept = SecondFactor(account_id=actor.account_id)
            work.session.add(kept)
        elif kept.confirmed_at is not None:
            raise Refusal("second.on_already")
        kept.secret, kept.last_step = seal(pyotp.random_base32()), 0


def enrolment(actor: Actor, *, issuer: str) -> Enrolment | None:
    """The secret that waits to be confirmed; None if none waits.

    Raises:
        Refusal: ``second.secret_lost``.
    """
    with Reads() as session:
        kept = session.get(SecondFactor, actor.account_id)
        if kept is None or kept.confirmed_at is not None:
            return None
        secret = unseal(kept.secret)
        name = session.get_one(Account, actor.account_id).name
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))


def confirm_second_factor(actor: Actor, *, code: str) -> tuple[str, ...]:
    """Turn the second factor on by a first code; the recovery codes, shown this once.

    Raises:
        Refusal: ``second.wrong`` or ``second.not_begun``.
    """
    with transaction(actor) as work:
        kept = work.session.get(SecondFactor, actor.account_id)
        if kept is None or kept.confirmed_at is not None:
            raise Refusal("second.not_begun")
        if not _takes(work.session, kept, code):
            raise Refusal("second.wrong")
        kept.confirmed_at = now()
        codes = _new_recovery_codes(work.session, actor.account_id)
        _record(work, actor.account_id, "account.second_factor_on")
    return codes


def renew_recovery_codes(actor: Actor, *, code: str) -> tuple[str, ...]:
    """Fresh recovery codes in place of all earlier ones, shown this once; for a good code.

    Raises:
        Refusal: ``second.wrong``.
    """
    with transaction(actor) as work:
        if not accepts(work.session, actor.account_id, code):
            raise Refusal("second.wrong")
        codes = _new_recovery_codes(work.session, actor.account_id)
        _record(work, actor.account_id, "account.recovery_codes")
    return codes


def end_second_factor(actor: Actor, *, code: str) -> tuple[str, ...]:
    """Turn the own second factor off, for a good code; there are no codes any more.

    Raises:
        Refusal: ``second.wrong``.
    """
    with transaction(actor) as work:
        if not accepts(work.session, actor.account_id, code):
            raise Refusal("second.wrong")
        remove_second_factor(work, actor.account_id)
    return ()


def remove_second_factor(work: Transaction, account_id: int) -> bool:
    """Take the second factor away within an open transaction; False when there was none."""
    session = work.session
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    kept = session.get(SecondFactor, account_id)
    if kept is None:
        return False
    session.delete(kept)
    if kept.confirmed_at is not None:
        _record(work, account_id, "account.second_factor_off")
    return True


def accepts(session: Session, account_id: int, code: str) -> bool:
    """Whether a code of the authenticator, or a recovery code, is good now; it is spent by that.

    Raises:
        Refusal: ``second.secret_lost``.
    """
    kept = session.get(SecondFactor, account_id)
    if kept is None or kept.confirmed_at is None:
        return False
    if _takes(session, kept, code):
        return True
    spent = session.execute(
        delete(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.code_hash == code_digest(code))
        .returning(RecoveryCode.code_hash)
    )
    return spent.first() is not None


def _takes(session: Session, kept: SecondFactor, code: str) -> bool:
    typed = code.replace(" ", "")
    if not (typed.isascii() and typed.isdigit()):
        return False
    generator = pyotp.TOTP(unseal(kept.secret))
    present = int(now().timestamp()) // STEP_SECONDS
    for step in (present + drift for drift in _DRIFT):
        if hmac.compare_digest(generator.generate_otp(step), typed):
            # Two browsers with one code: the row takes it from one of them only.
            taken = session.execute(
                update(SecondFactor)
                .where(SecondFactor.account_id == kept.account_id, SecondFactor.last_step < step)
                .values(last_step=step)
                .returning(SecondFactor.account_id)
            )
            return taken.first() is not None
    return False


def _new_recovery_codes(session: Session, account_id: int) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = tuple(new_code(RECOVERY_BITS) for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(code_hash=code_digest(c), account_id=account_id) for c in codes)
    return codes


def _record(work: Transaction, account_id: int, action: str) -> None:
    account = work.session.get_one(Account, account_id)
    work.record(action, account, topic=Topic.PEOPLE, area_ids=frozenset(), label=account.name)
