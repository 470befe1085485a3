"""Commands on ledgers: import a file as one whole, and take an import back.

How a row of each ledger is judged and written stands in `lib.services.import_ledgers`.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lib.domain.calendar import now, today
from lib.domain.errors import Refusal
from lib.domain.ledgers import (
    FINDINGS_MAX,
    BatchState,
    Finding,
    LedgerFile,
    LedgerKind,
    LedgerRow,
)
from lib.domain.permissions import Actor, Permission, Role
from lib.persistence.bulk import insert_rows, numbers
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    ImportBatch,
    ImportRow,
    Installation,
)
from lib.persistence.models.base import Row
from lib.persistence.scope import permit
from lib.persistence.transaction import Transaction, refusals_entered, transaction
from lib.services.import_ledgers import Entry, People, Shelf, Surroundings, Teams, Units
from lib.services.import_names import Place, Unresolved
from lib.services.import_needs import Needs
from lib.services.import_seen import Seen
from lib.services.import_services import Services, in_batch
from lib.services.import_undo import areas_of, dependents, take_out

PORTION = 2_000
"""Rows that are read, compared and written at once; memory does not grow with the file."""

_SHELVES: dict[LedgerKind, type[Shelf]] = {
    LedgerKind.UNITS: Units,
    LedgerKind.PEOPLE: People,
    LedgerKind.TEAMS: Teams,
    LedgerKind.SERVICES: Services,
    LedgerKind.NEEDS: Needs,
}

Progress = Callable[[str, float], None]
"""Told the word key of the stage and the part of it that is done, 0 to 1."""


@dataclass(frozen=True)
class LedgerReport:
    """What an import did, or would do where `written` is false.

    `refused` counts rows with an error; `findings` are the first ones, by row.
    `earlier` is the standing import of the very same file, None when there is none.
    """

    kind: LedgerKind
    added: int
    unchanged: int
    refused: int
    findings: tuple[Finding, ...]
    written: bool
    batch_id: int | None = None
    earlier: int | None = None


class _NothingKept(Exception):  # noqa: N818 - it ends a transaction and never leaves this module
    """Roll back: it was refused, or there was nothing to add."""


@dataclass
class _Run:
    """One file on its way through a shelf, portion by portion."""

    shelf: Shelf
    around: Surroundings
    writing: bool
    skip_bad: bool
    added: int = 0
    unchanged: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)
    area_ids: set[int] = field(default_factory=set)
    _seen: Seen = field(default_factory=Seen)

    def take_all(self, rows: Iterable[LedgerRow], told: Callable[[], object]) -> "_Run":
        """Take every row, a portion at a time; `told` is called after each."""
        stream = iter(rows)
        while portion := list(islice(stream, PORTION)):
            self.take(portion)
            told()
        return self

    def take(self, rows: Sequence[LedgerRow]) -> None:
        """Judge a portion and, unless something stopped the file, write what is new."""
        self.shelf.prepare(rows)
        judged = self._first([entry for row in rows if (entry := self._judge(row)) is not None])
        standing = self._standing(judged)
        new = [entry for entry in judged if entry.digest not in standing]
        self.unchanged += len(judged) - len(new)
        self.added += len(new)
        self._tell(self.shelf.remarks(new) if new else [])
        if self.refused and not self.skip_bad:
            self.writing = False
        if self.writing and new:
            self._write(new)

    def _judge(self, row: LedgerRow) -> Entry | None:
        findings = list(row.findings)
        place = self.around.places.find(_text(row.values.get("area")))
        if isinstance(place, Unresolved):
            if not any(finding.column == "area" for finding in findings):
                findings.append(_about_area(row, place.code, **place.values))
        elif place.closed is not None and place.closed < self._day_of(row):
            findings.append(_about_area(row, "area_closed", day=place.closed.isoformat()))
        if not findings and isinstance(place, Place):
            judged = self.shelf.judge(row, place)
            if isinstance(judged, Entry):
                return judged
            findings = judged
        self.refused += 1
        self._tell(findings)
        return None

    def _first(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries that no earlier row of the file repeats."""
        earlier = dict(self._seen.rows_of([entry.digest for entry in entries]))
        new: dict[int, int] = {}
        first: list[Entry] = []
        for entry in entries:
            other = earlier.setdefault(entry.digest, entry.number)
            if other == entry.number:
                new[entry.digest] = entry.number
                first.append(entry)
            else:
                self.refused += 1
                self._tell([Finding(entry.number, None, "", "repeated", {"other": other})])
        self._seen.add(new)
        return first

    def _day_of(self, row: LedgerRow) -> date:
        """A service needs its area on its own day, everything else today."""
        day = row.values.get("day")
        return day if isinstance(day, date) else self.around.day

    def _standing(self, entries: Sequence[Entry]) -> set[int]:
        """Of these entries the ones that are there: by natural key, or imported before."""
        if not entries:
            return set()
        digests = [entry.digest for entry in entries]
        imported = select(ImportRow.digest).where(
            ImportRow.subject == self.shelf.model.__tablename__, ImportRow.digest.in_(digests)
        )
        there = {one for one in self.around.session.scalars(imported) if one is not None}
        return self.shelf.standing(entries) | there

    def _write(self, entries: Sequence[Entry]) -> None:
        session, model = self.around.session, self.shelf.model
        ids = numbers(session, model, len(entries))
        for table, rows in self.shelf.rows(entries, ids).items():
            if table in self.shelf.linked:
                bare = [row for row in rows if "id" not in row]
                for number, row in zip(numbers(session, table, len(bare)), bare, strict=True):
                    row["id"] = number
                self._link(table, [(row["id"], None) for row in rows])
            insert_rows(session, table, rows)
        self._link(model, [(n, entry.digest) for n, entry in zip(ids, entries, strict=True)])
        self.area_ids |= {entry.values["area_id"] for entry in entries}

    def _link(self, table: type[Row], links: Sequence[tuple[int, int | None]]) -> None:
        batch, subject = self.around.batch_id, table.__tablename__
        insert_rows(
            self.around.session,
            ImportRow,
            [
                {"batch_id": batch, "subject": subject, "row_id": number, "digest": key}
                for number, key in links
            ],
        )

    def _tell(self, findings: Iterable[Finding]) -> None:
        self.findings += islice(findings, max(FINDINGS_MAX - len(self.findings), 0))


