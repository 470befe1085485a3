"""Opening and closing web sessions: by password, or by one click in a demonstration.

Who is allowed to try, and how often, is the door's business (`lib.web.door`).
"""

import secrets
from datetime import timedelta
from functools import lru_cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lib import settings
from lib.domain.calendar import now, today
from lib.domain.errors import NotFound, Refusal
from lib.domain.permissions import Actor, Role
from lib.domain.sessions import (
    PREPARED_ONLY,
    SESSION_HOURS,
    TOKEN_BYTES,
    demonstration_account,
    digest,
)
from lib.domain.vocab import Language, Topic
from lib.i18n.glossary import named, say, word
from lib.persistence.engine import Reads
from lib.persistence.grants import HELD, enterable, grant_of, in_force
from lib.persistence.models import Account, AccountGrant, Area, Installation, WebSession
from lib.persistence.transaction import transaction

COOKIE = "__Host-session" if settings.secure_cookie() else "session"
"""Name of the cookie; the prefix makes browsers insist on HTTPS, this host and the root path."""

_DISPLAY_MAX = 60

# One check takes 64 MiB: a storm of sign-ins must not exhaust the machine.
_checking = BoundedSemaphore(4)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash no password fits, checked for unknown names so that they take as long as known."""
    return _hasher().hash(secrets.token_urlsafe(TOKEN_BYTES))


def password_hash(password: str) -> str:
    """The hash of a password, as `account.password_hash` keeps it (argon2id)."""
    return _hasher().hash(password)


def open_session(name: str, password: str, language: Language | None = None) -> str | None:
    """Open a session by name and password; the token for the cookie, None if they do not fit.

    None too for closed accounts and those without a password. Takes about the same time
    whether or not the name exists. Without `language` the session speaks the account's.

    Raises:
        Refusal: the database cannot be written to.
    """
    with Reads() as session:
        account = session.scalar(
            select(Account).where(Account.name == name.strip(), enterable(today()))
        )
        kept = account.password_hash if account is not None else None
        actor = _actor(session, account) if account is not None else None
    with _checking:
        fits = _hasher().verify(password, kept or _nobody())
    if not fits or kept is None or account is None or actor is None:
        return None
    return _open(actor, account.name, language or account.language)


def enter_demonstration(
    role: Role, area_code: str | None = None, language: Language | None = None
) -> str:
    """Open a session by one click: as the prepared account of `role`, or at one area.

    An account for a role at an area is made when it is first asked for. Unit liaisons and
    volunteers are entered as prepared whatever the area, for they need a unit or a person.

    Raises:
        Refusal: ``refusal.not_demonstration`` in a real database.
        NotFound: no such prepared account or no such area.
    """
    code = None if role in PREPARED_ONLY else area_code or None
    try:
        account, actor = _demonstration_account(role, code)
    except IntegrityError:  # another visitor's click made the same account first
        account, actor = _demonstration_account(role, code)
    return _open(actor, account.name, language or account.language)


def close_session(token: str | None) -> None:
    """End the session of `token`; an unknown one is no error."""
    with Reads() as session:
        account = session.scalar(
            select(Account).join(WebSession).where(WebSession.token_hash == digest(token or ""))
        )
        if account is None:
            return
        actor = _actor(session, account)
    with transaction(actor) as work:
        work.session.execute(delete(WebSession).where(WebSession.token_hash == digest(token or "")))
        work.record(
            "session:close", account, topic=Topic.PEOPLE, area_ids=frozenset(), label=account.name
        )


def set_language(token: str | None, language: Language) -> None:
    """Let the session of `token` speak `language` from now on."""
    with transaction(None) as work:
        work.session.execute(
            update(WebSession)
            .where(WebSession.token_hash == digest(token or ""))
            .values(language=language)
        )


def _open(actor: Actor, label: str, language: Language) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    at = now()
    with transaction(actor) as work:
        work.session.execute(delete(WebSession).where(WebSession.expires_at <= at))
        work.session.add(
            WebSession(
                token_hash=digest(token),
                account_id=actor.account_id,
                language=language,
                opened_at=at,
                expires_at=at + timedelta(hours=SESSION_HOURS),
            )
        )
        account = work.session.get_one(Account, actor.account_id)
        work.record("session:open", account, topic=Topic.PEOPLE, area_ids=frozenset(), label=label)
    return token


def _actor(session: Session, account: Account) -> Actor:
    grants = session.execute(
        select(*HELD)
        .where(AccountGrant.account_id == account.id, in_force(today()))
        .order_by(AccountGrant.id)
    )
    return Actor(
        account_id=account.id,
        name_zh=account.display_zh,
        name_en=account.display_en,
        language=account.language,
        person_id=account.person_id,
        grants=tuple(grant_of(row) for row in grants),
    )


def _demonstration_account(role: Role, code: str | None) -> tuple[Account, Actor]:
    with Reads() as session:
        if not session.scalar(select(Installation.demonstration)):
            raise Refusal("refusal.not_demonstration")
        found = session.scalar(
            select(Account).where(
                Account.name == demonstration_account(role, code),
                Account.demonstration,
                enterable(today()),
            )
        )
        if found is not None:
            return found, _actor(session, found)
    if code is None:
        raise NotFound
    return _account_at(role, code)


def _account_at(role: Role, code: str) -> tuple[Account, Actor]:
    with transaction(None) as work:
        area = work.session.scalar(
            select(Area).where(Area.code == code, Area.valid_until.is_(None))
        )
        if area is None:
            raise NotFound
        account = Account(
            name=demonstration_account(role, code),
            display_zh=_display(role, area, Language.ZH),
            display_en=_display(role, area, Language.EN),
            language=Language.ZH,
            demonstration=True,
        )
        work.session.add(account)
        work.session.flush()
        work.session.add(
            AccountGrant(account_id=account.id, role=role, area_id=area.id, since=today())
        )
        work.record(
            "account:make",
            account,
            topic=Topic.PEOPLE,
            area_ids=frozenset(),
            label=account.name,
        )
        return account, _actor(work.session, account)


def _display(role: Role, area: Area, language: Language) -> str:
    place = named(area.name_zh, area.name_en, language)
    shown = say("door.role_at_place", language, role=word(role, language), place=place)
    return shown if len(shown) <= _DISPLAY_MAX else shown[: _DISPLAY_MAX - 1] + "…"
