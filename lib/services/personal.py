"""Looking at a masked field: the value for whoever gives a reason, and the entry of it.

What is masked to whom stands in `lib.persistence.masking`.
"""

from sqlalchemy import select

from lib.domain.errors import Invalid, NotFound, NotPermitted
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line, required
from lib.domain.vocab import RevealReason
from lib.persistence.models import Need, Organisation, Person
from lib.persistence.scope import owned, reached
from lib.persistence.transaction import Transaction, transaction

NOTE_MAX = 200


def reveal_name(actor: Actor, *, person_id: int, reason: RevealReason, note: str = "") -> str:
    """The full name of a person; who looked, at whose and why is entered in the trail.

    Raises:
        Invalid: the reason "other" needs words.
        NotFound: there is no such person.
        NotPermitted: the person does not live or serve where the actor may look.
    """
    with transaction(actor) as tx:
        person = tx.session.get(Person, person_id)
        if person is None:
            raise NotFound
        may = reached(Person.area_id, actor, Permission.PERSON_REVEAL) | owned(
            Person, actor, Permission.PERSON_NAME
        )
        allowed = tx.session.scalar(select(may).where(Person.id == person_id))
        if not allowed and person_id != actor.person_id:
            raise NotPermitted(Permission.PERSON_REVEAL, person.area_id)
        enter_look(tx, person, "name", person.area_id, why(reason, note))
        return person.name


def reveal_contact(actor: Actor, *, unit_id: int, reason: RevealReason, note: str = "") -> str:
    """The full telephone number of a unit's liaison officer; see `reveal_name`."""
    with transaction(actor) as tx:
        unit = tx.session.get(Organisation, unit_id)
        if unit is None:
            raise NotFound
        tx.permit(Permission.UNIT_CONTACT, unit.area_id)
        said = why(reason, note)
        enter_look(tx, unit, "liaison_phone", unit.area_id, said, label=unit.name_zh)
        return unit.liaison_phone


def why(reason: RevealReason, note: str) -> str:
    """The reason as the trail keeps it.

    Raises:
        Invalid: the reason "other" needs words.
    """
    words = line(note)
    if reason is RevealReason.OTHER:
        problems = required("reason", words, NOTE_MAX)
        if problems:
            raise Invalid(problems)
        return words
    return reason.value


def enter_look(
    tx: Transaction,
    subject: Need | Organisation | Person,
    field: str,
    area_id: int,
    why: str,
    *,
    label: str = "",
) -> None:
    """Enter that somebody looked at a field of the subject, and why."""
    tx.record(
        "person.reveal",
        subject,
        topic=None,
        area_ids=frozenset({area_id}),
        label=label,
        changes={field: (None, None), "reveal_reason": (None, why)},
    )
