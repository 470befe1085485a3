"""Commands on accounts: add or invite one, hand out a code, set a password, end what is open.

Signing in stands in `lib.services.sessions`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lib import settings
from lib.domain.calendar import now, today
from lib.domain.credentials import appearance, code_digest, fit_name, new_code
from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.domain.permissions import WITHOUT_AREA, Actor, Permission, Role
from lib.domain.sessions import digest
from lib.domain.text import line
from lib.domain.vocab import Language, Topic
from lib.persistence.engine import Reads
from lib.persistence.grants import awaits_first_account, cared_for
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    Installation,
    OneTimeCode,
    WebSession,
)
from lib.persistence.transaction import Transaction, transaction
from lib.services.installation import mark_started
from lib.services.passwords import check_password, chosen_hash
from lib.services.second_factor import remove_second_factor
from lib.services.sessions import account_by_name, open_for, set_language

DISPLAY_LIMIT = 60


@dataclass(frozen=True)
class Issued:
    """A one-time code in the clear, which is shown once and kept nowhere."""

    account_id: int
    name: str
    code: str
    expires_at: datetime


def add_account(
    *,
    name: str,
    password: str | None,
    role: Role = Role.ADMINISTRATOR,
    area_code: str | None = None,
    display_zh: str = "",
    display_en: str = "",
    language: Language = Language.ZH,
    subject: str | None = None,
) -> Issued | None:
    """Add somebody who can sign in, for the command line alone; without a password, a code.

    `name` is what is typed at the door; without display names it is shown as it is.

    Raises:
        Refusal: ``account.name_unfit``, ``account.name_taken``, ``account.password_…``,
            ``account.area_needed``, ``account.unit_needed``, ``account.no_area`` or
            ``areas.unknown``.
    """
    fit = fit_name(name)
    if role in (Role.UNIT_LIAISON, Role.TEAM_LEADER):
        raise Refusal("account.unit_needed", role=role)
    if role is Role.AUDITOR and area_code is not None:
        raise Refusal("account.no_area", role=role)
    if area_code is None and role not in WITHOUT_AREA:
        raise Refusal("account.area_needed", role=role)
    hashed = None if password is None else chosen_hash(password, name=fit)
    with transaction(None) as work:
        area_id = None if area_code is None else _area_id(work.session, area_code)
        account = _add(work, fit, display_zh, display_en, language, hashed, subject)
        _grant(work, account, role, area_id, area_code)
        return None if hashed is not None else _issue(work, account)


def set_up(*, name: str, password: str, display: str, language: Language) -> str:
    """Make the first account, an administrator, and open its session; the token for the cookie.

    Raises:
        Refusal: ``account.set_up_already`` once anybody has an account, or the name or password
            will not do.
    """
    fit = fit_name(name)
    hashed = chosen_hash(password, name=fit)
    with transaction(None) as work:
        # Two browsers at the same moment: the second waits here, and then finds the first.
        work.session.execute(select(Installation.id).with_for_update())
        if not awaits_first_account(work.session):
            raise Refusal("account.set_up_already")
        account = _add(work, fit, display, display, language, hashed, None)
        _grant(work, account, Role.ADMINISTRATOR, None, None)
    return open_for(account, language)


def invite(
    actor: Actor | None,
    *,
    name: str,
    display_zh: str = "",
    display_en: str = "",
    language: Language = Language.ZH,
    subject: str | None = None,
) -> Issued:
    """Make an account that may do nothing yet, and the code with which it sets its password.

    `subject` is who it is at the provider of single sign-on, where that is used.

    Raises:
        NotPermitted: the actor looks after no accounts.
        Refusal: ``account.name_unfit`` or ``account.name_taken``.
    """
    with transaction(actor) as work:
        if actor is not None and not actor.may(Permission.ACCOUNT_EDIT):
            raise NotPermitted(Permission.ACCOUNT_EDIT)
        return add_invited(
            work,
            name=name,
            display_zh=display_zh,
            display_en=display_en,
            language=language,
            subject=subject,
        )


def add_invited(
    work: Transaction,
    *,
    name: str,
    display_zh: str = "",
    display_en: str = "",
    language: Language = Language.ZH,
    subject: str | None = None,
) -> Issued:
    """Like `invite`, within an open transaction that has permitted it and goes on to grant."""
    account = _add(work, fit_name(name), display_zh, display_en, language, None, subject)
    return _issue(work, account)


def issue_code(actor: Actor | None, account_id: int, *, remove_second: bool = False) -> Issued:
    """A fresh code with which the account sets a new password; any earlier code is void.

    The password in use stays good until the code is used. `remove_second` takes the second
    factor away too, for who lost the telephone and the recovery codes.

    Raises:
        NotFound: no such account, or one of a demonstration.
        NotPermitted: the actor does not look after it.
    """
    with transaction(actor) as work:
        account = _with_password(work, account_id)
        if remove_second:
            remove_second_factor(work, account.id)
        return _issue(work, account)


def end_sessions(actor: Actor | None, account_id: int, *, keep: str | None = None) -> int:
    """End every session of an account, but that of the token `keep`; how many were ended.

    One's own, or those of an account the actor looks after.

    Raises:
        NotFound: no such account.
        NotPermitted: the actor does not look after it.
    """
    with transaction(actor) as work:
        own = actor is not None and actor.account_id == account_id
        account = work.session.get(Account, account_id) if own else looked_after(work, account_id)
        if account is None:
            raise NotFound
        ended = _end_all(work.session, account_id, keep)
        _record(work, account, "session.end_all")
        return ended


def change_password(actor: Actor, *, current: str, new: str, token: str | None) -> None:
    """Change the own password; every other session ends, that of `token` goes on.

    Raises:
        Refusal: ``account.current_wrong``, or the new one will not do.
    """
    with Reads() as session:
        account = session.get_one(Account, actor.account_id)
    fits, _ = check_password(current, account.password_hash)
    if not fits:
        with transaction(actor) as work:
            _record(work, account, "account.password_refused")
        raise Refusal("account.current_wrong")
    hashed = chosen_hash(new, name=account.name)
    with transaction(actor) as work:
        kept = work.session.get_one(Account, actor.account_id)
        kept.password_hash = hashed
        _end_all(work.session, kept.id, token)
        work.session.execute(delete(OneTimeCode).where(OneTimeCode.account_id == kept.id))
        _record(work, kept, "account.password")


def choose_language(actor: Actor, token: str | None, language: Language) -> None:
    """Speak `language` in this session and at every later signing in."""
    set_language(token, language)
    with transaction(actor) as work:
        work.session.get_one(Account, actor.account_id).language = language


def redeem_code(
    *,
    name: str,
    code: str,
    password: str,
    language: Language | None = None,
) -> str | None:
    """Set a password by a one-time code and open a session; None if name and code do not fit.

    All other sessions end. The code is spent, unless the password will not do.

    Raises:
        Refusal: ``account.password_…``.
    """
    account = account_by_name(name)
    hashed_code = code_digest(code)
    good = (OneTimeCode.code_hash == hashed_code) & (OneTimeCode.expires_at > now())
    with Reads() as session:
        number = account.id if account is not None else 0
        found = session.scalar(
            select(OneTimeCode.account_id).where(OneTimeCode.account_id == number, good)
        )
    if account is None or found is None:
        with transaction(None) as work:
            _record(work, account, "account.code_refused")
        return None
    hashed = chosen_hash(password, name=account.name)
    with transaction(None) as work:
        spent = work.session.execute(
            delete(OneTimeCode)
            .where(OneTimeCode.account_id == account.id, good)
            .returning(OneTimeCode.account_id)
        )
        if spent.first() is None:
            return None
        kept = work.session.get_one(Account, account.id)
        kept.password_hash = hashed
        _end_all(work.session, kept.id, None)
        _record(work, kept, "account.code_used")
    return open_for(account, language)


def _add(
    work: Transaction,
    name: str,
    display_zh: str,
    display_en: str,
    language: Language,
    hashed: str | None,
    subject: str | None,
) -> Account:
    alike = or_(Account.name == name, Account.appearance == appearance(name))
    if work.session.scalar(select(Account.id).where(alike)) is not None:
        raise Refusal("account.name_taken", name=name)
    account = Account(
        name=name,
        display_zh=line(display_zh)[:DISPLAY_LIMIT] or name[:DISPLAY_LIMIT],
        display_en=line(display_en)[:DISPLAY_LIMIT] or name[:DISPLAY_LIMIT],
        password_hash=hashed,
        subject=_subject(subject),
        language=language,
        demonstration=False,
    )
    work.session.add(account)
    try:
        work.session.flush()
    except IntegrityError as error:  # somebody else took the name at the same moment
        raise Refusal("account.name_taken", name=name) from error
    mark_started(work.session)
    _record(work, account, "account.add")
    return account


def _grant(
    work: Transaction, account: Account, role: Role, area_id: int | None, area_code: str | None
) -> None:
    work.session.add(AccountGrant(account_id=account.id, role=role, area_id=area_id, since=today()))
    work.record(
        "account.grant",
        account,
        topic=Topic.PEOPLE,
        area_ids=frozenset() if area_id is None else frozenset({area_id}),
        label=account.name,
        changes={"role": (None, role), "area": (None, area_code)},
    )


def _issue(work: Transaction, account: Account) -> Issued:
    code = new_code()
    expires_at = now() + timedelta(hours=settings.code_hours())
    work.session.merge(
        OneTimeCode(account_id=account.id, code_hash=code_digest(code), expires_at=expires_at)
    )
    _record(work, account, "account.code")
    return Issued(account.id, account.name, code, expires_at)


def looked_after(work: Transaction, account_id: int) -> Account:
    """The account, if it is the actor's to look after; the own one never is.

    Who could reset the password of a stronger account would be that account.

    Raises:
        NotFound: no such account.
        NotPermitted: it is somebody else's to look after.
    """
    account = work.session.get(Account, account_id)
    if account is None:
        raise NotFound
    actor = work.actor
    if actor is None:
        return account
    mine = select(Account.id).where(Account.id == account_id, cared_for(actor, today()))
    if account_id == actor.account_id or work.session.scalar(mine) is None:
        raise NotPermitted(Permission.ACCOUNT_EDIT)
    return account


def _with_password(work: Transaction, account_id: int) -> Account:
    account = looked_after(work, account_id)
    if account.demonstration:
        raise NotFound
    return account


def _end_all(session: Session, account_id: int, keep: str | None) -> int:
    ended = session.execute(
        delete(WebSession)
        .where(WebSession.account_id == account_id, WebSession.token_hash != digest(keep or ""))
        .returning(WebSession.token_hash)
    )
    return len(ended.all())


def _record(work: Transaction, account: Account | None, action: str) -> None:
    work.record(
        action,
        account or "account",
        topic=Topic.PEOPLE,
        area_ids=frozenset(),
        label=account.name if account else "",
    )


def _subject(named: str | None) -> str | None:
    """Who it is at the provider of single sign-on in use, as `lib.services.single_sign_on` asks."""
    provider = settings.single_sign_on()
    return f"{provider.issuer} {named}" if named and provider else named or None


def _area_id(session: Session, code: str) -> int:
    found = session.scalar(select(Area.id).where(Area.code == code))
    if found is None:
        raise Refusal("areas.unknown", area=code)
    return found
