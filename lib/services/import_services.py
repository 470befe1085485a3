"""Service records of a ledger: who took part by name, and the rows of records that wait.

What is recorded here waits for confirmation like any other record.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, cast

from sqlalchemy import ColumnElement, select

from lib.domain.ledgers import Finding, LedgerRow
from lib.domain.roster import parse_roster
from lib.domain.vocab import Beneficiary, ServiceAction, Topic, Trust
from lib.domain.workflow import service_step
from lib.persistence.models import ImportRow, Participation, Service, ServiceStep
from lib.persistence.models.base import Row
from lib.persistence.scope import below
from lib.services.import_ledgers import Entry, Shelf, Surroundings, digest, resolved, split
from lib.services.import_names import Place, within

_ROSTER = {
    "problem.bad_name": "bad_roster",
    "problem.minutes_of": "bad_roster",
    "problem.twice": "twice",
    "problem.too_many": "too_many",
}
_STEP = service_step(None, ServiceAction.RECORD)
_AT_ONCE = 5_000
_COLUMNS = ("person_id", "team_id", "organisation_id")
_NOBODY: Mapping[str, int | None] = dict.fromkeys(_COLUMNS)


class Services(Shelf):
    """Services; one is its day, kind, area and place with who took part for how long."""

    model, topic = Service, Topic.SERVICE

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._days: set[date] = set()
        self._standing: set[int] = set()
        self._rosters: dict[int, list[tuple[str, int]]] = {}

    def prepare(self, rows: Sequence[LedgerRow]) -> None:
        """Everybody who is named, and what is recorded on those days already."""
        around = self.around
        around.teams.load(name for row in rows for name in split(row.values.get("teams")))
        around.units.load(name for row in rows for name in split(row.values.get("units")))
        self._rosters = {
            row.number: [(one.name, one.minutes) for one in lines]
            for row in rows
            if not row.findings and not (parsed := _roster(row))[1] and (lines := parsed[0])
        }
        around.people.load(name for lines in self._rosters.values() for name, _ in lines)
        self._load_days({cast(date, row.values["day"]) for row in rows if not row.findings})

    def judge(self, row: LedgerRow, place: Place) -> Entry | list[Finding]:
        """A record that waits, if everybody in it is known and at least one is named."""
        said = row.values
        parts, findings = self._participants(row)
        if findings:
            return findings
        if not parts:
            return [Finding(row.number, "participants", "", "nobody")]
        values = {
            "kind": said["kind"],
            "area_id": place.id,
            "place": said.get("place") or "",
            "day": said["day"],
            "starts_at": said.get("starts_at"),
            "people_served": said["people_served"],
            "beneficiary": said.get("beneficiary") or Beneficiary.ALL_RESIDENTS,
            "goods": said.get("goods") or 0,
            "money_fen": said.get("money") or 0,
            "note": said.get("note") or "",
            "state": _STEP.target,
            "recorded_by_id": self.around.account_id,
            "recorded_at": self.around.at,
            "request_id": f"import-{self.around.batch_id}-{row.number}",
            "version": 1,
        }
        took_part = [(*(part[name] for name in _COLUMNS), part["minutes"]) for part in parts]
        key = _key(values["day"], values["kind"], place.id, values["place"], took_part)
        return Entry(row.number, key, values, parts)

    def standing(self, entries: Sequence[Entry]) -> set[int]:
        """What was recorded on those days before this file."""
        return self._standing

    def rows(self, entries: Sequence[Entry], ids: Sequence[int]) -> Mapping[type[Row], list[Any]]:
        """Services, who took part, and the first step of each."""
        parts: list[dict[str, Any]] = []
        for number, entry in zip(ids, entries, strict=True):
            for part in entry.parts:
                part["service_id"] = number
            parts += entry.parts
        step = {
            "action": _STEP.action,
            "source": None,
            "target": _STEP.target,
            "account_id": self.around.account_id,
            "at": self.around.at,
            "reason": None,
        }
        steps = [{"service_id": number, **step} for number in ids]
        return {**super().rows(entries, ids), Participation: parts, ServiceStep: steps}

    def _participants(self, row: LedgerRow) -> tuple[list[dict[str, Any]], list[Finding]]:
        minutes = row.values["minutes"]
        parts: list[dict[str, Any]] = []
        roster = self._rosters.get(row.number)
        findings = _roster(row)[1] if roster is None else []
        lines = roster or []
        sources = (
            ("participants", [name for name, _ in lines], self.around.people),
            ("teams", split(row.values.get("teams")), self.around.teams),
            ("units", split(row.values.get("units")), self.around.units),
        )
        for place, (column, texts, names) in enumerate(sources):
            if not texts:
                continue
            ids, wrong = resolved(row.number, column, texts, names)
            findings += wrong
            each = [own for _, own in lines] if place == 0 else [minutes] * len(ids)
            for number, own in zip(ids, each, strict=False):
                part = {**_NOBODY, "minutes": own, "trust": Trust.SELF_REPORTED}
                part[_COLUMNS[place]] = number
                parts.append(part)
        return parts, findings

    def _load_days(self, days: set[date]) -> None:
        """Read the natural keys of what is recorded on days not seen before."""
        new = days - self._days
        if not new:
            return
        self._days |= new
        session, actor = self.around.session, self.around.actor
        here = (
            Service.day.in_(new),
            within(Service.area_id, actor),
            below(Service.area_id, self.around.places.root_id),
        )
        statement = (
            select(
                Service.id,
                Service.day,
                Service.kind,
                Service.area_id,
                Service.place,
                *(getattr(Participation, name) for name in _COLUMNS),
                Participation.minutes,
            )
            .join(Participation, Participation.service_id == Service.id)
            .where(*here)
            .order_by(Service.id)
            .execution_options(yield_per=_AT_ONCE)
        )
        for service, parts in groupby(session.execute(statement), lambda row: tuple(row[:5])):
            _, day, kind, area_id, place = service
            self._standing.add(_key(day, kind, area_id, place, [tuple(part[5:]) for part in parts]))


def in_batch(batch_id: int) -> ColumnElement[bool]:
    """Whether a service came with the batch."""
    return Service.id.in_(
        select(ImportRow.row_id).where(
            ImportRow.batch_id == batch_id, ImportRow.subject == Service.__tablename__
        )
    )


def _roster(row: LedgerRow) -> tuple[list[Any], list[Finding]]:
    """The lines of the participants' cell, and what is wrong with them."""
    text = row.values.get("participants")
    if text is None:
        return [], []
    lines, problems = parse_roster(str(text), cast(int, row.values["minutes"]))
    findings = [
        Finding(
            row.number,
            "participants",
            str(problem.values.get("name", text))[:60],
            _ROSTER[problem.code],
            problem.values,
        )
        for problem in problems
    ]
    return lines, findings


def _key(
    day: object, kind: object, area_id: int, place: object, parts: Sequence[tuple[Any, ...]]
) -> int:
    who = sorted(str(part) for part in parts)
    return digest(day, kind, area_id, place, *who)
