"""Opening and closing web sessions: by password, by second factor, by one click in a demonstration.

How often somebody may try stands in `lib.services.throttle`.
"""

import secrets
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lib import settings
from lib.domain.calendar import now, today
from lib.domain.credentials import account_name, is_name
from lib.domain.errors import NotFound, Refusal
from lib.domain.origin import origin
from lib.domain.permissions import Actor, Role
from lib.domain.sessions import (
    PENDING_MINUTES,
    PREPARED_ONLY,
    TOKEN_BYTES,
    demonstration_account,
    digest,
)
from lib.domain.vocab import Language, Topic
from lib.i18n.glossary import named, say, word
from lib.persistence.engine import Reads
from lib.persistence.grants import HELD, enterable, grant_of, in_force
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    Installation,
    SecondFactor,
    WebSession,
)
from lib.persistence.transaction import transaction
from lib.services.passwords import check_password
from lib.services.second_factor import accepts

COOKIE = "__Host-session" if settings.secure_cookie() else "session"
"""Name of the cookie; the prefix makes browsers insist on HTTPS, this host and the root path."""

_DISPLAY_MAX = 60
_SEEN_EVERY = timedelta(minutes=1)


def open_session(name: str, password: str, language: Language | None = None) -> str | None:
    """Open a session by name and password; the token for the cookie, None if they do not fit.

    None too for closed accounts and those without a password. Takes about the same time
    whether or not the name exists. Without `language` the session speaks the account's. With a
    second factor the session is pending until `pass_second_factor`.

    Raises:
        Refusal: the database cannot be written to.
    """
    account = account_by_name(name)
    fits, renewed = check_password(password, account.password_hash if account else None)
    if account is None or not fits:
        _note_refused(account, "session.refused")
        return None
    if renewed is not None:
        _keep_hash(account, renewed)
    return open_for(account, language)


def account_by_name(name: str) -> Account | None:
    """The account that may sign in by this name, if there is one."""
    wanted = account_name(name[:200])
    with Reads() as session:
        return session.scalar(
            select(Account).where(
                # A name nobody can have is asked for too: unknown takes as long as known.
                Account.name == (wanted if is_name(wanted) else ""),
                enterable(today()),
            )
        )


def open_for(account: Account, language: Language | None) -> str:
    """Open a session for somebody who has shown who it is; pending where a second factor is on."""
    with Reads() as session:
        actor = _actor(session, account)
        second = session.get(SecondFactor, account.id)
        pending = second is not None and second.confirmed_at is not None
    return _open(actor, account.name, language or account.language, pending=pending)


def pass_second_factor(token: str | None, code: str) -> str | None:
    """Turn the pending session of `token` into an open one under a new token; None if wrong.

    Raises:
        Refusal: ``second.secret_lost``, or the database cannot be written to.
    """
    hashed = digest(token or "")
    with transaction(None) as work:
        found = work.session.execute(
            select(Account, WebSession.language)
            .join(WebSession, WebSession.account_id == Account.id)
            .where(WebSession.token_hash == hashed, WebSession.pending)
            .where(WebSession.expires_at > now(), enterable(today()))
        ).first()
        if found is None:
            return None
        account, language = found
        accepted = accepts(work.session, account.id, code)
        if accepted:
            work.session.execute(delete(WebSession).where(WebSession.token_hash == hashed))
    if not accepted:
        _note_refused(account, "session.second_refused")
        return None
    with Reads() as session:
        actor = _actor(session, account)
    return _open(actor, account.name, language)


def _note_refused(account: Account | None, action: str) -> None:
    """Tell of it in the trail; an unknown name is not kept, it may be a password typed there."""
    with transaction(None) as work:
        work.record(
            action,
            account or "account",
            topic=Topic.PEOPLE,
            area_ids=frozenset(),
            label=account.name if account else "",
        )


def _keep_hash(account: Account, renewed: str) -> None:
    with transaction(None) as work:
        work.session.execute(
            update(Account)
            .where(Account.id == account.id, Account.password_hash == account.password_hash)
            .values(password_hash=renewed)
        )


def enter_demonstration(
    role: Role,
    area_code: str | None = None,
    language: Language | None = None,
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


def end_session(actor: Actor, session: str) -> None:
    """End one of the actor's own sessions, as `lib.queries.sessions.sessions_of` names it."""
    with transaction(actor) as work:
        ended = work.session.execute(
            delete(WebSession)
            .where(WebSession.token_hash == session, WebSession.account_id == actor.account_id)
            .returning(WebSession.account_id)
        )
        if ended.first() is not None:
            account = work.session.get_one(Account, actor.account_id)
            work.record(
                "session.end",
                account,
                topic=Topic.PEOPLE,
                area_ids=frozenset(),
                label=account.name,
            )


def set_language(token: str | None, language: Language) -> None:
    """Let the session of `token` speak `language` from now on."""
    with transaction(None) as work:
        work.session.execute(
            update(WebSession)
            .where(WebSession.token_hash == digest(token or ""))
            .values(language=language)
        )


def note_use(token: str | None) -> None:
    """Note that somebody does something in the session: it does not end for want of use.

    Written once a minute at most. A database that cannot be written to still shows its screens.
    """
    at = now()
    stale = (WebSession.token_hash == digest(token or "")) & (WebSession.seen_at < at - _SEEN_EVERY)
    with Reads() as session:
        if session.scalar(select(WebSession.account_id).where(stale)) is None:
            return
    with suppress(Refusal), transaction(None) as work:
        work.session.execute(update(WebSession).where(stale).values(seen_at=at))


def _open(
    actor: Actor,
    label: str,
    language: Language,
    *,
    pending: bool = False,
) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    at, here = now(), origin()
    life = (
        timedelta(minutes=PENDING_MINUTES) if pending else timedelta(hours=settings.session_hours())
    )
    with transaction(actor) as work:
        work.session.execute(delete(WebSession).where(WebSession.expires_at <= at))
        work.session.add(
            WebSession(
                token_hash=digest(token),
                account_id=actor.account_id,
                language=language,
                opened_at=at,
                seen_at=at,
                expires_at=at + life,
                pending=pending,
                device=here.agent,
                address=here.address,
            )
        )
        account = work.session.get_one(Account, actor.account_id)
        work.record(
            "session.password" if pending else "session:open",
            account,
            topic=Topic.PEOPLE,
            area_ids=frozenset(),
            label=label,
        )
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
