"""Commands on estates and buildings: add, edit, remove; households are counted, never listed.

Which centre households stand at a building is decided in `lib.services.structure`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm.attributes import flag_modified

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.rules import amount_problems
from lib.domain.text import line, required, too_long
from lib.domain.vocab import Topic
from lib.persistence.models import (
    Area,
    Building,
    CentreHousehold,
    Estate,
    EstateGrid,
    Organisation,
)
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.position import position_problems
from lib.services.tree import OLDEST, open_grid

LABEL_MAX = 40
HOUSEHOLDS_MAX = 10_000
"""No building holds more; a greater number is a typing slip."""

_EDIT = Permission.STRUCTURE_EDIT


@dataclass(frozen=True)
class BuildingEntry:
    """What the form says of a building; `counted_on` is the day its households were counted.

    `lon` and `lat` are WGS-84 degrees, both or neither.
    """

    label: str
    area_id: int
    households: int
    counted_on: date
    count_source: str
    estate_id: int | None = None
    lon: float | None = None
    lat: float | None = None

    def cleaned(self) -> dict[str, object]:
        """The values as stored, texts as one line."""
        words = {"label": line(self.label), "count_source": line(self.count_source)}
        return asdict(self) | words


@dataclass(frozen=True)
class EstateEntry:
    """What the form says of an estate, and the grids it reaches into."""

    name_zh: str
    area_ids: frozenset[int]
    name_en: str = ""


@once(Building)
def add_building(actor: Actor, *, entry: BuildingEntry, request_id: str | None = None) -> int:
    """Add a building to a grid. The same request adds it once.

    Returns:
        Its id.

    Raises:
        Invalid: naming every field to mend, also a label that the grid's estate has already.
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``structure.not_a_grid``.
    """
    with transaction(actor) as tx:
        tx.permit(_EDIT, entry.area_id)
        values = _acceptable(tx, entry, None)
        building = Building(**values, request_id=request_id)
        tx.session.add(building)
        changes = {n: (None, values[n]) for n in ("label", "households")}
        _record(tx, "building.add", building, {building.area_id}, building.label, changes)
        return building.id


def edit_building(actor: Actor, *, building_id: int, version: int, entry: BuildingEntry) -> None:
    """Save a building's form that was opened at `version`.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        Invalid: naming every field to mend.
        NotPermitted: the present or the new grid is not within the actor's reach.
        Refusal: ``buildings.centre_there`` when it would leave the grid of a centre household.
    """
    with transaction(actor) as tx:
        building = _building(tx, building_id)
        if building.version != version:
            current = {name: getattr(building, name) for name in entry.cleaned()}
            raise Changed(current, building.version)
        tx.permit(_EDIT, entry.area_id)
        if entry.area_id != building.area_id:
            _without_centres(tx, building)
        values = _acceptable(tx, entry, building)
        changes = {
            name: (getattr(building, name), value)
            for name, value in values.items()
            if getattr(building, name) != value
        }
        if not changes:
            return
        touched = {building.area_id, entry.area_id}
        for name, value in values.items():
            setattr(building, name, value)
        _record(tx, "building.edit", building, touched, building.label, _named(tx, changes))


def remove_building(actor: Actor, *, building_id: int, version: int) -> None:
    """Take a building out of its grid, such as one that was pulled down.

    Raises:
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``buildings.centre_there``, ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        building = _building(tx, building_id)
        if building.version != version:
            raise Refusal("refusal.changed_meanwhile")
        _without_centres(tx, building)
        changes = {"households": (building.households, None)}
        area_ids = {building.area_id}
        _record(tx, "building.remove", building, area_ids, building.label, changes)
        tx.session.delete(building)


