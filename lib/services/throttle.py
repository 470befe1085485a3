"""Counting tries, so that neither passwords, codes nor public forms come by the thousand.

In the database: a restart does not forget, and all processes count together.
"""

import hashlib
from collections.abc import Iterable
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

FREE_TURNS = 10
"""Public forms from one address for one place: a yard may share a router too."""
FREE_TURNS_OF_PLACE = 60

WINDOW = timedelta(minutes=5)


def take_try(name: str, address: str) -> int:
    """Count one try of `name` from `address`; the seconds to wait before it may be made, 0 if now.

    Counted before anything is checked, so that many at once count too. A try that must wait
    does not prolong the wait: nobody is locked out for good. The first one to wait is told in
    the trail.
    """
    return _take(
        ((_by_address(address), FREE_BY_ADDRESS), (_by_name(name), FREE_BY_NAME)),
        "session.throttled",
        "account",
    )


def take_turn(form: str, place: str, address: str) -> int:
    """Count one filled-in public form of a place from `address`; the seconds to wait, 0 if none.

    By address and place, and for the place as a whole, whoever fills it in from anywhere.
    """
    return _take(
        (
            (_key(form, f"{place} {address}"), FREE_TURNS),
            (_key(form, place), FREE_TURNS_OF_PLACE),
        ),
        "form.throttled",
        "page",
        label=form,
    )


def forgive(name: str, address: str) -> None:
    """It was right: its name starts anew, the address gets this one try back."""
    with transaction(None) as work:
        work.session.execute(delete(SignInTry).where(SignInTry.key == _by_name(name)))
        work.session.execute(
            update(SignInTry)
            .where(SignInTry.key == _by_address(address), SignInTry.tries > 0)
            .values(tries=SignInTry.tries - 1)
        )


def _take(keys: Iterable[tuple[str, int]], action: str, subject: str, *, label: str = "") -> int:
    """Count a try under each key until one has used up what is free; the seconds to wait."""
    at = now()
    with transaction(None) as work:
        session = work.session
        session.execute(delete(SignInTry).where(SignInTry.since <= at - WINDOW))
        for key, free in keys:
            tries, since = _count(session, key, at)
            if tries == free + 1:
                work.record(action, subject, topic=Topic.PEOPLE, area_ids=frozenset(), label=label)
            if tries > free:
                return max(1, int((since + WINDOW - at).total_seconds()))
    return 0


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