def import_ledger(
    actor: Actor | None,
    *,
    kind: LedgerKind,
    file: LedgerFile,
    rows: Iterable[LedgerRow],
    part: Callable[[], float] = lambda: 0.0,
    area_id: int | None = None,
    account_id: int | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> LedgerReport:
    """Bring a ledger's rows in, all or none unless `skip_bad`; the same file again adds nothing.

    What is there already stays as it is, also where the file says more of it: units and teams
    match by name and area, people by name, area and unit, services by day, kind, area, place,
    participants and minutes, needs by words, kind, area and place; a row imported before matches
    what became of it. Services wait for confirmation by somebody else than the importer, needs
    for their answer. A dry run only looks.

    Args:
        actor: Who asks; None is the command line.
        kind: What the ledger lists.
        file: Its name and digest.
        rows: As read; they are taken once, a portion at a time.
        part: How much of the file was read, from 0 to 1.
        area_id: The area below which names are looked for; rows without an area belong to it.
        account_id: In whose name the command line records services and collects needs.
        dry_run: Write nothing.
        skip_bad: Write the rows without an error although others have one.
        progress: Told the stage and how far it is.

    Raises:
        NotPermitted: the actor may not import there.
        Refusal: ``ledger.choose_area`` for an actor with several areas and none chosen; a
            sentence about the database when it cannot be written.
    """
    area_id = _chosen(actor, area_id)
    recorder = account_id if actor is None else actor.account_id

    def run(session: Session, batch_id: int, *, writing: bool) -> _Run:
        around = Surroundings.of(session, actor, area_id, batch_id, recorder)
        passing = _Run(_SHELVES[kind](around), around, writing, skip_bad)
        return passing.take_all(rows, lambda: progress and progress("imports.stage", part()))

    if dry_run:
        with refusals_entered(actor), Reads() as session:
            _permit(session, actor, area_id)
            return _report(session, kind, file, run(session, 0, writing=False))
    report: LedgerReport | None = None
    with suppress(_NothingKept), transaction(actor) as tx:
        batch = _begun(tx, kind, file, area_id, recorder)
        passing = run(tx.session, batch.id, writing=True)
        report = _report(tx.session, kind, file, passing, batch)
        if not report.written:
            raise _NothingKept
        _record(tx, batch, passing)
    if report is None:
        raise RuntimeError("a transaction ended without its report")
    return report


def undo_import(actor: Actor | None, *, batch_id: int) -> int:
    """Take the rows of an import out again while nothing depends on them; how many they were.

    Raises:
        NotPermitted: the batch lies outside the actor's reach.
        Refusal: ``ledger.no_batch``, ``ledger.already_undone``, and ``ledger.depended_…``
            with what depends most; nothing is taken out then.
    """
    with transaction(actor) as tx:
        batch = tx.session.get(ImportBatch, batch_id, with_for_update=True)
        if batch is None:
            raise Refusal("ledger.no_batch", batch=batch_id)
        tx.permit(Permission.LEDGER_IMPORT, batch.area_id)
        if batch.state is BatchState.UNDONE:
            raise Refusal("ledger.already_undone", batch=batch_id)
        shelf = _SHELVES[batch.kind]
        depending = dependents(tx.session, batch_id, shelf.model)
        if depending:
            most = max(depending, key=lambda key: depending[key])
            raise Refusal(f"ledger.depended_{most}", batch=batch_id, n=depending[most])
        area_ids = frozenset(tx.session.scalars(areas_of(batch_id, shelf.model)))
        if shelf is Services:
            tx.sums.take_where(tx.session, in_batch(batch_id))
        n = take_out(tx.session, batch_id, shelf.model, shelf.linked)
        batch.state, batch.undone_at = BatchState.UNDONE, now()
        tx.record(
            "ledger.undo",
            batch,
            topic=shelf.topic,
            area_ids=area_ids,
            label=batch.file_name,
            changes={"rows": (n, 0)},
        )
        return n


def recorder_of(name: str | None) -> int:
    """The account in whose name the command line records: the one named, else an administrator.

    Raises:
        Refusal: ``ledger.account_unknown``, ``ledger.account_needed``.
    """
    with Reads() as session:
        if name is not None:
            found = session.scalar(
                select(Account.id).where(Account.name == name, Account.closed_on.is_(None))
            )
            if found is None:
                raise Refusal("ledger.account_unknown", account=name[:64])
            return found
        first = session.scalar(
            select(func.min(Account.id))
            .join(AccountGrant, AccountGrant.account_id == Account.id)
            .where(
                AccountGrant.role == Role.ADMINISTRATOR,
                Account.closed_on.is_(None),
                (AccountGrant.until.is_(None)) | (AccountGrant.until >= today()),
            )
        )
    if first is None:
        raise Refusal("ledger.account_needed")
    return first


def area_of(code: str | None) -> int | None:
    """The open area of a code; None is the whole tree.

    Raises:
        Refusal: ``ledger.unknown_area``.
    """
    if code is None:
        return None
    with Reads() as session:
        area = session.scalar(select(Area).where(Area.code == code))
        if area is None or (area.valid_until is not None and area.valid_until < today()):
            raise Refusal("ledger.unknown_area", area=code[:60])
        return area.id


def _chosen(actor: Actor | None, area_id: int | None) -> int | None:
    """The area to import into: the one chosen, else the only one the actor has."""
    if actor is None or area_id is not None:
        return area_id
    scope = actor.scope(Permission.LEDGER_IMPORT)
    if scope.whole_tree:
        return None
    if len(scope.area_ids) > 1:
        raise Refusal("ledger.choose_area")
    return next(iter(scope.area_ids), None)


def _permit(session: Session, actor: Actor | None, area_id: int | None) -> None:
    if actor is not None:
        permit(session, actor, Permission.LEDGER_IMPORT, area_id)


def _begun(
    tx: Transaction,
    kind: LedgerKind,
    file: LedgerFile,
    area_id: int | None,
    account_id: int | None,
) -> ImportBatch:
    """The row of a permitted import, the only one that runs."""
    tx.permit(Permission.LEDGER_IMPORT, area_id)
    # One import at a time: two of one file would both find nothing there.
    tx.session.get(Installation, 1, with_for_update=True)
    batch = ImportBatch(
        kind=kind,
        file_name=file.name,
        digest=file.digest,
        area_id=area_id,
        account_id=account_id,
        at=now(),
        added=0,
        unchanged=0,
        refused=0,
        state=BatchState.IMPORTED,
    )
    tx.session.add(batch)
    tx.session.flush()
    return batch


def _report(
    session: Session,
    kind: LedgerKind,
    file: LedgerFile,
    passing: _Run,
    batch: ImportBatch | None = None,
) -> LedgerReport:
    written = passing.writing and passing.added > 0
    earlier = select(func.max(ImportBatch.id)).where(
        ImportBatch.kind == kind,
        ImportBatch.digest == file.digest,
        ImportBatch.state == BatchState.IMPORTED,
        ImportBatch.id != (batch.id if batch is not None else 0),
    )
    return LedgerReport(
        kind,
        passing.added,
        passing.unchanged,
        passing.refused,
        tuple(sorted(passing.findings, key=lambda finding: finding.row)),
        written,
        batch.id if batch is not None and written else None,
        session.scalar(earlier),
    )


def _record(tx: Transaction, batch: ImportBatch, passing: _Run) -> None:
    """One audit entry and one move of each street's counter for the whole file."""
    batch.added, batch.unchanged = passing.added, passing.unchanged
    batch.refused = passing.refused
    if isinstance(passing.shelf, Services):
        tx.sums.put_where(in_batch(batch.id))
    tx.record(
        "ledger.import",
        batch,
        topic=passing.shelf.topic,
        area_ids=frozenset(passing.area_ids),
        label=batch.file_name,
        changes={
            "kind": (None, batch.kind),
            "added": (None, batch.added),
            "unchanged": (None, batch.unchanged),
            "refused": (None, batch.refused),
            "digest": (None, batch.digest),
        },
    )


def _about_area(row: LedgerRow, code: str, **values: object) -> Finding:
    return Finding(row.number, "area", (_text(row.values.get("area")) or "")[:60], code, values)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
