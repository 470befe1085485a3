"""Table files for tests, made in memory."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from lib.domain.ledgers import LedgerKind, LedgerRow
from lib.domain.vocab import Language
from lib.exchange.ledgers import open_ledger

UNITS = ("单位名称", "类别", "所属组织网", "区域")
SERVICES = ("日期", "类别", "区域", "参与者", "每人时长（分钟）", "服务人次")


def text(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Rows as .csv, quoted where needed."""
    import csv

    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def book(
    rows: Iterable[Sequence[object]], *, sheet: str = "台账", before: str = "", epoch_1904=False
) -> bytes:
    """Rows as a workbook, with an empty sheet before them if named."""
    made = Workbook()
    if epoch_1904:
        made.epoch = CALENDAR_MAC_1904
    page = made.active
    if before:
        page.title = before
        page = made.create_sheet()
    page.title = sheet
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bomb(size: int) -> bytes:
    """A workbook whose sheet unpacks to `size` bytes of nothing."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book([UNITS]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            target.writestr(part.filename, source.read(part.filename))
        target.writestr("xl/worksheets/sheet2.xml", b" " * size)
    return out.getvalue()


@contextmanager
def opened(content: bytes | str, kind: str = "units", **options):
    """The content as a ledger."""
    data = content.encode() if isinstance(content, str) else content
    options = {"name": "x.csv", "language": Language.ZH, **options}
    with open_ledger(io.BytesIO(data), kind=LedgerKind(kind), **options) as ledger:
        yield ledger


def read(content: bytes | str, kind: str = "units", **options) -> list[LedgerRow]:
    """Every row of the content."""
    with opened(content, kind, **options) as ledger:
        return list(ledger.rows)


def moment(*parts: int) -> datetime:
    """A naive moment, as a spreadsheet holds one."""
    return datetime(*parts)  # noqa: DTZ001
