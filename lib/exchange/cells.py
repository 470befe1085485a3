"""Cells of a ledger as values: days, times, numbers, choices and text, or what is wrong with them.

Whatever a spreadsheet makes of a value is taken back here; nothing is looked up in the database.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from lib.domain.calendar import today
from lib.domain.ledgers import Column, Finding, Holds
from lib.domain.local_settings import LocalSettings
from lib.domain.rules import MONEY_FEN_MAX, OLDEST_SERVICE_YEARS
from lib.domain.text import clean, line
from lib.domain.vocab import Language
from lib.i18n.glossary import word

_SHOWN = 60
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?(?:[ T]\d.*)?"
)
_TIME = re.compile(r"(\d{1,2})(?::|点|时)(\d{1,2})?分?(?::\d{1,2}(?:\.\d+)?)?")
_SERIALS = (20_000, 80_000)
"""Serial numbers of days from 1954 to 2119; other numbers are no days."""
_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_REMEMBERED = 4_000


class _Unfit(Exception):  # noqa: N818 - it never leaves this module
    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values


@dataclass
class CellReader:
    """Reads the cells of one column; what it read before it knows by heart.

    A choice is known by its usual words and by what the street of `settings` calls it.
    """

    column: Column
    epoch_1904: bool = False
    settings: LocalSettings = field(default_factory=LocalSettings)
    day: date = field(default_factory=today)
    _known: dict[object, object] = field(default_factory=dict)
    _words: Mapping[str, StrEnum] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.column.members is not None:
            self._words = {
                folded(text): member
                for member in self.column.members
                for text in (
                    member.value,
                    *(word(member, one) for one in Language),
                    *(self.settings.own_word(member, one) for one in Language),
                )
                if text
            }

    def read(self, row: int, cell: object) -> tuple[object, Finding | None]:
        """The cell's value, None when it is empty, and what is wrong with it."""
        if cell is None or cell == "":
            return None, self._missing(row)
        if type(cell) is str and cell in self._known:
            return self._known[cell], None
        try:
            value = self._value(cell)
        except _Unfit as unfit:
            shown = shortened(plain_text(cell))
            return None, Finding(row, self.column.words, shown, unfit.code, unfit.values)
        if value is None or value == "":
            return None, self._missing(row)
        if len(self._known) < _REMEMBERED and type(cell) is str and len(cell) <= _SHOWN:
            self._known[cell] = value
        return value, None

    def _missing(self, row: int) -> Finding | None:
        return Finding(row, self.column.words, "", "missing") if self.column.required else None

    def _value(self, cell: object) -> object:
        match self.column.holds:
            case Holds.CHOICE:
                return self._choice(cell)
            case Holds.DAY:
                return self._day(cell)
            case Holds.AHEAD:
                return self._ahead(cell)
            case Holds.TIME:
                return _time(cell)
            case Holds.WHOLE:
                return self._whole(cell)
            case Holds.MONEY:
                return _fen(cell)
            case Holds.DEGREES:
                return self._degrees(cell)
            case Holds.NOTE:
                return self._text(clean(plain_text(cell)))
        return self._text(line(plain_text(cell)))

    def _text(self, text: str) -> str:
        if len(text) > self.column.limit:
            raise _Unfit("too_long", n=len(text), limit=self.column.limit)
        return text

    def _choice(self, cell: object) -> StrEnum | None:
        wanted = folded(plain_text(cell))
        if wanted and wanted not in self._words:
            raise _Unfit("not_a_choice", options=self.column.members)
        return self._words.get(wanted)

    def _day(self, cell: object) -> date | None:
        found = _date(cell, _EPOCHS[self.epoch_1904])
        if found is None:
            return None
        if found > self.day:
            raise _Unfit("future_day", today=self.day.isoformat())
        oldest = OLDEST_SERVICE_YEARS if self.column.key == "day" else 100
        if found.year < self.day.year - oldest:
            raise _Unfit("too_old", years=oldest)
        return found

    def _ahead(self, cell: object) -> date | None:
        found = _date(cell, _EPOCHS[self.epoch_1904])
        if found is not None and found < self.day:
            raise _Unfit("past_day", today=self.day.isoformat())
        return found

    def _whole(self, cell: object) -> int | None:
        number = _decimal(cell)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise _Unfit("not_whole")
        return int(self._within(number))

    def _degrees(self, cell: object) -> float | None:
        number = _decimal(cell)
        return None if number is None else float(self._within(number))

    def _within(self, number: Decimal) -> Decimal:
        if not self.column.least <= number <= self.column.limit:
            raise _Unfit("out_of_range", least=self.column.least, limit=f"{self.column.limit:,}")
        return number


def plain_text(cell: object) -> str:
    """What a cell says as text: whole numbers without a point, days without midnight."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell)


def folded(text: str) -> str:
    """Text for comparing: full-width signs, case, white space and brackets do not matter."""
    return re.sub(r"[\s()*:]+", "", unicodedata.normalize("NFKC", line(text))).lower()


def shortened(text: str) -> str:
    """As much of a value as a report shows."""
    text = line(text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _narrow(cell: object) -> str:
    return unicodedata.normalize("NFKC", line(plain_text(cell)[:200]))


def _date(cell: object, epoch: date) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _narrow(cell)
    if not text:
        return None
    match = _DAY.fullmatch(text) or re.fullmatch(r"(\d{4})()()()(\d{2})(\d{2})", text)
    try:
        if match is not None:
            year, *months, day = match.groups()
            return date(int(year), int(next(m for m in months if m)), int(day))
        serial = float(text)
    except ValueError as error:
        raise _Unfit("not_a_day") from error
    if not _SERIALS[0] <= serial <= _SERIALS[1]:
        raise _Unfit("not_a_day")
    return epoch + timedelta(days=int(serial))


def _time(cell: object) -> time | None:
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    text = _narrow(cell)
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is not None and int(match[1]) < 24 and int(match[2] or 0) < 60:
        return time(int(match[1]), int(match[2] or 0))
    try:
        part = float(text)
    except ValueError as error:
        raise _Unfit("not_a_time") from error
    if not 0 <= part < 1:
        raise _Unfit("not_a_time")
    minutes = min(round(part * 1440), 1439)
    return time(minutes // 60, minutes % 60)


def _decimal(cell: object) -> Decimal | None:
    if isinstance(cell, (bool, date, time, timedelta)):
        raise _Unfit("not_a_number")
    text = _narrow(cell).replace("，", ",")
    if not text:
        return None
    if isinstance(cell, str) and not _NUMBER.fullmatch(text):
        raise _Unfit("not_a_number")
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise _Unfit("not_a_number") from error
    if not number.is_finite():
        raise _Unfit("not_a_number")
    return number


def _fen(cell: object) -> int | None:
    number = _decimal(cell)
    if number is None:
        return None
    if not 0 <= number <= MONEY_FEN_MAX // 100:
        raise _Unfit("out_of_range", least=0, limit=f"{MONEY_FEN_MAX // 100:,}")
    return round(number * 100)
