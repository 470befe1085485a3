"""Counting tries, so that neither passwords nor codes can be tried by the thousand.

In the database: a restart does not forget, and all processes count together.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lib.domain.calendar import now
from lib.domain.credentials import account_name
from lib.domain.vocab import Topic
from lib.persistence.models import SignInTry
from lib.persistence.transaction import transaction

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 50
"""An address may be a whole office behind one router, so it is given more tries than a name."""

WINDOW = timedelta(minutes=5)


def take_try(name: str, address: str) -> int:
    """Count one try of `name` from `address`; the seconds to wait before it may be made, 0 if now.

    Counted before anything is checked, so that many at once count too. A try that must wait
    does not prolong the wait: nobody is locked out for good. The first one to wait is told in
    the trail.
    """
    at = now()
    with transaction(None) as work:
        session = work.session
        session.execute(delete(SignInTry).where(SignInTry.since <= at - WINDOW))
        for key, free in ((_by_address(address), FREE_BY_ADDRESS), (_by_name(name), FREE_BY_NAME)):
            tries, since = _count(session, key, at)
            if tries == free + 1:
                work.record(
                    "session.throttled", "account", topic=Topic.PEOPLE, area_ids=frozenset()
                )
            if tries > free:
                return max(1, int((since + WINDOW - at).total_seconds()))
    return 0


def forgive(name: str, address: str) -> None:
    """It was right: its name starts anew, the address gets this one try back."""
    with transaction(None) as work:
        work.session.execute(delete(SignInTry).where(SignInTry.key == _by_name(name)))
        work.session.execute(
            update(SignInTry)
            .where(SignInTry.key == _by_address(address), SignInTry.tries > 0)
            .values(tries=SignInTry.tries - 1)
        )


def _count(session: Session, key: str, at: datetime) -> tuple[int, datetime]:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(SignInTry)
        .values(key=key, tries=1, since=at)
        .on_conflict_do_update(index_elements=["key"], set_={"tries": SignInTry.tries + 1})
        .returning(SignInTry.tries, SignInTry.since)
    )
    row = session.execute(statement).one()
    return row.tries, row.since


def _by_name(name: str) -> str:
    return _key("name", account_name(name[:200]))


def _by_address(address: str) -> str:
    return _key("address", address)


def _key(kind: str, what: str) -> str:
    return hashlib.sha256(f"{kind} {what}".encode("utf-8", "replace")).hexdigest()
