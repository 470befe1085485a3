"""Commands on single areas of the tree: add, edit, close, reopen, move.

Whole files of boundaries are `lib.services.areas`; what stands in a grid is
`lib.services.structure` and `lib.services.buildings`.
"""

import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import and_, delete, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line, required, too_long
from lib.domain.vocab import Level, Topic
from lib.i18n.pinyin import initials
from lib.persistence.models import Area, AreaLink, Installation
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.area_matching import CODE_MAX
from lib.services.areas import link_area, local_codes
from lib.services.installation import mark_started

LABEL_MAX = 40
OLDEST = date(1949, 10, 1)
PLANNED_DAYS = 366
"""How far ahead an area may be planned to begin or to end."""

_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z._-]+")
"""Codes travel in addresses; a digit keeps them apart from an address's own words."""


@dataclass(frozen=True)
class AreaEntry:
    """What the form says of an area; an empty `code` keeps the present one, or asks for a new one.

    `level_label_…` is what this place calls the level, empty for the usual word.
    """

    name_zh: str
    valid_from: date
    name_en: str = ""
    code: str = ""
    level_label_zh: str = ""
    level_label_en: str = ""

    def cleaned(self) -> dict[str, object]:
        """The values as stored: one-line texts, missing ones null."""
        values = {
            name: (line(value) or None) if isinstance(value, str) else value
            for name, value in asdict(self).items()
        }
        return values | {"name_zh": line(self.name_zh)}


@once(Area)
def add_area(
    actor: Actor,
    *,
    parent_id: int | None,
    level: Level,
    entry: AreaEntry,
    request_id: str | None = None,
) -> int:
    """Add an area below another, or a root where `parent_id` is None; once for each request.

    Returns:
        Its id.

    Raises:
        Invalid: naming every field to mend: a code or a sibling's name that is taken, a level
            that is not narrower than the parent's, a day out of range.
        NotPermitted: the parent is not within the actor's reach.
        Refusal: ``tree.closed`` where the parent is closed or about to be.
    """
    with transaction(actor) as tx:
        area = planted(tx, parent_id=parent_id, level=level, entry=entry, request_id=request_id)
        return area.id


def planted(
    tx: Transaction,
    *,
    parent_id: int | None,
    level: Level,
    entry: AreaEntry,
    request_id: str | None,
) -> Area:
    """The area that `add_area` adds, within a transaction that does more with it."""
    alone(tx)
    tx.permit(Permission.AREA_EDIT, parent_id)
    parent = None if parent_id is None else open_area(tx, parent_id)
    problems = _level_problems(level, parent)
    values = _acceptable(tx, entry, parent_id, None, problems)
    values["code"] = values["code"] or next(local_codes(tx.session))
    mark_started(tx.session)
    area = Area(
        **values,
        level=level,
        parent_id=parent_id,
        initials=initials(str(values["name_zh"])),
        request_id=request_id,
    )
    tx.session.add(area)
    link_area(tx.session, area)
    _record(tx, "area.add", area, {"name_zh": (None, area.name_zh)})
    return area


def edit_area(actor: Actor, *, area_id: int, version: int, entry: AreaEntry) -> None:
    """Save an area's form that was opened at `version`.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        Invalid: naming every field to mend.
        NotPermitted: the area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        alone(tx)
        area = _area(tx, area_id)
        tx.permit(Permission.AREA_EDIT, area_id)
        if area.version != version:
            raise Changed({name: getattr(area, name) for name in entry.cleaned()}, area.version)
        values = _acceptable(tx, entry, area.parent_id, area, [])
        values["code"] = values["code"] or area.code
        changes = {
            name: (getattr(area, name), value)
            for name, value in values.items()
            if getattr(area, name) != value
        }
        if not changes:
            return
        for name, value in values.items():
            setattr(area, name, value)
        area.initials = initials(area.name_zh)
        _record(tx, "area.edit", area, changes)


def close_area(actor: Actor, *, area_id: int, version: int, day: date) -> None:
    """Let `day` be the area's last; what was recorded in it stays and can still be read.

    Raises:
        Invalid: the day lies before the area's first, or too far ahead.
        NotPermitted: the area above is not within the actor's reach.
        Refusal: ``tree.children_open`` while an area below would outlive it, ``tree.closed``,
            ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        area = _governed(tx, area_id, version)
        if area.valid_until is not None:
            raise Refusal("tree.closed", area=area.name_zh)
        problems = _day_problems("day", day)
        if day < area.valid_from:
            problems.append(Problem("day", "problem.before", {"day": area.valid_from.isoformat()}))
        if problems:
            raise Invalid(problems)
        outlive = or_(Area.valid_until.is_(None), Area.valid_until > day)
        n = tx.session.scalar(select(func.count()).where(Area.parent_id == area.id, outlive))
        if n:
            raise Refusal("tree.children_open", n=n, area=area.name_zh)
        area.valid_until = day
        _record(tx, "area.close", area, {"valid_until": (None, day)})


