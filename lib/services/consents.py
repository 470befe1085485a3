"""Noting that somebody agreed to have their data held."""

from lib.domain.calendar import now
from lib.domain.retention import CONSENT_TEXT
from lib.persistence.models import Consent, Person
from lib.persistence.transaction import Transaction


def note_consent(tx: Transaction, person: Person) -> None:
    """Note the consent of somebody who is registered now, with the text that holds today."""
    tx.session.flush()
    tx.session.add(
        Consent(
            person_id=person.id,
            text_version=CONSENT_TEXT,
            given_on=person.consented_on,
            recorded_at=now(),
            account_id=tx.actor.account_id if tx.actor else None,
        )
    )
