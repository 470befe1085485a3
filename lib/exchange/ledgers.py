"""Our ledgers out of table files: the header is found, columns are named, rows become values.

What becomes of the rows is decided by `lib.services.imports`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from lib.domain.errors import Refusal
from lib.domain.ledgers import (
    AREA,
    LEDGERS,
    Column,
    Finding,
    Holds,
    LedgerFile,
    LedgerKind,
    LedgerRow,
)
from lib.domain.local_settings import LocalSettings
from lib.domain.vocab import Language
from lib.exchange.cells import CellReader, folded, plain_text, shortened
from lib.exchange.tables import Table, digest_of, open_table
from lib.i18n.glossary import catalogue, say

_HEADER_WITHIN = 10
"""Titles above the header: it must come within so many rows that hold anything."""

_EXAMPLES = frozenset(folded(say("ledgerexample.mark", language)) for language in Language)


@dataclass(frozen=True)
class Ledger:
    """A ledger being read: `rows` stream once, `ignored` are headers nobody knows.

    `part` tells how much of the file was read, from 0 to 1.
    """

    kind: LedgerKind
    file: LedgerFile
    rows: Iterator[LedgerRow]
    ignored: tuple[str, ...]
    part: Callable[[], float]


@contextmanager
def open_ledger(
    source: Path | BinaryIO,
    *,
    kind: LedgerKind,
    name: str,
    language: Language,
    area_given: bool = False,
    sheet: str | None = None,
    settings: LocalSettings | None = None,
) -> Iterator[Ledger]:
    """Open a .csv or .xlsx file as a ledger; header words of both languages, in any order.

    Args:
        source: A path, or an open file that can seek.
        kind: What it lists.
        name: The file's name, kept with the import.
        language: For the words of refusals.
        area_given: Rows without an area belong to one that was chosen, so the column may lack.
        sheet: Worksheet of a workbook; the first when left out.
        settings: The street's own words for kinds, understood beside the usual ones.

    Raises:
        Refusal: what `lib.exchange.tables.open_table` says of the file, ``ledger.no_header``,
            ``ledger.no_rows``, ``ledger.column_missing``, ``ledger.column_absent``,
            ``ledger.column_twice``.
    """
    words = _header_words(kind)
    file = LedgerFile(name[:200], digest_of(source))

    def score(row: Sequence[object]) -> int:
        return len({words[h].key for cell in row if (h := folded(_head(cell))) in words})

    with open_table(source, name=name, score=score, sheet=sheet) as table:
        header, rows = _header(table, score, kind, name, language)
        places = _places(kind, header, words, language)
        _require(kind, places, header, language, area_given=area_given)
        known = set(places.values())
        ignored = tuple(
            shortened(plain_text(cell))
            for place, cell in enumerate(header)
            if place not in known and _head(cell)
        )
        first = next(rows, None)
        if first is None:
            raise Refusal("ledger.no_rows", file=name)
        own = settings or LocalSettings()
        reading = _read(kind, places, chain([first], rows), table, own, area_given=area_given)
        yield Ledger(kind, file, reading, ignored, table.part)


def _head(cell: object) -> str:
    return plain_text(cell)[:100].strip()


def _header_words(kind: LedgerKind) -> Mapping[str, Column]:
    """Which column each header word means: our words, then those that people use."""
    columns = LEDGERS[kind]
    ours = {text: column for column in columns for text in _own_words(column)}
    others = {
        folded(text): column
        for column in columns
        for one in Language
        if (key := f"ledgeralso.{column.words}") in catalogue()
        for text in say(key, one).split("|")
    }
    return others | ours


def _header(
    table: Table,
    score: Callable[[Sequence[object]], int],
    kind: LedgerKind,
    name: str,
    language: Language,
) -> tuple[Sequence[object], Iterator[tuple[int, Sequence[object]]]]:
    """The row that looks most like a header among the first ones, and the rows after it."""
    first = list(islice(table.rows, _HEADER_WITHIN))
    scores = [score(cells) for _, cells in first]
    if not any(scores):
        needed = [c for c in LEDGERS[kind] if c.required]
        columns = ", ".join(say(f"ledgerhead.{c.words}", language) for c in needed)
        raise Refusal("ledger.no_header", file=name, columns=columns)
    at = scores.index(max(scores))
    return first[at][1], chain(first[at + 1 :], table.rows)


def _places(
    kind: LedgerKind, header: Sequence[object], words: Mapping[str, Column], language: Language
) -> Mapping[str, int]:
    """Where each column stands; our own word for it goes before others that people use."""
    heads = [folded(_head(cell)) for cell in header]
    places: dict[str, int] = {}
    for column in LEDGERS[kind]:
        found = [place for place, head in enumerate(heads) if words.get(head) is column]
        ours = [place for place in found if heads[place] in _own_words(column)] or found
        if len(ours) > 1:
            raise Refusal("ledger.column_twice", column=say(f"ledgerhead.{column.words}", language))
        if ours:
            places[column.key] = ours[0]
    return places


def _own_words(column: Column) -> set[str]:
    return {
        folded(text)
        for text in (column.key, *(say(f"ledgerhead.{column.words}", one) for one in Language))
    }


def _require(
    kind: LedgerKind,
    places: Mapping[str, int],
    header: Sequence[object],
    language: Language,
    *,
    area_given: bool,
) -> None:
    for column in LEDGERS[kind]:
        if not column.required or column.key in places or (area_given and column is AREA):
            continue
        wanted = say(f"ledgerhead.{column.words}", language)
        taken = set(places.values())
        others = [_head(cell) for place, cell in enumerate(header) if place not in taken]
        others = [shortened(text) for text in others if text]
        near = get_close_matches(wanted, others, n=1, cutoff=0.4)
        if near:
            raise Refusal("ledger.column_missing", column=wanted, near=near[0])
        found = ", ".join(shortened(_head(cell)) for cell in header if _head(cell))
        raise Refusal("ledger.column_absent", column=wanted, found=shortened(found))


def _read(
    kind: LedgerKind,
    places: Mapping[str, int],
    rows: Iterator[tuple[int, Sequence[object]]],
    table: Table,
    settings: LocalSettings,
    *,
    area_given: bool,
) -> Iterator[LedgerRow]:
    """Every row but the examples, as values."""
    readers = [
        (column.key, places[column.key], CellReader(column, table.epoch_1904, settings).read)
        for column in LEDGERS[kind]
        if column.key in places and column.holds is not Holds.MARK
    ]
    mark = places.get("mark")
    for number, cells in rows:
        size = len(cells)
        if mark is not None and mark < size and folded(plain_text(cells[mark])) in _EXAMPLES:
            continue
        values: dict[str, object] = {}
        findings: list[Finding] = []
        for key, place, read in readers:
            value, finding = read(number, cells[place] if place < size else None)
            values[key] = value
            if finding is not None and not (area_given and key == AREA.key and not finding.value):
                findings.append(finding)
        yield LedgerRow(number, values, tuple(findings))