def reopen_area(actor: Actor, *, area_id: int, version: int) -> None:
    """Undo `close_area`.

    Raises:
        Invalid: a sibling bears the name by now.
        NotPermitted: the area above is not within the actor's reach.
        Refusal: ``tree.closed`` while the area above is, ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        area = _governed(tx, area_id, version)
        if area.valid_until is None:
            raise Refusal("refusal.changed_meanwhile")
        if area.parent_id is not None:
            open_area(tx, area.parent_id)
        if problems := _name_problems(tx, area.name_zh, area.parent_id, area.id):
            raise Invalid(problems)
        before, area.valid_until = area.valid_until, None
        _record(tx, "area.reopen", area, {"valid_until": (before, None)})


def move_area(actor: Actor, *, area_id: int, version: int, parent_id: int) -> None:
    """Hang the area, with everything below it, under another parent.

    Raises:
        Invalid: its level is not narrower than the new parent's, or its name is taken there.
        NotPermitted: the present or the new parent is not within the actor's reach.
        Refusal: ``tree.into_itself``, ``tree.closed`` where it or the new parent is,
            ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        area = _governed(tx, area_id, version)
        tx.permit(Permission.AREA_EDIT, parent_id)
        open_area(tx, area_id)
        within = and_(AreaLink.ancestor_id == area_id, AreaLink.descendant_id == parent_id)
        if tx.session.scalar(select(func.count()).select_from(AreaLink).where(within)):
            raise Refusal("tree.into_itself", area=area.name_zh)
        parent = open_area(tx, parent_id)
        if area.parent_id == parent_id:
            return
        problems = _level_problems(area.level, parent)
        problems += _name_problems(tx, area.name_zh, parent_id, area.id)
        if problems:
            raise Invalid(problems)
        left = None if area.parent_id is None else _area(tx, area.parent_id)
        area.parent_id = parent_id
        tx.session.flush()
        _relink(tx, area_id, parent_id)
        names = (None if left is None else left.name_zh, parent.name_zh)
        _record(tx, "area.move", area, {"parent": names}, left)


def open_grid(tx: Transaction, area_id: int) -> Area:
    """The area, if offices and buildings can stand in it: open, and with nothing below.

    Raises:
        NotFound: there is no such area.
        Refusal: ``structure.not_a_grid``.
    """
    area = tx.session.get(Area, area_id, with_for_update=True)
    if area is None:
        raise NotFound
    lasting = or_(Area.valid_until.is_(None), Area.valid_until >= today())
    below = select(Area.id).where(Area.parent_id == area_id, lasting).limit(1)
    closed = area.valid_until is not None and area.valid_until < today()
    if closed or tx.session.scalar(below) is not None:
        raise Refusal("structure.not_a_grid", area=area.name_zh)
    return area


def one_street(tx: Transaction, area_id: int, other_id: int) -> bool:
    """Whether both areas lie in one street, or in one tree where that has no streets."""

    def above(number: int) -> set[int]:
        rows = select(Area.id, Area.level).join(AreaLink, AreaLink.ancestor_id == Area.id)
        areas = tx.session.execute(rows.where(AreaLink.descendant_id == number)).tuples().all()
        return {n for n, level in areas if level is Level.STREET} or {n for n, _ in areas}

    return bool(above(area_id) & above(other_id))


def alone(tx: Transaction) -> None:
    """One change of the tree at a time: codes, names and closure rows are judged by the rest."""
    tx.session.get(Installation, 1, with_for_update=True)


def _area(tx: Transaction, area_id: int) -> Area:
    area = tx.session.get(Area, area_id)
    if area is None:
        raise NotFound
    return area


def open_area(tx: Transaction, area_id: int) -> Area:
    """The area, unless it is closed or about to be.

    Raises:
        NotFound: there is none.
        Refusal: ``tree.closed``.
    """
    area = _area(tx, area_id)
    if area.valid_until is not None:
        raise Refusal("tree.closed", area=area.name_zh)
    return area