@once(Estate)
def add_estate(actor: Actor, *, entry: EstateEntry, request_id: str | None = None) -> int:
    """Add an estate that reaches into one or more grids; once for each request.

    Returns:
        Its id.

    Raises:
        Invalid: naming every field to mend, also a name that one of the grids has already.
        NotPermitted: a grid is not within the actor's reach.
        Refusal: ``structure.not_a_grid``.
    """
    with transaction(actor) as tx:
        values = _estate_values(tx, entry, None, frozenset())
        estate = Estate(**values, request_id=request_id)
        tx.session.add(estate)
        tx.session.flush()
        _reach(tx, estate, entry.area_ids)
        changes = {"name_zh": (None, estate.name_zh), "grids": (None, len(entry.area_ids))}
        _record(tx, "estate.add", estate, set(entry.area_ids), estate.name_zh, changes)
        return estate.id


def edit_estate(actor: Actor, *, estate_id: int, version: int, entry: EstateEntry) -> None:
    """Save an estate's form that was opened at `version`.

    Raises:
        Changed: somebody saved in between.
        Invalid: naming every field to mend.
        NotPermitted: one of its grids, present or new, is not within the actor's reach.
        Refusal: ``buildings.estate_in_use`` when a grid where it has buildings would be left.
    """
    with transaction(actor) as tx:
        estate, grids = _estate(tx, estate_id)
        if estate.version != version:
            current = {"name_zh": estate.name_zh, "name_en": estate.name_en, "area_ids": grids}
            raise Changed(current, estate.version)
        values = _estate_values(tx, entry, estate, grids)
        _unused(tx, estate, grids - entry.area_ids)
        changes = {
            name: (getattr(estate, name), value)
            for name, value in values.items()
            if getattr(estate, name) != value
        }
        if grids != entry.area_ids:
            changes["grids"] = (len(grids), len(entry.area_ids))
            flag_modified(estate, "name_zh")  # the grids stand in another table
            _reach(tx, estate, entry.area_ids)
        if not changes:
            return
        for name, value in values.items():
            setattr(estate, name, value)
        touched = set(grids | entry.area_ids)
        _record(tx, "estate.edit", estate, touched, estate.name_zh, changes)


