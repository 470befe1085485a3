"""Commands on the area tree: import a file of boundaries as one whole.

How a file's areas are matched with those already there stands in `lib.services.area_matching`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lib.domain.calendar import now, today
from lib.domain.errors import Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Level, Topic
from lib.geo.boundaries import Candidate, Reading
from lib.geo.findings import FILE, Finding
from lib.geo.fit import file_misfit, misfit, moved
from lib.geo.shapes import (
    bounding_box,
    from_geojson_geometry,
    label_point,
    to_geojson_geometry,
)
from lib.i18n.pinyin import initials
from lib.persistence.engine import Reads
from lib.persistence.models import Area, AreaBoundary, AreaLink, Installation
from lib.persistence.scope import permit
from lib.persistence.transaction import Transaction, refusals_entered, transaction
from lib.services.area_matching import LOCAL_CODE, Matching, Target, match
from lib.services.installation import mark_started

Progress = Callable[[str, float], None]
"""Told the word key of the stage and the part of it that is done, 0 to 1."""

_FAR = "boundary.far_from_siblings"
_OTHER_CRS = "_other_crs"


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do where `written` is false.

    `refused` counts features with an error; `findings` are in the order of the file.
    """

    added: int
    updated: int
    unchanged: int
    refused: int
    findings: tuple[Finding, ...]
    written: bool

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refused a feature or the whole file."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


@dataclass(frozen=True)
class _Edit:
    """An area already there and what the file says differently, field by field."""

    area: Area
    values: dict[str, object]


@dataclass(frozen=True)
class _Plan:
    """What an import would write."""

    target: Target
    new: list[Candidate]
    edits: list[_Edit]
    unchanged: int
    refused: int
    findings: list[Finding]

    def report(self, *, written: bool) -> ImportReport:
        return ImportReport(
            added=len(self.new),
            updated=len(self.edits),
            unchanged=self.unchanged,
            refused=self.refused,
            findings=tuple(self.findings),
            written=written,
        )