def _governed(tx: Transaction, area_id: int, version: int) -> Area:
    """The area, for those who govern where it stands and not only what is below it."""
    alone(tx)
    area = _area(tx, area_id)
    tx.permit(Permission.AREA_EDIT, area.parent_id)
    if area.version != version:
        raise Refusal("refusal.changed_meanwhile")
    return area


def _acceptable(
    tx: Transaction,
    entry: AreaEntry,
    parent_id: int | None,
    area: Area | None,
    problems: list[Problem],
) -> dict[str, object]:
    values = entry.cleaned()
    name, code = str(values["name_zh"]), str(values["code"] or "")
    problems += required("name_zh", name)
    problems += too_long("name_en", str(values["name_en"] or ""), 200)
    for field in ("level_label_zh", "level_label_en"):
        problems += too_long(field, str(values[field] or ""), LABEL_MAX)
    problems += _code_problems(tx, code, area)
    problems += _day_problems("valid_from", entry.valid_from)
    number = None if area is None else area.id
    if area is None or area.valid_until is None:
        problems += _name_problems(tx, name, parent_id, number)
    elif area.valid_until < entry.valid_from:
        last = {"day": area.valid_until.isoformat()}
        problems.append(Problem("valid_from", "problem.after", last))
    if problems:
        raise Invalid(problems)
    return values


def _code_problems(tx: Transaction, code: str, area: Area | None) -> list[Problem]:
    if not code:
        return []
    if len(code) > CODE_MAX:
        return too_long("code", code, CODE_MAX)
    if not _CODE.fullmatch(code):
        return [Problem("code", "problem.bad_code")]
    other = select(Area.id).where(Area.code == code, Area.id != (area.id if area else 0))
    taken = tx.session.scalar(other.limit(1)) is not None
    return [Problem("code", "problem.code_taken", {"code": code})] if taken else []


def _name_problems(
    tx: Transaction, name: str, parent_id: int | None, area_id: int | None
) -> list[Problem]:
    beside = Area.parent_id.is_(None) if parent_id is None else Area.parent_id == parent_id
    lasting = or_(Area.valid_until.is_(None), Area.valid_until >= today())
    same = select(Area.id).where(beside, lasting, Area.name_zh == name, Area.id != (area_id or 0))
    taken = tx.session.scalar(same.limit(1)) is not None
    return [Problem("name_zh", "problem.sibling_name")] if taken else []


def _level_problems(level: Level, parent: Area | None) -> list[Problem]:
    if parent is None or level.depth > parent.level.depth:
        return []
    return [Problem("level", "problem.level_not_narrower", {"parent": parent.level})]


def _day_problems(field: str, day: date) -> list[Problem]:
    last = today() + timedelta(days=PLANNED_DAYS)
    if OLDEST <= day <= last:
        return []
    values = {"least": OLDEST.isoformat(), "limit": last.isoformat()}
    return [Problem(field, "problem.day_range", values)]


def _relink(tx: Transaction, area_id: int, parent_id: int) -> None:
    """Replace what the moved areas are reached from; how they lie to each other stays."""
    beneath = select(AreaLink.descendant_id).where(AreaLink.ancestor_id == area_id)
    above = select(AreaLink.ancestor_id).where(
        AreaLink.descendant_id == area_id, AreaLink.ancestor_id != area_id
    )
    tx.session.execute(
        delete(AreaLink).where(
            AreaLink.descendant_id.in_(beneath), AreaLink.ancestor_id.in_(above)
        ),
        execution_options={"synchronize_session": False},
    )
    upper, lower = aliased(AreaLink), aliased(AreaLink)
    joined = (
        select(upper.ancestor_id, lower.descendant_id)
        .join(lower, literal(True))
        .where(upper.descendant_id == parent_id, lower.ancestor_id == area_id)
    )
    tx.session.execute(insert(AreaLink).from_select(["ancestor_id", "descendant_id"], joined))


def _record(
    tx: Transaction,
    action: str,
    area: Area,
    changes: dict[str, tuple[object, object]],
    left: Area | None = None,
) -> None:
    tx.session.flush()
    touched = {area.id, area.parent_id, None if left is None else left.id} - {None}
    tx.record(
        action,
        area,
        topic=Topic.AREAS,
        area_ids=frozenset(number for number in touched if number is not None),
        label=area.name_zh,
        changes=changes,
    )
