"""Files that are taken away: tables and import reports as files that no spreadsheet executes."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from lib.domain.ledgers import Finding
from lib.domain.vocab import Language
from lib.i18n.glossary import say, word

REPORT_COLUMNS = ("row", "column", "value", "reason", "advice")
"""Row number in the file, column, what stood there, what is wrong with it, what to do."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def in_words(finding: Finding, language: Language) -> tuple[int, str, str, str, str]:
    """A finding as REPORT_COLUMNS."""
    values = _said(finding.values, language)
    return (
        finding.row,
        say(f"ledgerhead.{finding.column}", language) if finding.column else "",
        finding.value,
        say(f"ledgerproblem.{finding.code}", language, **values),
        say(f"ledgeradvice.{finding.code}", language, **values),
    )


def report_csv(findings: Iterable[Finding], language: Language) -> bytes:
    """The findings as .csv with a header, in UTF-8 with the mark that Excel looks for."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([say(f"imports.report_{name}", language) for name in REPORT_COLUMNS])
    for finding in findings:
        out.writerow([harmless(str(cell)) for cell in in_words(finding, language)])
    return text.getvalue().encode("utf-8-sig")


def table_csv(table: pd.DataFrame) -> bytes:
    """A table as .csv with a header, its texts harmless, in UTF-8 with the mark for Excel."""
    safe = table.map(lambda cell: harmless(cell) if isinstance(cell, str) else cell)
    text: str = safe.to_csv(index=False)
    return text.encode("utf-8-sig")


def table_xlsx(title: str, table: pd.DataFrame) -> bytes:
    """A table as a workbook of one sheet with a header that stays, its texts harmless.

    The sheet is named by the first characters of the title that Excel takes.
    """
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = re.sub(r"[\\/*?:\[\]]", " ", title)[:31]
    sheet.append([harmless(str(head)) for head in table.columns])
    for row in table.itertuples(index=False):
        sheet.append([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def harmless(text: str) -> str:
    """Text that a spreadsheet shows and does not compute: a formula gets a quote before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _said(values: Mapping[str, object], language: Language) -> dict[str, object]:
    """Values of a finding with vocabularies as their words."""
    said = dict(values)
    options = said.get("options")
    if isinstance(options, type) and issubclass(options, StrEnum):
        separator = say("list.separator", language)
        said["options"] = separator.join(word(one, language) for one in options)
    return said
