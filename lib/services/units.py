"""Commands on resident units: add, edit, close, reopen."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, Problem, Refusal
from lib.domain.masking import mask_phone
from lib.domain.permissions import Actor, Permission
from lib.domain.text import clean, line, required, too_long
from lib.domain.vocab import Net, Topic, UnitKind
from lib.i18n.pinyin import initials
from lib.persistence.models import Area, Organisation
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.position import position_problems

OFFERS_MAX = 500
CONTACT_MAX = 60
PHONE_MAX = 40


@dataclass(frozen=True)
class UnitEntry:
    """What the form says of a unit; `lon` and `lat` are WGS-84 degrees, both or neither."""

    name_zh: str
    kind: UnitKind
    net: Net
    area_id: int
    name_en: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    offers: str = ""
    liaison_name: str = ""
    liaison_phone: str = ""

    def cleaned(self) -> dict[str, object]:
        """The values as stored: one-line texts, no control marks, a missing English name null."""
        values = asdict(self)
        for field in ("name_zh", "name_en", "address", "liaison_name", "liaison_phone"):
            values[field] = line(values[field])
        values["offers"] = clean(self.offers)
        values["name_en"] = values["name_en"] or None
        return values


@once(Organisation)
def add_unit(actor: Actor, *, entry: UnitEntry, request_id: str) -> int:
    """Add a resident unit; the same request writes once. Returns its id.

    Raises:
        Invalid: naming every field to mend, also a unit of that name in that area.
        NotPermitted: the area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        tx.permit(Permission.UNIT_EDIT, entry.area_id)
        values = _acceptable(tx, entry, None)
        unit = Organisation(**values, initials=initials(entry.name_zh), request_id=request_id)
        tx.session.add(unit)
        _record(tx, "unit.add", unit, {"name_zh": (None, unit.name_zh)})
        return unit.id


def edit_unit(actor: Actor, *, unit_id: int, version: int, entry: UnitEntry) -> None:
    """Save a unit's form that was opened at `version`.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        Invalid: naming every field to mend.
        NotPermitted: the unit, or the area it is to move to, is not within reach.
    """
    with transaction(actor) as tx:
        unit = _editable(tx, unit_id)
        if unit.version != version:
            current = {name: getattr(unit, name) for name in entry.cleaned()}
            current["liaison_phone"] = mask_phone(unit.liaison_phone)
            raise Changed(current, unit.version)
        if entry.area_id != unit.area_id:
            tx.permit(Permission.UNIT_EDIT, entry.area_id)
        values = _acceptable(tx, entry, unit_id)
        if values["liaison_phone"] == mask_phone(unit.liaison_phone):
            # The form showed it masked, and nobody touched it.
            values["liaison_phone"] = unit.liaison_phone
        changes = {
            name: (getattr(unit, name), value)
            for name, value in values.items()
            if getattr(unit, name) != value
        }
        if not changes:
            return
        left = unit.area_id
        for name, value in values.items():
            setattr(unit, name, value)
        unit.initials = initials(unit.name_zh)
        _record(tx, "unit.edit", unit, changes, left)


def close_unit(actor: Actor, *, unit_id: int, version: int) -> None:
    """Take a unit off the lists and the map; its past services stay."""
    _set_closed(actor, unit_id, version, closed=True)


def reopen_unit(actor: Actor, *, unit_id: int, version: int) -> None:
    """Undo `close_unit`.

    Raises:
        Invalid: the area has another unit of that name by now.
    """
    _set_closed(actor, unit_id, version, closed=False)


def _set_closed(actor: Actor, unit_id: int, version: int, *, closed: bool) -> None:
    with transaction(actor) as tx:
        unit = _editable(tx, unit_id)
        if unit.version != version:
            raise Refusal("refusal.changed_meanwhile")
        if not closed and (same := _name_problems(tx, unit.area_id, unit.name_zh, unit.id)):
            raise Invalid(same)
        before, unit.closed_on = unit.closed_on, today() if closed else None
        action = "unit.close" if closed else "unit.reopen"
        _record(tx, action, unit, {"closed_on": (before, unit.closed_on)})


def _editable(tx: Transaction, unit_id: int) -> Organisation:
    unit = tx.session.get(Organisation, unit_id)
    if unit is None:
        raise NotFound
    tx.permit_unit(Permission.UNIT_EDIT, unit.id)
    return unit


def _acceptable(tx: Transaction, entry: UnitEntry, unit_id: int | None) -> dict[str, object]:
    if tx.session.get(Area, entry.area_id) is None:
        raise NotFound
    values = entry.cleaned()
    problems = [
        *required("name_zh", str(values["name_zh"])),
        *too_long("name_en", str(values["name_en"] or ""), 200),
        *too_long("address", str(values["address"]), 200),
        *too_long("offers", str(values["offers"]), OFFERS_MAX),
        *too_long("liaison_name", str(values["liaison_name"]), CONTACT_MAX),
        *too_long("liaison_phone", str(values["liaison_phone"]), PHONE_MAX),
        *position_problems(tx.session, entry.area_id, entry.lon, entry.lat),
    ]
    problems += _name_problems(tx, entry.area_id, str(values["name_zh"]), unit_id)
    if problems:
        raise Invalid(problems)
    return values


def _name_problems(tx: Transaction, area_id: int, name: str, unit_id: int | None) -> list[Problem]:
    # Until this one is done nobody else adds a unit of the same name there.
    tx.session.get(Area, area_id, with_for_update=True)
    same = select(Organisation.id).where(
        Organisation.area_id == area_id,
        Organisation.name_zh == name,
        Organisation.id != (unit_id or 0),
        Organisation.closed_on.is_(None),
    )
    taken = tx.session.scalar(same.limit(1)) is not None
    return [Problem("name_zh", "problem.unit_exists")] if taken else []


def _record(
    tx: Transaction,
    action: str,
    unit: Organisation,
    changes: dict[str, tuple[object, object]],
    left: int | None = None,
) -> None:
    tx.record(
        action,
        unit,
        topic=Topic.UNITS,
        area_ids=frozenset({unit.area_id, left or unit.area_id}),
        label=unit.name_zh,
        changes=changes,
    )
