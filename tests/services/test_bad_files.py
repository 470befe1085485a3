"""Files as they should not be, as each ledger: told in both languages, and nothing written."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from lib.domain.errors import Refusal
from lib.domain.ledgers import LEDGERS, Column, Holds, LedgerKind
from lib.domain.vocab import Language
from lib.exchange.reports import in_words
from lib.i18n.glossary import say, sentence
from lib.services.imports import LedgerReport
from tests.exchange.files import book, text
from tests.factories import SmallStreet
from tests.services.test_bad_input import KEPT, REFUSED, rows
from tests.services.test_imports import bring

GOOD: Mapping[LedgerKind, Mapping[str, object]] = {
    LedgerKind.UNITS: {"name_zh": "新单位", "kind": "学校", "net": "行政党组", "area": "第1网格"},
    LedgerKind.PEOPLE: {"name": "赵一", "area": "第1网格", "consented_on": "2026-03-01"},
    LedgerKind.TEAMS: {"name_zh": "新队", "kind": "健康义诊", "area": "石桥社区"},
    LedgerKind.SERVICES: {
        "day": "2026-03-01",
        "kind": "走访慰问",
        "area": "第1网格",
        "participants": "林小满",
        "minutes": 60,
        "people_served": 3,
    },
    LedgerKind.NEEDS: {"words": "想要一个书包", "kind": "走访慰问", "area": "第1网格"},
}
NUMBERS = ("-1", "1e400", "nan", "∞", "10" * 20, "一百", "１２３４５６７８９", "=1+1", "0x10")
ODD: Mapping[Holds, Sequence[object]] = {
    Holds.LINE: (*REFUSED["name"][:5], *(t for t in KEPT["name"] if "\ud800" not in t)),
    Holds.NOTE: ("长" * 30_000, "\x00", "=cmd|' /C calc'!A0"),
    Holds.CHOICE: ("没有这种", "<b>", "=1", "\x00", "0"),
    Holds.DAY: ("2999-01-01", "1066-10-14", "2026-02-30", "昨天", "45000.5x", "0", "-3", "9" * 30),
    Holds.AHEAD: ("2020-01-01", "1066-10-14", "2026-02-30", "明天", "0", "-3", "9" * 30),
    Holds.TIME: ("25:00", "下午", "9:99", "-1", "9" * 30),
    Holds.WHOLE: (*NUMBERS, "1.5", "60分钟"),
    Holds.MONEY: NUMBERS,
    Holds.DEGREES: (*NUMBERS, "181", "东经121度"),
}


def heads(kind: LedgerKind, language: Language = Language.ZH) -> list[Column]:
    return [column for column in LEDGERS[kind] if column.holds is not Holds.MARK]


def word_of(column: Column, language: Language = Language.ZH) -> str:
    return say(f"ledgerhead.{column.words}", language)


def table(kind: LedgerKind, *changes: Mapping[str, object]) -> list[list[object]]:
    """The header, and the good row with each of the changes made to it."""
    columns = heads(kind)
    made: list[list[object]] = [[word_of(column) for column in columns]]
    made += [
        [{**GOOD[kind], **change}.get(column.key, "") for column in columns] for change in changes
    ]
    return made


def told(report: LedgerReport) -> None:
    """Every finding is said in both languages, its sentence and what to do."""
    for finding in report.findings:
        zh, en = (in_words(finding, language) for language in Language)
        assert all(zh[-2:]) and all(en[-2:])
        assert zh[-2:] != en[-2:]


@pytest.mark.parametrize("kind", list(LedgerKind))
def test_cells__whatever_stands_in_any_of_them__each_row_is_told_and_nothing_written(
    street: SmallStreet, kind: LedgerKind
) -> None:
    changes = [{column.key: value} for column in heads(kind) for value in ODD.get(column.holds, ())]
    changes += [{column.key: ""} for column in heads(kind) if column.required]
    before = rows()
    report = bring(street.actors["street_committee"], kind, text(table(kind, *changes)))
    told(report)
    assert not report.written
    assert rows() == before
    assert report.added + report.unchanged + report.refused == len(changes)
    # Of each column at least one of the values can never do.
    columns = {finding.column for finding in report.findings}
    assert columns >= {column.words for column in heads(kind) if column.required}


def _merged(kind: LedgerKind) -> bytes:
    made = Workbook()
    page = made.active
    page.append(["街道台账"])
    for row in table(kind, {}, {"area": ""}):
        page.append(row)
    columns = [column.key for column in heads(kind)]
    letter = chr(ord("A") + columns.index("area"))
    page.merge_cells(f"{letter}3:{letter}4")
    page.merge_cells("A1:D1")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _hidden(kind: LedgerKind) -> bytes:
    made = Workbook()
    page = made.active
    for row in table(kind, {}, {"area": "没有这里"}):
        page.append(row)
    page.row_dimensions[3].hidden = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _renamed(kind: LedgerKind) -> str:
    made = table(kind, {})
    place = next(k for k, column in enumerate(heads(kind)) if column.required)
    made[0][place] = "完全不同的列名"
    return text(made)


def _without(kind: LedgerKind) -> str:
    place = next(k for k, column in enumerate(heads(kind)) if column.required)
    return text([[cell for k, cell in enumerate(row) if k != place] for row in table(kind, {})])


def _formulas(kind: LedgerKind) -> bytes:
    """Formulas that no spreadsheet has worked out have no value."""
    return book(table(kind, dict.fromkeys(GOOD[kind], "=1+1")))


REFUSED_FILES: Mapping[str, Callable[[LedgerKind], str | bytes]] = {
    "merged area": _merged,
    "hidden row with a fault": _hidden,
    "a column renamed": _renamed,
    "a column missing": _without,
    "formulas without values": _formulas,
    "only the header": lambda kind: text(table(kind)),
    "empty": lambda _: b"",
    "blank": lambda _: " \r\n" * 50,
    "old workbook": lambda _: b"\xd0\xcf\x11\xe0" + bytes(2000),
    "text named as a workbook": lambda _: "这不是表格，只是一段说明。",
    "picture": lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "zeros": lambda _: bytes(100_000),
    "web page": lambda _: "<html><table><tr><td>1</td></tr></table></html>",
    "archive": lambda _: b"PK\x03\x04" + bytes(500),
    "two encodings": lambda kind: text(table(kind, {})).encode() + "林".encode("gb18030") * 3,
    "another ledger": lambda kind: text(
        table(LedgerKind.PEOPLE if kind is not LedgerKind.PEOPLE else LedgerKind.UNITS, {})
    ),
}


@pytest.mark.parametrize("kind", list(LedgerKind))
def test_files__that_are_no_ledger_or_have_a_fault__told_and_nothing_written(
    street: SmallStreet, kind: LedgerKind
) -> None:
    who, before = street.actors["street_committee"], rows()
    for name, made in REFUSED_FILES.items():
        try:
            report = bring(who, kind, made(kind))
        except Refusal as refusal:
            zh, en = (sentence(refusal, language) for language in Language)
            assert zh and en and zh != en, name
        else:
            assert report.refused, name
            assert not report.written, name
            told(report)
        assert rows() == before, name


@dataclass(frozen=True)
class Spelling:
    """One way to save the same row."""

    name: str
    content: Callable[[LedgerKind], bytes]


def _typed(cell: object) -> object:
    """A day as a workbook keeps it."""
    if not isinstance(cell, str) or not cell.startswith("2026-"):
        return cell
    day = date.fromisoformat(cell)
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _serial(cell: object) -> object:
    """A day as a bare number, as a cell without a date format shows it."""
    if not isinstance(cell, str) or not cell.startswith("2026-"):
        return cell
    return (date.fromisoformat(cell) - date(1899, 12, 30)).days


SPELLINGS = (
    Spelling("utf-8", lambda kind: text(table(kind, {})).encode()),
    Spelling("utf-8 with a mark", lambda kind: text(table(kind, {})).encode("utf-8-sig")),
    Spelling("utf-16", lambda kind: text(table(kind, {}), delimiter="\t").encode("utf-16")),
    Spelling("gb18030", lambda kind: text(table(kind, {})).encode("gb18030")),
    Spelling("reordered", lambda kind: text(row[::-1] for row in table(kind, {})).encode()),
    Spelling(
        "a column more",
        lambda kind: text(["其他列", *row] for row in table(kind, {})).encode(),
    ),
    Spelling("workbook", lambda kind: book(table(kind, {}))),
    Spelling("typed days", lambda kind: book([[_typed(c) for c in r] for r in table(kind, {})])),
    Spelling("serials", lambda kind: book([[_serial(c) for c in r] for r in table(kind, {})])),
)


@pytest.mark.parametrize("kind", list(LedgerKind))
def test_files__one_row_saved_in_many_ways__is_there_once(
    street: SmallStreet, kind: LedgerKind
) -> None:
    who = street.actors["street_committee"]
    added = [bring(who, kind, spelling.content(kind)).added for spelling in SPELLINGS]
    assert added == [1] + [0] * (len(SPELLINGS) - 1)
