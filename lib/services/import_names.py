"""Names in a ledger as ids: areas, people, teams and units within the importer's reach.

A name is no identity: where several fit, the row is refused and told which there are.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.persistence.models import Area, Organisation, Person, Team
from lib.persistence.scope import below, reached

_PATH = re.compile(r"\s*[/／>＞]\s*")
_BRACKETS = re.compile(r"(?P<name>.+?)\s*[（(](?P<area>[^（()）]+)[)）]")
_TOLD = 5
_PORTION = 5_000


@dataclass(frozen=True)
class Unresolved:
    """Why a name gives no id: the code of a finding and its values."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """An area that a row can name; `closed` is its last day, None while it is open."""

    id: int
    code: str
    names: tuple[str, ...]
    parent_id: int | None
    closed: date | None


class Places:
    """The areas below the chosen one, as far as the importer's permission reaches."""

    def __init__(self, session: Session, actor: Actor | None, root_id: int | None) -> None:
        rows = session.execute(
            select(
                Area.id, Area.code, Area.name_zh, Area.name_en, Area.parent_id, Area.valid_until
            ).where(within(Area.id, actor), below(Area.id, root_id))
        )
        self.by_id = {
            number: Place(number, code, tuple(n for n in (zh, en) if n), parent, until)
            for number, code, zh, en, parent, until in rows
        }
        self.root_id = root_id
        self._codes = {place.code: place for place in self.by_id.values()}
        self._names: defaultdict[str, list[Place]] = defaultdict(list)
        for place in self.by_id.values():
            for name in set(place.names):
                self._names[name].append(place)
        self._found: dict[str, Place | Unresolved] = {}

    def find(self, text: str | None) -> Place | Unresolved:
        """The area of a code, a name or a path of names; without text the chosen one."""
        if text is None:
            chosen = self.by_id.get(self.root_id or 0)
            return chosen or Unresolved("missing")
        if text not in self._found:
            self._found[text] = self._look_up(text)
        return self._found[text]

    def path(self, area_id: int) -> str:
        """The area's name after that of the area above it."""
        place = self.by_id.get(area_id)
        if place is None:
            return "?"
        above = self.by_id.get(place.parent_id or 0)
        return f"{above.names[0]}/{place.names[0]}" if above else place.names[0]

    def _look_up(self, text: str) -> Place | Unresolved:
        if text in self._codes:
            return self._codes[text]
        *above, name = _PATH.split(line(text))
        fit = [place for place in self._names.get(name, ()) if self._lies_in(place, above)]
        fit = [place for place in fit if place.closed is None] or fit
        if len(fit) == 1:
            return fit[0]
        if fit:
            told = "、".join(self.path(place.id) for place in fit[:_TOLD])
            return Unresolved("area_ambiguous", {"candidates": told})
        near = get_close_matches(name[:60], self._names, n=1, cutoff=0.5)
        return Unresolved("area_near", {"near": near[0]}) if near else Unresolved("area_unknown")

    def _lies_in(self, place: Place, above: list[str]) -> bool:
        """Whether the names stand above the area, in their order; levels may be left out."""
        wanted = list(above)
        parent = self.by_id.get(place.parent_id or 0)
        while wanted and parent is not None:
            if wanted[-1] in (*parent.names, parent.code):
                wanted.pop()
            parent = self.by_id.get(parent.parent_id or 0)
        return not wanted


Named = type[Person] | type[Team] | type[Organisation]


class Names:
    """Looks up the ids of one kind of thing by name, a portion of the file at a time."""

    def __init__(
        self, session: Session, actor: Actor | None, places: Places, model: Named, unknown: str
    ) -> None:
        self._session, self._actor, self._places = session, actor, places
        self._model, self._unknown = model, unknown
        self._known: dict[str, list[tuple[int, int]]] = {}

    def load(self, texts: Iterable[str]) -> None:
        """Look up every name of these texts that is not known yet, with one query a portion."""
        names = {name for text in texts for name in _readings(text)} - self._known.keys()
        wanted = sorted(names)
        column: InstrumentedAttribute[str] = (
            Person.name if self._model is Person else self._model.name_zh  # type: ignore[union-attr]
        )
        for start in range(0, len(wanted), _PORTION):
            part = wanted[start : start + _PORTION]
            self._known |= {name: [] for name in part}
            statement: Any = select(column, self._model.id, self._model.area_id).where(
                column.in_(part), within(self._model.area_id, self._actor), self._standing()
            )
            for name, number, area_id in self._session.execute(statement):
                self._known[name].append((number, area_id))

    def find(self, text: str) -> int | Unresolved:
        """The id that a loaded text names: a name, or a name with its area in brackets."""
        bare, *others = _readings(text)
        fit = self._known[bare]
        if not fit and others:
            bare = others[0]
            fit = self._in_area(bare, text)
        if len(fit) > 1:
            fit = [one for one in fit if self._below_chosen(one[1])] or fit
        if len(fit) == 1:
            return fit[0][0]
        if not fit:
            return Unresolved(self._unknown, {"name": bare[:60]})
        told = "、".join(dict.fromkeys(self._places.path(area) for _, area in fit[:_TOLD]))
        return Unresolved("ambiguous", {"name": bare[:60], "candidates": told})

    def _in_area(self, name: str, text: str) -> list[tuple[int, int]]:
        match = _BRACKETS.fullmatch(text)
        place = self._places.find(match["area"].strip()) if match else None
        if not isinstance(place, Place):
            return []
        return [one for one in self._known[name] if one[1] == place.id]

    def _below_chosen(self, area_id: int) -> bool:
        return self._places.root_id is not None and area_id in self._places.by_id

    def _standing(self) -> ColumnElement[bool]:
        return Organisation.closed_on.is_(None) if self._model is Organisation else true()


def within(column: Any, actor: Actor | None) -> ColumnElement[bool]:  # noqa: ANN401
    """Whether the column's area is one the importer may import into; the command line may all."""
    return true() if actor is None else reached(column, actor, Permission.LEDGER_IMPORT)


def _readings(text: str) -> list[str]:
    """The text as a name, and as a name with an area after it."""
    match = _BRACKETS.fullmatch(text)
    return [text, match["name"]] if match else [text]
