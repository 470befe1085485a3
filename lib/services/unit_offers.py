"""Commands on what units offer (服务菜单): add a line, end it, take the end back."""

from dataclasses import asdict, dataclass
from datetime import date

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, Problem
from lib.domain.permissions import Actor, Permission
from lib.domain.rules import amount_problems
from lib.domain.text import line, required
from lib.domain.vocab import ServiceKind, Topic
from lib.persistence.models import Organisation, UnitOffer
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.steps import area_of, at_version

WORDS_MAX = 200
CAPACITY_MAX = 10_000


@dataclass(frozen=True)
class OfferEntry:
    """What the form says of an offer: a kind, in words, for how many people at a time, where.

    It stands from the local day `first_day`, to `last_day` if there is one.
    """

    kind: ServiceKind
    words: str
    area_id: int
    first_day: date
    capacity: int = 1
    last_day: date | None = None


@once(UnitOffer)
def add_offer(actor: Actor, *, unit_id: int, entry: OfferEntry, request_id: str) -> int:
    """Add a line to a unit's service menu; the same request writes once. Returns its id.

    Raises:
        Invalid: naming every field to mend.
        NotFound: there is no such unit, or it is closed.
        NotPermitted: the unit is not within the actor's reach.
    """
    with transaction(actor) as tx:
        unit = tx.session.get(Organisation, unit_id)
        if unit is None or unit.closed_on is not None:
            raise NotFound
        tx.permit_unit(Permission.UNIT_EDIT, unit.id)
        offer = UnitOffer(**_acceptable(tx, entry), organisation_id=unit.id, request_id=request_id)
        tx.session.add(offer)
        _record(tx, "unit_offer.add", unit, offer, {"words": (None, offer.words)})
        return offer.id


def end_offer(actor: Actor, *, offer_id: int, version: int) -> None:
    """Take an offer off the menu from today on; it stays readable in the log."""
    _set_ended(actor, offer_id, version, today())


def resume_offer(actor: Actor, *, offer_id: int, version: int) -> None:
    """Undo `end_offer`."""
    _set_ended(actor, offer_id, version, None)


def _set_ended(actor: Actor, offer_id: int, version: int, day: date | None) -> None:
    with transaction(actor) as tx:
        offer = at_version(tx, UnitOffer, offer_id, version)
        tx.permit_unit(Permission.UNIT_EDIT, offer.organisation_id)
        unit = tx.session.get_one(Organisation, offer.organisation_id)
        before, offer.ended_on = offer.ended_on, day
        action = "unit_offer.resume" if day is None else "unit_offer.end"
        _record(tx, action, unit, offer, {"ended_on": (before, day)})


def _acceptable(tx: Transaction, entry: OfferEntry) -> dict[str, object]:
    area_of(tx, entry.area_id)
    values = asdict(entry) | {"words": line(entry.words)}
    problems = [
        *required("words", str(values["words"]), WORDS_MAX),
        *amount_problems("capacity", entry.capacity, CAPACITY_MAX, 1),
    ]
    if entry.last_day is not None and entry.last_day < max(entry.first_day, today()):
        problems.append(Problem("last_day", "problem.offer_days"))
    if problems:
        raise Invalid(problems)
    return values


def _record(
    tx: Transaction,
    action: str,
    unit: Organisation,
    offer: UnitOffer,
    changes: dict[str, tuple[object, object]],
) -> None:
    tx.record(
        action,
        offer,
        topic=Topic.UNITS,
        area_ids=frozenset({unit.area_id, offer.area_id}),
        label=unit.name_zh,
        changes=changes,
    )
