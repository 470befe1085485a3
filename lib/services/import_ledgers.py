"""What each ledger's rows become: judged, compared with what is there, written in bulk.

Beside the demonstration this is the one bulk path; `lib.services.imports` decides over a file.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from lib.domain.calendar import now, today
from lib.domain.ledgers import Finding, LedgerRow
from lib.domain.permissions import Actor
from lib.domain.text import line
from lib.domain.vocab import CheckInAction, CheckInState, Topic
from lib.geo.shapes import from_geojson_geometry
from lib.i18n.pinyin import initials
from lib.persistence.bulk import numbers
from lib.persistence.models import (
    Area,
    CheckIn,
    CheckInStep,
    Consent,
    Membership,
    Organisation,
    Person,
    Team,
)
from lib.persistence.models.base import Row
from lib.persistence.scope import community_of
from lib.services.import_names import Names, Place, Places, Unresolved, within

NEAR_DEGREES = 0.003
"""About 300 m: how far a unit may lie outside its area's border, as in its form."""

_SPLIT = re.compile(r"[\n\r,，、;；]+")


@dataclass
class Entry:
    """A row that may be written: its columns, the rows below it, and its natural key."""

    number: int
    digest: int
    values: dict[str, Any]
    parts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Surroundings:
    """Who imports, into what, and the names known there."""

    session: Session
    actor: Actor | None
    places: Places
    people: Names
    teams: Names
    units: Names
    batch_id: int = 0
    account_id: int | None = None
    day: date = field(default_factory=today)
    at: datetime = field(default_factory=now)

    @classmethod
    def of(
        cls,
        session: Session,
        actor: Actor | None,
        root_id: int | None,
        batch_id: int,
        account_id: int | None,
    ) -> "Surroundings":
        """Load the areas; names are looked up when a portion needs them."""
        places = Places(session, actor, root_id)
        return cls(
            session,
            actor,
            places,
            Names(session, actor, places, Person, "person_unknown"),
            Names(session, actor, places, Team, "team_unknown"),
            Names(session, actor, places, Organisation, "unit_unknown"),
            batch_id,
            account_id,
        )


class Shelf(ABC):
    """How one kind of ledger is judged, compared and written."""

    model: type[Row]
    linked: tuple[type[Row], ...] = ()
    """Tables whose rows come with an import too and may be added to later by others."""
    topic: Topic

    def __init__(self, around: Surroundings) -> None:
        self.around = around

    def prepare(self, rows: Sequence[LedgerRow]) -> None:  # noqa: B027 - units name nobody
        """Look up at once what a portion of rows names."""

    @abstractmethod
    def judge(self, row: LedgerRow, place: Place) -> Entry | list[Finding]:
        """The row as it would be written, or what is wrong with it."""

    @abstractmethod
    def standing(self, entries: Sequence[Entry]) -> set[int]:
        """Natural keys that stand in the database already, those of the entries among them."""

    def remarks(self, entries: Sequence[Entry]) -> list[Finding]:
        """What is worth telling of new rows and stops nothing."""
        return []

    def rows(self, entries: Sequence[Entry], ids: Sequence[int]) -> Mapping[type[Row], list[Any]]:
        """All rows to insert for the entries, by table, referred tables first."""
        made = [{"id": number, **entry.values} for number, entry in zip(ids, entries, strict=True)]
        return {self.model: made}