def import_areas(
    actor: Actor | None,
    *,
    reading: Reading,
    level: Level,
    parent_code: str | None = None,
    source: str | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring the areas of a file into the tree, all or none unless `skip_bad`.

    Without a parent they become roots. Importing a file twice changes nothing: areas match by
    code, else by `source` and source id, else by parent and name. What the file leaves empty
    (English name, boundary) stays as it was. An area without a code gets a local one, replaced
    when a later file brings the real one. A dry run only looks.

    Args:
        actor: Who asks; None is the command line.
        reading: The file as read, with what was found wrong in it.
        level: The level of every area of the file.
        parent_code: Code of the area above.
        source: What the file's source ids number, such as the name of their field.
        dry_run: Write nothing.
        skip_bad: Write the areas without an error although others have one.
        progress: Told the stage and how far it is.

    Raises:
        NotPermitted: the actor may not edit areas there.
        Refusal: ``areas.unknown_parent``, ``areas.level_not_below``; a sentence about the
            database when it cannot be written.
    """
    tell = progress or (lambda stage, part: None)
    if dry_run:
        with refusals_entered(actor), Reads() as session:
            target = _target(session, level, parent_code, source)
            if actor is not None:
                permit(session, actor, Permission.AREA_EDIT, target.parent_id)
            return _plan(session, target, reading, tell).report(written=False)
    with transaction(actor) as tx:
        # One import at a time: two would give out the same local codes.
        tx.session.get(Installation, 1, with_for_update=True)
        target = _target(tx.session, level, parent_code, source)
        tx.permit(Permission.AREA_EDIT, target.parent_id)
        plan = _plan(tx.session, target, reading, tell)
        report = plan.report(written=_writable(plan, skip_bad=skip_bad))
        if report.written:
            _write(tx, plan, tell)
        return report


def link_area(session: Session, area: Area) -> None:
    """Write the closure rows of a new area whose parent is linked already."""
    link_areas(session, [area])


def link_areas(session: Session, areas: Sequence[Area]) -> None:
    """Write the closure rows of new areas whose parents are linked already.

    An area reaches from itself and from everything above its parent; one statement reads, one
    writes, however many areas there are.
    """
    session.flush()
    parents = {area.parent_id for area in areas if area.parent_id is not None}
    above: defaultdict[int | None, list[int]] = defaultdict(list)
    for ancestor, parent in session.execute(
        select(AreaLink.ancestor_id, AreaLink.descendant_id).where(
            AreaLink.descendant_id.in_(parents)
        )
    ):
        above[parent].append(ancestor)
    rows = [
        {"ancestor_id": ancestor, "descendant_id": area.id}
        for area in areas
        for ancestor in (*above[area.parent_id], area.id)
    ]
    if rows:
        session.execute(insert(AreaLink), rows)


def _target(session: Session, level: Level, parent_code: str | None, source: str | None) -> Target:
    if parent_code is None:
        return Target(level, None, source)
    parent = session.scalar(select(Area).where(Area.code == parent_code))
    if parent is None or (parent.valid_until is not None and parent.valid_until < today()):
        raise Refusal("areas.unknown_parent", area=parent_code)
    if level.depth <= parent.level.depth:
        raise Refusal(
            "areas.level_not_below", level=level, parent=parent.name_zh, parent_level=parent.level
        )
    return Target(level, parent, source)


def _plan(session: Session, target: Target, reading: Reading, tell: Progress) -> _Plan:
    tell("areas.stage_compare", 0)
    matching = match(session, target, reading.candidates)
    edits, unchanged = _differences(matching, target)
    findings = [*reading.findings, *matching.findings]
    findings += _misfits(target, matching, edits, tell)
    refused = {finding.row for finding in findings if finding.severity == "error"}
    whole = FILE in refused
    bad = {one.row for one in reading.candidates} | refused if whole else refused
    return _Plan(
        target,
        [one for one in matching.new if one.row not in bad],
        [edit for row, edit in edits.items() if row not in bad],
        len([row for row in unchanged if row not in bad]),
        len(bad - {FILE}),
        sorted(findings, key=lambda finding: finding.row),
    )


def _writable(plan: _Plan, *, skip_bad: bool) -> bool:
    stopped = any(finding.severity == "error" for finding in plan.findings)
    return bool(plan.new or plan.edits) and (skip_bad or not stopped)


def _differences(matching: Matching, target: Target) -> tuple[dict[int, _Edit], list[int]]:
    """What the file says differently of the areas already there, by row; rows that agree."""
    edits: dict[int, _Edit] = {}
    unchanged: list[int] = []
    for candidate, area in matching.known:
        kept = {"source", "source_id"} if area.source_id is not None else set()
        values = {
            field: value
            for field, value in _said(candidate, target).items()
            if value and field not in kept and value != getattr(area, field)
        }
        if values:
            edits[candidate.row] = _Edit(area, values)
        else:
            unchanged.append(candidate.row)
    return edits, unchanged


def _said(candidate: Candidate, target: Target) -> dict[str, object]:
    shape = candidate.geometry
    return {
        "name_zh": candidate.name,
        "name_en": candidate.name_en,
        "code": candidate.code,
        "geometry": None if shape is None else to_geojson_geometry(shape),
        "source": target.source if candidate.source_id else None,
        "source_id": candidate.source_id,
    }


def _misfits(
    target: Target, matching: Matching, edits: dict[int, _Edit], tell: Progress
) -> Iterator[Finding]:
    """How new and redrawn areas lie to the parent, to areas left alone and to their old selves."""
    parent = _shape(target.parent)
    siblings = [shape for area in matching.beside if (shape := _shape(area)) is not None]
    redrawn = {row for row, edit in edits.items() if "geometry" in edit.values}
    old = {one.row: _shape(area) for one, area in matching.known if one.row in redrawn}
    drawn = [*matching.new, *(one for one, _ in matching.known if one.row in redrawn)]
    for finding in file_misfit(drawn, parent, siblings):
        # Said once of the whole file; anything else is said of the rows concerned.
        if finding.code == _FAR or finding.code.endswith(_OTHER_CRS):
            yield finding
    for done, candidate in enumerate(drawn, start=1):
        for finding in misfit(candidate, parent, siblings):
            if finding.code != _FAR:
                yield finding
        before = old.get(candidate.row)
        if before is not None:
            yield from moved(candidate, before)
        tell("areas.stage_compare", done / len(drawn))


def _shape(area: Area | None) -> BaseGeometry | None:
    if area is None or area.geometry is None:
        return None
    return from_geojson_geometry(area.geometry)


def _write(tx: Transaction, plan: _Plan, tell: Progress) -> None:
    tell("areas.stage_write", 0)
    mark_started(tx.session)
    codes = local_codes(tx.session)
    added = [_area(candidate, plan.target, codes) for candidate in plan.new]
    tx.session.add_all(added)
    link_areas(tx.session, added)
    for done, edit in enumerate(plan.edits, start=1):
        _edit(tx, edit)
        tell("areas.stage_write", done / len(plan.edits))
    touched = {area.id for area in added} | {edit.area.id for edit in plan.edits}
    tx.record(
        "area.import",
        "area",
        topic=Topic.AREAS,
        area_ids=frozenset(touched | plan.target.above),
        label=plan.target.parent.name_zh if plan.target.parent else "",
        changes={"added": (None, len(added)), "updated": (None, len(plan.edits))},
    )
    tell("areas.stage_write", 1)


def local_codes(session: Session) -> Iterator[str]:
    """The free local codes, ascending: L000001, L000002 and so on; for one writer at a time."""
    taken = session.scalars(select(Area.code).where(Area.code.like("L%")))
    last = max((int(code[1:]) for code in taken if LOCAL_CODE.fullmatch(code)), default=0)
    while True:
        last += 1
        yield f"L{last:06}"


def _area(candidate: Candidate, target: Target, codes: Iterator[str]) -> Area:
    said = _said(candidate, target)
    return Area(
        **said | {"code": candidate.code or next(codes)} | _place(candidate.geometry),
        level=target.level,
        initials=initials(candidate.name),
        parent_id=target.parent_id,
        valid_from=today(),
    )


def _edit(tx: Transaction, edit: _Edit) -> None:
    area, values = edit.area, dict(edit.values)
    changes = {field: (getattr(area, field), value) for field, value in values.items()}
    if "geometry" in changes:  # megabytes of coordinates say nothing to a reader of the audit
        changes["geometry"] = (None, "changed")
        redraw(tx.session, area, from_geojson_geometry(str(values.pop("geometry"))))
    if "name_zh" in values:
        values["initials"] = initials(str(values["name_zh"]))
    for field, value in values.items():
        setattr(area, field, value)
    tx.record(
        "area.edit",
        area,
        topic=Topic.AREAS,
        area_ids=frozenset({area.id}),
        label=area.name_zh,
        changes=changes,
    )


def redraw(session: Session, area: Area, shape: BaseGeometry) -> None:
    """Give the area another boundary; the earlier one is kept, so that it can come back."""
    if area.geometry is not None:
        session.add(AreaBoundary(area_id=area.id, geometry=area.geometry, replaced_at=now()))
    area.geometry = to_geojson_geometry(shape)
    for column, value in _place(shape).items():
        setattr(area, column, value)


def _place(shape: BaseGeometry | None) -> dict[str, float]:
    """Box and label point of a shape, by column."""
    if shape is None:
        return {}
    columns = ("west", "south", "east", "north", "label_lon", "label_lat")
    place = (round(edge, 7) for edge in (*bounding_box(shape), *label_point(shape)))
    return dict(zip(columns, place, strict=True))