def remove_estate(actor: Actor, *, estate_id: int, version: int) -> None:
    """Take out an estate that nothing belongs to any more.

    Raises:
        NotPermitted: one of its grids is not within the actor's reach.
        Refusal: ``buildings.estate_in_use``, ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        estate, grids = _estate(tx, estate_id)
        if estate.version != version:
            raise Refusal("refusal.changed_meanwhile")
        _unused(tx, estate, grids)
        units = select(func.count()).where(Organisation.estate_id == estate_id)
        if n := tx.session.scalar(units):
            raise Refusal("buildings.estate_in_use", estate=estate.name_zh, n=n)
        _reach(tx, estate, frozenset())
        changes = {"grids": (len(grids), 0)}
        _record(tx, "estate.remove", estate, set(grids), estate.name_zh, changes)
        tx.session.delete(estate)


def _named(
    tx: Transaction, changes: Mapping[str, tuple[object, object]]
) -> dict[str, tuple[object, object]]:
    """The changes with the names of areas and estates in place of their numbers."""

    def name(field: str, number: object) -> str | None:
        model = Area if field == "area_id" else Estate
        found = select(model.name_zh).where(model.id == number)
        return None if number is None else tx.session.scalar(found)

    return {
        field: (name(field, before), name(field, after))
        if field in ("area_id", "estate_id")
        else (before, after)
        for field, (before, after) in changes.items()
    }


def _building(tx: Transaction, building_id: int) -> Building:
    building = tx.session.get(Building, building_id, with_for_update=True)
    if building is None:
        raise NotFound
    tx.permit(_EDIT, building.area_id)
    return building


def _without_centres(tx: Transaction, building: Building) -> None:
    centres = select(func.count()).where(CentreHousehold.building_id == building.id)
    if n := tx.session.scalar(centres):
        raise Refusal("buildings.centre_there", building=building.label, n=n)


def _acceptable(
    tx: Transaction, entry: BuildingEntry, building: Building | None
) -> dict[str, object]:
    if building is None or building.area_id != entry.area_id:
        open_grid(tx, entry.area_id)
    values = entry.cleaned()
    label = str(values["label"])
    problems = [
        *required("label", label, LABEL_MAX),
        *amount_problems("households", entry.households, HOUSEHOLDS_MAX),
        *required("count_source", str(values["count_source"])),
        *position_problems(tx.session, entry.area_id, entry.lon, entry.lat),
    ]
    for wrong, code, day in (
        (entry.counted_on > today(), "problem.after", today()),
        (entry.counted_on < OLDEST, "problem.before", OLDEST),
    ):
        if wrong:
            problems.append(Problem("counted_on", code, {"day": day.isoformat()}))
    if (
        entry.estate_id is not None
        and tx.session.get(EstateGrid, (entry.estate_id, entry.area_id)) is None
    ):
        problems.append(Problem("estate_id", "problem.estate_elsewhere"))
    of_estate = (
        Building.estate_id.is_(None)
        if entry.estate_id is None
        else Building.estate_id == entry.estate_id
    )
    same = select(Building.id).where(
        Building.area_id == entry.area_id,
        of_estate,
        Building.label == label,
        Building.id != (building.id if building else 0),
    )
    if tx.session.scalar(same.limit(1)) is not None:
        problems.append(Problem("label", "problem.building_there"))
    if problems:
        raise Invalid(problems)
    return values


def _estate(tx: Transaction, estate_id: int) -> tuple[Estate, frozenset[int]]:
    estate = tx.session.get(Estate, estate_id, with_for_update=True)
    if estate is None:
        raise NotFound
    reach = select(EstateGrid.area_id).where(EstateGrid.estate_id == estate_id)
    grids = frozenset(tx.session.scalars(reach))
    for area_id in sorted(grids) or (None,):
        tx.permit(_EDIT, area_id)
    return estate, grids


def _estate_values(
    tx: Transaction, entry: EstateEntry, estate: Estate | None, grids: frozenset[int]
) -> dict[str, object]:
    for area_id in sorted(entry.area_ids):
        tx.permit(_EDIT, area_id)
    for area_id in sorted(entry.area_ids - grids):
        open_grid(tx, area_id)
    name, english = line(entry.name_zh), line(entry.name_en)
    problems = [*required("name_zh", name), *too_long("name_en", english, 200)]
    if not entry.area_ids:
        problems.append(Problem("area_ids", "problem.missing"))
    same = (
        select(Estate.id)
        .join(EstateGrid, EstateGrid.estate_id == Estate.id)
        .where(
            EstateGrid.area_id.in_(entry.area_ids),
            Estate.name_zh == name,
            Estate.id != (estate.id if estate else 0),
        )
    )
    if tx.session.scalar(same.limit(1)) is not None:
        problems.append(Problem("name_zh", "problem.estate_there"))
    if problems:
        raise Invalid(problems)
    return {"name_zh": name, "name_en": english or None}


def _unused(tx: Transaction, estate: Estate, grids: frozenset[int]) -> None:
    """Refuse while the estate has buildings in these grids."""
    there = select(func.count()).where(Building.estate_id == estate.id, Building.area_id.in_(grids))
    if n := tx.session.scalar(there):
        raise Refusal("buildings.estate_in_use", estate=estate.name_zh, n=n)


def _reach(tx: Transaction, estate: Estate, area_ids: frozenset[int]) -> None:
    tx.session.execute(delete(EstateGrid).where(EstateGrid.estate_id == estate.id))
    tx.session.add_all(EstateGrid(estate_id=estate.id, area_id=n) for n in sorted(area_ids))
    tx.session.flush()


def _record(
    tx: Transaction,
    action: str,
    row: Building | Estate,
    area_ids: set[int],
    label: str,
    changes: Mapping[str, tuple[object, object]],
) -> None:
    tx.record(
        action,
        row,
        topic=Topic.STRUCTURE,
        area_ids=frozenset(area_ids),
        label=label,
        changes=changes,
    )