def digest(*key: object) -> int:
    """A natural key as a signed number of 64 bits; equal keys give equal numbers."""
    summed = hashlib.blake2b("\x1f".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(summed, "big", signed=True)


class Units(Shelf):
    """Resident units; a unit is its name in its area, closed ones included."""

    model, topic = Organisation, Topic.UNITS

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._shapes: dict[int, BaseGeometry | None] = {}

    def judge(self, row: LedgerRow, place: Place) -> Entry | list[Finding]:
        """A unit, if its position lies in or near its area."""
        said = dict(row.values)
        lon, lat = cast(float | None, said.get("lon")), cast(float | None, said.get("lat"))
        shown = f"{'' if lon is None else lon}, {'' if lat is None else lat}"
        if (lon is None) != (lat is None):
            return [Finding(row.number, "lon", shown, "half_position")]
        if lon is not None and lat is not None and not self._near(place.id, lon, lat):
            return [Finding(row.number, "lon", shown, "outside_area")]
        name = str(said["name_zh"])
        texts = ("address", "offers", "liaison_name", "liaison_phone")
        values = {
            "name_zh": name,
            "name_en": said.get("name_en"),
            "initials": initials(name),
            "kind": said["kind"],
            "net": said["net"],
            "area_id": place.id,
            "lon": lon,
            "lat": lat,
            "version": 1,
            **{key: said.get(key) or "" for key in texts},
        }
        return Entry(row.number, digest(name, place.id), values)

    def standing(self, entries: Sequence[Entry]) -> set[int]:
        """Units of those names in those areas."""
        return _named(self.around.session, Organisation, entries)

    def _near(self, area_id: int, lon: float, lat: float) -> bool:
        if area_id not in self._shapes:
            text = self.around.session.scalar(select(Area.geometry).where(Area.id == area_id))
            self._shapes[area_id] = None if text is None else from_geojson_geometry(text)
        shape = self._shapes[area_id]
        return shape is None or bool(shape.distance(Point(lon, lat)) <= NEAR_DEGREES)


class People(Shelf):
    """Volunteers and office holders; a person is a name in an area and a unit."""

    model, linked, topic = Person, (CheckIn,), Topic.PEOPLE

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._communities: dict[int, int | None] = {}

    def prepare(self, rows: Sequence[LedgerRow]) -> None:
        """The units that are named."""
        self.around.units.load(str(row.values["unit"]) for row in rows if row.values.get("unit"))

    def judge(self, row: LedgerRow, place: Place) -> Entry | list[Finding]:
        """A person who agreed before becoming a volunteer."""
        said = row.values
        unit = said.get("unit")
        found = self.around.units.find(str(unit)) if unit else None
        if isinstance(found, Unresolved):
            return [Finding(row.number, "unit", str(unit)[:60], found.code, found.values)]
        agreed = cast(date, said["consented_on"])
        since = cast(date | None, said.get("volunteer_since")) or agreed
        values = {
            "name": said["name"],
            "area_id": place.id,
            "organisation_id": found,
            "checked_in_on": said.get("checked_in_on"),
            "consented_on": agreed,
            "volunteer_since": since,
        }
        return Entry(row.number, digest(said["name"], place.id, found), values)

    def rows(self, entries: Sequence[Entry], ids: Sequence[int]) -> Mapping[type[Row], list[Any]]:
        """People, what they agreed to before, on paper, and who of them had checked in."""
        noted = now()
        agreed = [
            {
                "person_id": number,
                "text_version": "",
                "given_on": entry.values["consented_on"],
                "recorded_at": noted,
            }
            for number, entry in zip(ids, entries, strict=True)
        ]
        came = [
            (number, entry.values)
            for number, entry in zip(ids, entries, strict=True)
            if entry.values["checked_in_on"] is not None
        ]
        check_in_ids = numbers(self.around.session, CheckIn, len(came)) if came else ()
        check_ins = [
            {
                "id": check_in_id,
                "person_id": number,
                "area_id": self._community(values["area_id"]),
                "organisation_id": values["organisation_id"],
                "state": CheckInState.REGISTERED,
                "checked_in_on": values["checked_in_on"],
                "pledge_version": "",
                "version": 1,
            }
            for check_in_id, (number, values) in zip(check_in_ids, came, strict=True)
        ]
        steps = [
            {
                "check_in_id": check_in_id,
                "action": CheckInAction.REGISTER,
                "target": CheckInState.REGISTERED,
                "account_id": self.around.account_id,
                "at": noted,
            }
            for check_in_id in check_in_ids
        ]
        made = super().rows(entries, ids)
        return {**made, Consent: agreed, CheckIn: check_ins, CheckInStep: steps}

    def _community(self, area_id: int) -> int:
        if area_id not in self._communities:
            self._communities[area_id] = community_of(self.around.session, area_id)
        return self._communities[area_id] or area_id

    def standing(self, entries: Sequence[Entry]) -> set[int]:
        """People of those names in those areas and units."""
        keys = [(e.values["name"], e.values["area_id"]) for e in entries]
        statement = select(Person.name, Person.area_id, Person.organisation_id).where(
            tuple_(Person.area_id, Person.name).in_([(area, name) for name, area in keys])
        )
        return {digest(*row) for row in self.around.session.execute(statement)}


class Teams(Shelf):
    """Service teams with leader and members; a team is its name in its area."""

    model, linked, topic = Team, (Membership,), Topic.PEOPLE

    def prepare(self, rows: Sequence[LedgerRow]) -> None:
        """The people who are named."""
        self.around.people.load(name for row in rows for name in self._people(row))

    def judge(self, row: LedgerRow, place: Place) -> Entry | list[Finding]:
        """A team whose people are all listed."""
        said, leader = row.values, row.values.get("leader")
        people = self.around.people
        ids, findings = resolved(row.number, "members", split(said.get("members")), people)
        led, wrong = resolved(row.number, "leader", [str(leader)] if leader else [], people)
        if findings or wrong:
            return [*findings, *wrong]
        name = str(said["name_zh"])
        values = {
            "name_zh": name,
            "name_en": said.get("name_en"),
            "initials": initials(name),
            "kind": said["kind"],
            "area_id": place.id,
            "leader_id": led[0] if led else None,
        }
        parts = [{"person_id": one, "since": self.around.day, "until": None} for one in ids]
        return Entry(row.number, digest(name, place.id), values, parts)

    def standing(self, entries: Sequence[Entry]) -> set[int]:
        """Teams of those names in those areas."""
        return _named(self.around.session, Team, entries)

    def remarks(self, entries: Sequence[Entry]) -> list[Finding]:
        """Teams of the same name elsewhere: the team may have moved."""
        elsewhere: defaultdict[str, list[str]] = defaultdict(list)
        names = {entry.values["name_zh"] for entry in entries}
        statement = select(Team.name_zh, Team.area_id).where(
            Team.name_zh.in_(names), within(Team.area_id, self.around.actor)
        )
        for name, area_id in self.around.session.execute(statement):
            elsewhere[name].append(self.around.places.path(area_id))
        return [
            Finding(
                entry.number,
                "team_name",
                name[:60],
                "elsewhere",
                {"candidates": "、".join(elsewhere[name][:5])},
                error=False,
            )
            for entry in entries
            if (name := entry.values["name_zh"]) in elsewhere
        ]

    def rows(self, entries: Sequence[Entry], ids: Sequence[int]) -> Mapping[type[Row], list[Any]]:
        """Teams, and their members."""
        members = [
            {"team_id": number, **part}
            for number, entry in zip(ids, entries, strict=True)
            for part in entry.parts
        ]
        return {**super().rows(entries, ids), Membership: members}

    def _people(self, row: LedgerRow) -> list[str]:
        leader = row.values.get("leader")
        return [*split(row.values.get("members")), *([str(leader)] if leader else [])]


def split(cell: object) -> list[str]:
    """The names of a cell that holds several, without what is empty."""
    if not cell:
        return []
    return [name for part in _SPLIT.split(str(cell)) if (name := line(part))]


def resolved(
    row: int, column: str, texts: Sequence[str], names: Names
) -> tuple[list[int], list[Finding]]:
    """The ids of names that were loaded, and a finding for each that gives none or repeats."""
    ids: list[int] = []
    findings: list[Finding] = []
    for text in texts:
        found = names.find(text)
        if isinstance(found, Unresolved):
            findings.append(Finding(row, column, text[:60], found.code, found.values))
        elif found in ids:
            findings.append(Finding(row, column, text[:60], "twice", {"name": text[:60]}))
        else:
            ids.append(found)
    return ids, findings


def _named(
    session: Session, model: type[Organisation] | type[Team], entries: Sequence[Entry]
) -> set[int]:
    keys = [(entry.values["area_id"], entry.values["name_zh"]) for entry in entries]
    statement = select(model.name_zh, model.area_id).where(
        tuple_(model.area_id, model.name_zh).in_(keys)
    )
    return {digest(*row) for row in session.execute(statement)}
