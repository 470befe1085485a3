"""Table files as people save them, .csv or .xlsx by content, read as a stream of plain rows.

What the columns mean is not known here; whatever stops the whole file is one refusal.
"""

import codecs
import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from lib.domain.errors import Refusal

UPLOAD_MAX_MB = 20
COLUMNS_MAX = 200
_BLOCK = 1 << 20
_UNPACKED_MAX = 512 << 20
_SHARED_MAX = 64 << 20
_SMALL = 10 << 20
_PARTS_MAX = 2_000
_RATIO_MAX = 100
"""A workbook unpacked to more than a hundred times its size, and not small, is no ledger."""

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
"""What a damaged workbook raises, according to where it is damaged; XML errors are SyntaxErrors."""

_DELIMITERS = ",;\t"
_SAMPLE_LINES = 12

Cell = object
Score = Callable[[Sequence[Cell]], int]


@dataclass(frozen=True)
class Table:
    """A table being read: `rows` gives row number and cells, `part` how much of it was read.

    `epoch_1904` says from which day serial numbers of days count.
    """

    rows: Iterator[tuple[int, Sequence[Cell]]]
    part: Callable[[], float]
    epoch_1904: bool = False


def digest_of(source: Path | BinaryIO) -> str:
    """The SHA-256 of the content, in hexadecimal; read in blocks."""
    summed = hashlib.sha256()
    with _opened(source) as stream:
        while block := stream.read(_BLOCK):
            summed.update(block)
    return summed.hexdigest()


@contextmanager
def open_table(
    source: Path | BinaryIO, *, name: str, score: Score, sheet: str | None = None
) -> Iterator[Table]:
    """Open a file by what is in it, whatever its ending says.

    Args:
        source: A path, or an open file that can seek.
        name: What to call the file in a refusal.
        score: How much a row looks like the header; it tells delimiters apart.
        sheet: Name of the worksheet; the first one when left out.

    Raises:
        Refusal: ``ledger.empty_file``, ``ledger.old_excel``, ``ledger.web_page``,
            ``ledger.not_a_workbook``, ``ledger.too_large_inside``, ``ledger.no_sheet``,
            ``ledger.mixed_encoding``; ``ledger.broken_csv`` while the rows are read.
    """
    with _opened(source) as stream:
        head = stream.read(4096)
        stream.seek(0)
        if not head.strip():
            raise Refusal("ledger.empty_file", file=name)
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise Refusal("ledger.old_excel", file=name)
        if head.startswith(b"PK"):
            with _workbook(stream, name) as book:
                yield _sheet_table(book, name, sheet)
        elif head.lstrip().lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
            raise Refusal("ledger.web_page", file=name)
        else:
            yield _text_table(stream, name, score)


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        source.seek(0)
        yield source


@contextmanager
def _workbook(stream: BinaryIO, name: str) -> Iterator[Workbook]:
    try:
        _refuse_bomb(stream, name)
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except _UNREADABLE as error:
        raise Refusal("ledger.not_a_workbook", file=name) from error
    try:
        yield book
    finally:
        book.close()


def _refuse_bomb(stream: BinaryIO, name: str) -> None:
    """Judge by the sizes that the archive declares; unpacking never goes beyond them."""
    with zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    shared = max(
        (p.file_size for p in parts if p.filename.lower().endswith("sharedstrings.xml")), default=0
    )
    bomb = unpacked > _SMALL and unpacked > packed * _RATIO_MAX
    crowd = len(parts) > _PARTS_MAX
    if bomb or crowd or unpacked > _UNPACKED_MAX or shared > _SHARED_MAX:
        raise Refusal("ledger.too_large_inside", file=name)


def _sheet_table(book: Workbook, name: str, wanted: str | None) -> Table:
    names = [one.title for one in book.worksheets]
    if not names:
        raise Refusal("ledger.not_a_workbook", file=name)
    if wanted is not None and wanted not in names:
        raise Refusal("ledger.no_sheet", sheet=wanted[:60], found=", ".join(names)[:300])
    sheet = book[wanted or names[0]]
    last = sheet.max_row or 0
    # What a file says of its own size is often wrong, and cells beyond it would be lost.
    sheet.reset_dimensions()
    done = 0

    def rows() -> Iterator[tuple[int, Sequence[Cell]]]:
        nonlocal done
        try:
            cells = sheet.iter_rows(values_only=True, max_col=COLUMNS_MAX)
            for number, row in enumerate(cells, start=1):
                done = number
                if any(cell is not None and cell != "" for cell in row):
                    yield number, row
        except _UNREADABLE as error:
            raise Refusal("ledger.not_a_workbook", file=name) from error

    return Table(
        rows(), lambda: min(done / last, 1) if last else 0.0, book.epoch == CALENDAR_MAC_1904
    )


def _text_table(stream: BinaryIO, name: str, score: Score) -> Table:
    encoding = _encoding(stream, name)
    size = max(stream.seek(0, io.SEEK_END), 1)
    stream.seek(0)
    text = io.TextIOWrapper(_Kept(stream), encoding=encoding, newline="")
    sample = text.read(65_536).splitlines(keepends=True)[:_SAMPLE_LINES]
    delimiter = max(_DELIMITERS, key=lambda sign: _best(sample, sign, score))
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter)

    def rows() -> Iterator[tuple[int, Sequence[Cell]]]:
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                if any(row):
                    yield number, row[:COLUMNS_MAX]
        except csv.Error as error:
            raise Refusal("ledger.broken_csv", file=name, line=number + 1) from error

    return Table(rows(), lambda: min(stream.tell() / size, 1))


class _Kept(io.BufferedReader):
    """A reader that leaves its stream open when it is closed: the stream is not its own."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(_Raw(stream), 1 << 16)


class _Raw(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def _best(sample: Sequence[str], delimiter: str, score: Score) -> int:
    """The best score of any row, and with equal scores the delimiter that splits most."""
    try:
        rows = list(csv.reader(sample, delimiter=delimiter))
    except csv.Error:
        return -1
    return max((score(row) * 1000 + min(len(row), 999) for row in rows), default=0)


def _encoding(stream: BinaryIO, name: str) -> str:
    """UTF-8 if all of it is, else GB18030; Excel's "Unicode text" says itself that it is UTF-16.

    Raises:
        Refusal: ``ledger.mixed_encoding`` when no encoding fits, with the line it fails at.
    """
    start = stream.read(3)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        line = _fails(stream, "utf-16")
        if line is None:
            return "utf-16"
        raise Refusal("ledger.mixed_encoding", file=name, line=line)
    line = _fails(stream, "utf-8")
    if line is None:
        return "utf-8-sig"
    if start == codecs.BOM_UTF8:
        raise Refusal("ledger.mixed_encoding", file=name, line=line)
    other = _fails(stream, "gb18030")
    if other is None:
        return "gb18030"
    raise Refusal("ledger.mixed_encoding", file=name, line=max(line, other))


def _fails(stream: BinaryIO, encoding: str) -> int | None:
    """The line at which the encoding does not fit any more, None when it fits throughout."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 1
    while True:
        block = stream.read(_BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return lines + error.object[: error.start].count(b"\n")
        if not block:
            return None
        lines += block.count(b"\n")
