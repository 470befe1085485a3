"""Commands on single sign-on: the trip to the provider and back, and whose account it opens.

Talking to the provider stands in `lib.web.single_sign_on`.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from lib.domain.calendar import now, today
from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.domain.sessions import TOKEN_BYTES, digest
from lib.domain.vocab import Language, Topic
from lib.persistence.engine import Reads
from lib.persistence.grants import enterable
from lib.persistence.models import Account, SingleSignOn
from lib.persistence.transaction import transaction
from lib.services.sessions import open_for

TRIP_MINUTES = 10
_SUBJECT_MOST = 512


@dataclass(frozen=True)
class Trip:
    """What a browser takes along: `state` in its cookie and address, the rest stays here."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    language: Language | None
    account_id: int | None


def set_out(wanted: str, language: Language | None, actor: Actor | None = None) -> Trip:
    """Begin a trip to the provider; an actor means to connect the own account."""
    at = now()
    trip = Trip(
        secrets.token_urlsafe(TOKEN_BYTES),
        secrets.token_urlsafe(TOKEN_BYTES),
        secrets.token_urlsafe(2 * TOKEN_BYTES),
        wanted,
        language,
        actor.account_id if actor else None,
    )
    with transaction(actor) as work:
        work.session.execute(delete(SingleSignOn).where(SingleSignOn.expires_at <= at))
        work.session.add(
            SingleSignOn(
                state_hash=digest(trip.state),
                nonce=trip.nonce,
                verifier=trip.verifier,
                wanted=wanted,
                language=language,
                account_id=trip.account_id,
                expires_at=at + timedelta(minutes=TRIP_MINUTES),
            )
        )
    return trip


def come_back(state: str) -> Trip | None:
    """The trip of this state, which is over now; None for one unknown, over or too long ago."""
    with transaction(None) as work:
        found = work.session.scalar(
            select(SingleSignOn).where(
                SingleSignOn.state_hash == digest(state), SingleSignOn.expires_at > now()
            )
        )
        if found is None:
            return None
        trip = Trip(
            state, found.nonce, found.verifier, found.wanted, found.language, found.account_id
        )
        ended = work.session.execute(
            delete(SingleSignOn)
            .where(SingleSignOn.state_hash == digest(state))
            .returning(SingleSignOn.state_hash)
        )
        return trip if ended.first() is not None else None


def sign_in_as(issuer: str, subject: str, language: Language | None) -> str | None:
    """Open a session for who the provider says it is; None when nobody here is that."""
    with Reads() as session:
        account = session.scalar(
            select(Account).where(Account.subject == _known_as(issuer, subject), enterable(today()))
        )
    if account is None:
        with transaction(None) as work:
            work.record("session.refused", "account", topic=Topic.PEOPLE, area_ids=frozenset())
        return None
    return open_for(account, language)


def connect(account_id: int, issuer: str, subject: str) -> None:
    """Let the account be opened by single sign-on from now on.

    Raises:
        Refusal: ``account.subject_taken`` when another account is that at the provider.
    """
    try:
        with transaction(None) as work:
            account = work.session.get_one(Account, account_id)
            account.subject = _known_as(issuer, subject)
            work.record(
                "account.subject",
                account,
                topic=Topic.PEOPLE,
                area_ids=frozenset(),
                label=account.name,
            )
    except IntegrityError as error:
        raise Refusal("account.subject_taken") from error


def _known_as(issuer: str, subject: str) -> str:
    return f"{issuer} {subject}"[:_SUBJECT_MOST]
