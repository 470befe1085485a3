"""Templates of our ledgers: a file with the header, one example row, lists, and an explanation.

Generated from the columns' definitions, so that a template is always what an import reads.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from lib.domain.ledgers import LEDGERS, Column, Holds, LedgerKind
from lib.domain.vocab import Language
from lib.i18n.glossary import say, word

_ROWS = 2000
_DAYS = frozenset({Holds.DAY, Holds.AHEAD})
_HEAD = PatternFill("solid", fgColor="F2F0EA")
_EXAMPLE = Font(italic=True, color="767676")
_NUMBERS = {"lon": 112.41, "lat": 31.03, "minutes": 60, "people_served": 12, "goods": 5}


def template_xlsx(kind: LedgerKind, language: Language) -> bytes:
    """A workbook: the ledger to fill in, a sheet on each column, and a hidden one with lists."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = say(f"ledgerkind.{kind}", language)
    columns = LEDGERS[kind]
    sheet.append([_head(column, language) for column in columns])
    sheet.append([_example(column, language) for column in columns])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    for cell in sheet[2]:
        cell.font = _EXAMPLE
    sheet.freeze_panes = "A2"
    lists = book.create_sheet(say("imports.sheet_lists", language))
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12, 2 * len(_head(column, language)) + 4)
        if column.holds in _DAYS:
            for row in sheet[f"{letter}2:{letter}{_ROWS}"]:
                row[0].number_format = "yyyy-mm-dd"
        elif column.members is not None:
            _offer(sheet, lists, place, [word(one, language) for one in column.members])
    lists.sheet_state = "hidden"
    _explain(book.create_sheet(say("imports.sheet_help", language), 1), columns, language)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def template_csv(kind: LedgerKind, language: Language) -> bytes:
    """Header and example row as .csv, in UTF-8 with the mark that Excel looks for."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([_head(column, language) for column in LEDGERS[kind]])
    out.writerow([_example(column, language) for column in LEDGERS[kind]])
    return text.getvalue().encode("utf-8-sig")


def _head(column: Column, language: Language) -> str:
    return say(f"ledgerhead.{column.words}", language)


def _example(column: Column, language: Language) -> object:
    if column.members is not None:
        return word(next(iter(column.members)), language)
    if column.holds is Holds.DAY:
        return date(2026, 3, 1)
    if column.holds is Holds.AHEAD:
        return ""
    if column.holds is Holds.TIME:
        return "9:30"
    if column.holds is Holds.MONEY:
        return 200
    return _NUMBERS.get(column.key) or say(f"ledgerexample.{column.words}", language)


def _offer(sheet: Worksheet, lists: Worksheet, place: int, words: Sequence[str]) -> None:
    """Let the column's cells be chosen from a list; it stands in cells, as lists may be long."""
    letter = get_column_letter(place)
    for row, text in enumerate(words, start=1):
        lists.cell(row, place, text)
    offered = DataValidation(
        type="list",
        formula1=f"'{lists.title}'!${letter}$1:${letter}${len(words)}",
        allow_blank=True,
    )
    offered.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(offered)


def _explain(sheet: Worksheet, columns: Sequence[Column], language: Language) -> None:
    heads = ("column", "required", "meaning", "choices")
    sheet.append([say(f"imports.help_{head}", language) for head in heads])
    for column in columns:
        members: Sequence[StrEnum] = list(column.members or ())
        sheet.append(
            [
                _head(column, language),
                say("imports.yes", language) if column.required else "",
                say(f"ledgerhelp.{column.words}", language),
                "\n".join(word(one, language) for one in members),
            ]
        )
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    for letter, width in zip("ABCD", (24, 10, 70, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
