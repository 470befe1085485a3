"""Who has an account, for the command line: name, roles, and how it signs in.

What a screen shows of accounts is scoped elsewhere; nothing here is asked by one.
"""

import pandas as pd
from sqlalchemy import case, func, select

from lib.domain.calendar import today
from lib.domain.credentials import account_name
from lib.persistence.engine import Reads
from lib.persistence.grants import in_force
from lib.persistence.models import Account, AccountGrant, OneTimeCode, SecondFactor, WebSession

_COLUMNS = [
    "name",
    "display_zh",
    "display_en",
    "roles",
    "password",
    "second_factor",
    "seen_at",
    "closed_on",
]


def number_of(name: str) -> int | None:
    """The number of the account by this name, demonstration accounts left out."""
    query = select(Account.id).where(Account.name == account_name(name), ~Account.demonstration)
    with Reads() as session:
        return session.scalar(query)


def listing() -> pd.DataFrame:
    """Every account but those of a demonstration, by name.

    Columns name, display_zh, display_en, roles (those in force, a list), password (``set``,
    ``code`` while one is handed out, or empty), second_factor, seen_at, closed_on.
    """
    seen = (
        select(func.max(WebSession.seen_at))
        .where(WebSession.account_id == Account.id)
        .scalar_subquery()
    )
    waiting = select(OneTimeCode.account_id).where(OneTimeCode.account_id == Account.id).exists()
    second = (
        select(SecondFactor.account_id)
        .where(SecondFactor.account_id == Account.id, SecondFactor.confirmed_at.is_not(None))
        .exists()
    )
    password = case((waiting, "code"), (Account.password_hash.is_not(None), "set"), else_="")
    accounts = (
        select(
            Account.id,
            Account.name,
            Account.display_zh,
            Account.display_en,
            password.label("password"),
            second.label("second_factor"),
            seen.label("seen_at"),
            Account.closed_on,
        )
        .where(~Account.demonstration)
        .order_by(Account.name)
    )
    grants = select(AccountGrant.account_id, AccountGrant.role).where(in_force(today()))
    with Reads() as session:
        rows = session.execute(accounts).mappings().all()
        held: dict[int, list[str]] = {}
        for number, role in session.execute(grants.order_by(AccountGrant.id)):
            held.setdefault(number, []).append(role)
    return pd.DataFrame(
        [{**row, "roles": held.get(row["id"], [])} for row in rows], columns=_COLUMNS
    )
