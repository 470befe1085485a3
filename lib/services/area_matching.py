"""Which area of a file is which area of the tree.

It reads and decides; what is written stands in `lib.services.areas`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lib.domain.calendar import today
from lib.domain.vocab import Level
from lib.geo.boundaries import Candidate
from lib.geo.findings import Finding, shorten
from lib.geo.shapes import from_geojson_geometry
from lib.persistence.models import Area

LOCAL_CODE = re.compile(r"L\d{6,}")
"""A code that this installation gave to an area without one; a real code replaces it."""

CODE_MAX = 24


@dataclass(frozen=True)
class Target:
    """Where a file's areas go: their level, the area above them, and what their ids number."""

    level: Level
    parent: Area | None
    source: str | None

    @property
    def parent_id(self) -> int | None:
        """The id of the area above, None for roots."""
        return None if self.parent is None else self.parent.id

    @property
    def above(self) -> frozenset[int]:
        """The area above as a set, empty for roots."""
        return frozenset() if self.parent is None else frozenset({self.parent.id})


@dataclass
class Matching:
    """The areas of a file beside those of the tree.

    `known` pairs those already there, `new` are not there yet, `beside` are areas of the same
    level under the same parent that the file does not speak of. A refused candidate is in none.
    """

    known: list[tuple[Candidate, Area]] = field(default_factory=list)
    new: list[Candidate] = field(default_factory=list)
    beside: list[Area] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def match(session: Session, target: Target, candidates: Sequence[Candidate]) -> Matching:
    """Match by code, then by source id, then by name, each area at most once."""
    there = list(
        session.scalars(
            select(Area)
            .where(
                Area.level == target.level,
                Area.parent_id.is_(None)
                if target.parent is None
                else Area.parent_id == target.parent.id,
                or_(Area.valid_until.is_(None), Area.valid_until >= today()),
            )
            .order_by(Area.id)
        )
    )
    free = _Free(there, target)
    result = Matching()
    waiting: list[Candidate] = []
    elsewhere = _codes_elsewhere(session, candidates, there)
    for candidate in candidates:
        refusal = _code_refusal(candidate, elsewhere)
        area = None if refusal else free.by_code(candidate)
        if refusal:
            result.findings.append(refusal)
        elif area is not None:
            result.known.append((candidate, area))
        else:
            waiting.append(candidate)
    for look in (free.by_source, free.by_name):
        unmatched = []
        for candidate in waiting:
            area = look(candidate)
            if area is None:
                unmatched.append(candidate)
            elif candidate.code and not LOCAL_CODE.fullmatch(area.code):
                result.findings.append(_other_code(candidate, area))
            else:
                result.known.append((candidate, area))
        waiting = unmatched
    result.new = waiting
    result.beside = free.areas
    return result


class _Free:
    """The areas that no candidate was matched with yet."""

    def __init__(self, areas: Iterable[Area], target: Target) -> None:
        self._areas = {area.id: area for area in areas}
        self._source = target.source
        self._codes = {area.code: area for area in self._areas.values()}
        self._sources = {
            area.source_id: area
            for area in self._areas.values()
            if area.source_id is not None and area.source == target.source
        }
        self._names: defaultdict[str, list[Area]] = defaultdict(list)
        for area in self._areas.values():
            self._names[area.name_zh].append(area)

    @property
    def areas(self) -> list[Area]:
        """What is left."""
        return list(self._areas.values())

    def by_code(self, candidate: Candidate) -> Area | None:
        """The area of the same code."""
        return self._take(self._codes.get(candidate.code or ""))

    def by_source(self, candidate: Candidate) -> Area | None:
        """The area of the same source id, unless name and place say it is another thing.

        Many files number their features from 1: a number alone proves little.
        """
        area = self._sources.get(candidate.source_id or "")
        if area is None or (area.name_zh != candidate.name and _apart(area, candidate)):
            return None
        return self._take(area)

    def by_name(self, candidate: Candidate) -> Area | None:
        """The first area of the same name that neither a code nor a source id sets apart."""
        for area in self._names[candidate.name]:
            coded_apart = candidate.code and not LOCAL_CODE.fullmatch(area.code)
            numbered_apart = (
                candidate.source_id is not None
                and area.source == self._source
                and area.source_id not in (None, candidate.source_id)
            )
            if area.id in self._areas and not coded_apart and not numbered_apart:
                return self._take(area)
        return None

    def _take(self, area: Area | None) -> Area | None:
        return None if area is None else self._areas.pop(area.id, None)


def _apart(area: Area, candidate: Candidate) -> bool:
    if area.geometry is None or candidate.geometry is None:
        return False
    return not from_geojson_geometry(area.geometry).intersects(candidate.geometry)


def _codes_elsewhere(
    session: Session, candidates: Sequence[Candidate], there: Sequence[Area]
) -> dict[str, Area]:
    """Areas that have one of the file's codes but stand at another place of the tree."""
    codes = {one.code for one in candidates if one.code} - {area.code for area in there}
    found = session.scalars(select(Area).where(Area.code.in_(codes)))
    return {area.code: area for area in found}


def _code_refusal(candidate: Candidate, elsewhere: dict[str, Area]) -> Finding | None:
    code = candidate.code or ""
    if len(code) > CODE_MAX:
        long = {"length": len(code), "limit": CODE_MAX}
        return Finding(candidate.row, "code", shorten(code), "areas.code_long", long)
    area = elsewhere.get(code)
    if area is None:
        return None
    values = {"name": area.name_zh}
    return Finding(candidate.row, "code", shorten(code), "areas.code_elsewhere", values)


def _other_code(candidate: Candidate, area: Area) -> Finding:
    values = {"code": area.code, "name": area.name_zh}
    return Finding(candidate.row, "code", shorten(candidate.code), "areas.code_differs", values)
