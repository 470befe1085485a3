"""Whose session a browser holds, and what the door of a demonstration offers.

Read at every rerun, so that a revoked session or grant ends at once.
"""

from datetime import timedelta

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lib import settings
from lib.domain.calendar import now, today
from lib.domain.permissions import Actor, Role
from lib.domain.sessions import demonstration_account, digest
from lib.domain.vocab import Language, Level
from lib.i18n.glossary import named
from lib.persistence.engine import Reads
from lib.persistence.grants import HELD, alive, awaits_first_account, enterable, grant_of, in_force
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AreaLink,
    Installation,
    RecoveryCode,
    SecondFactor,
    WebSession,
)


def actor_of(token: str | None) -> Actor | None:
    """Who holds the session of `token`, with the grants in force today; None means sign in.

    None for no token, an unknown, expired or closed session, a closed account, and a
    demonstration account outside a demonstration. The language is the session's.
    """
    if not token:
        return None
    day = today()
    query = (
        select(
            Account.id,
            Account.display_zh,
            Account.display_en,
            Account.person_id,
            WebSession.language,
            *HELD,
        )
        .select_from(WebSession)
        .join(Account, Account.id == WebSession.account_id)
        .outerjoin(AccountGrant, (AccountGrant.account_id == Account.id) & in_force(day))
        .where(WebSession.token_hash == digest(token), alive(now(), idle()))
        .where(enterable(day))
        .order_by(AccountGrant.id)
    )
    with Reads() as session:
        rows = session.execute(query).all()
    if not rows:
        return None
    first = rows[0]
    return Actor(
        account_id=first.id,
        name_zh=first.display_zh,
        name_en=first.display_en,
        language=first.language,
        person_id=first.person_id,
        grants=tuple(grant_of(row) for row in rows if row.role is not None),
    )


def idle() -> timedelta:
    """How long a session lives without a click."""
    return timedelta(minutes=settings.session_idle_minutes())


def pending_account(token: str | None) -> str | None:
    """The name of the account whose session waits for its second factor, None if none does."""
    query = (
        select(Account.name)
        .join(WebSession, WebSession.account_id == Account.id)
        .where(WebSession.token_hash == digest(token or ""), WebSession.pending)
        .where(WebSession.expires_at > now(), enterable(today()))
    )
    with Reads() as session:
        return session.scalar(query)


def sessions_of(account_id: int, token: str | None) -> pd.DataFrame:
    """Live sessions of an account: columns session, device, address, opened_at, seen_at, own.

    The last used first; `own` is the one of `token`, `session` names it to commands.
    """
    query = (
        select(
            WebSession.token_hash.label("session"),
            WebSession.device,
            WebSession.address,
            WebSession.opened_at,
            WebSession.seen_at,
            (WebSession.token_hash == digest(token or "")).label("own"),
        )
        .where(WebSession.account_id == account_id, alive(now(), idle()))
        .order_by(WebSession.seen_at.desc())
    )
    columns = ["session", "device", "address", "opened_at", "seen_at", "own"]
    with Reads() as session:
        return pd.DataFrame(session.execute(query).all(), columns=columns)


def own_account(actor: Actor) -> dict[str, object]:
    """What somebody is told of the own account.

    ``name``, ``has_password``, ``second_factor`` (whether it is on), ``recovery_codes`` (how many
    are left), and ``connected`` to single sign-on.
    """
    number = actor.account_id
    with Reads() as session:
        account = session.get_one(Account, number)
        second = session.get(SecondFactor, number)
        left = session.scalar(
            select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == number)
        )
        return {
            "name": account.name,
            "has_password": account.password_hash is not None,
            "second_factor": second is not None and second.confirmed_at is not None,
            "recovery_codes": left,
            "connected": account.subject is not None,
        }


def awaits_set_up() -> bool:
    """Whether nobody can sign in yet: no account but those of a demonstration taken out again."""
    with Reads() as session:
        return awaits_first_account(session)


def demonstration() -> bool:
    """Whether this database is a demonstration, whose door opens with one click."""
    with Reads() as session:
        return bool(session.scalar(select(Installation.demonstration)))


def entries(language: Language) -> pd.DataFrame:
    """The accounts one click enters as prepared: columns role, name, place; in order of `Role`.

    `place` is the name of the area of the first grant, empty for the whole tree. Empty
    outside a demonstration.
    """
    roles = {demonstration_account(role): role for role in Role}
    query = (
        select(Account.name, Account.display_zh, Account.display_en, Area.name_zh, Area.name_en)
        .join(AccountGrant, AccountGrant.account_id == Account.id)
        .outerjoin(Area, Area.id == AccountGrant.area_id)
        .where(Account.name.in_(roles), Account.demonstration, in_force(today()))
        .where(enterable(today()))
        .order_by(AccountGrant.id)
    )
    with Reads() as session:
        rows = {roles[row.name]: row for row in reversed(session.execute(query).all())}
    return pd.DataFrame(
        [
            (
                role,
                named(rows[role].display_zh, rows[role].display_en, language),
                named(rows[role].name_zh or "", rows[role].name_en, language),
            )
            for role in Role
            if role in rows
        ],
        columns=["role", "name", "place"],
    )


def places(language: Language) -> pd.DataFrame:
    """Every present area to enter at: columns code, name, level, street; street by street.

    `street` is the name of the street it belongs to, empty above streets, which come first.
    """
    street = aliased(Area)
    above = (
        select(AreaLink.descendant_id, AreaLink.ancestor_id)
        .join(Area, (Area.id == AreaLink.ancestor_id) & (Area.level == Level.STREET))
        .subquery()
    )
    query = (
        select(
            Area.code,
            Area.name_zh,
            Area.name_en,
            Area.level,
            street.code.label("street_code"),
            street.name_zh.label("street_zh"),
            street.name_en.label("street_en"),
        )
        .outerjoin(above, above.c.descendant_id == Area.id)
        .outerjoin(street, street.id == above.c.ancestor_id)
        .where(Area.valid_until.is_(None))
    )
    with Reads() as session:
        rows = session.execute(query).all()
    ordered = sorted(rows, key=lambda r: (r.street_code or "", r.level.depth, r.code))
    return pd.DataFrame(
        [
            (
                row.code,
                named(row.name_zh, row.name_en, language),
                row.level,
                named(row.street_zh or "", row.street_en, language),
            )
            for row in ordered
        ],
        columns=["code", "name", "level", "street"],
    )
