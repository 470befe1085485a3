"""Reads lists of communities and grids: pasted lines, or the first two columns of a file.

A line is ``community``, or ``community, grid``; an empty first cell repeats the community above.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import BinaryIO

from lib.domain.errors import Problem, Refusal
from lib.domain.place_list import LINES_MAX, LineProblem, Place, PlaceList
from lib.domain.text import line, too_long
from lib.domain.vocab import Language, Level
from lib.exchange.cells import folded, plain_text
from lib.exchange.tables import open_table
from lib.i18n.glossary import say, word

NAME_MAX = 200
_BETWEEN = re.compile("[,;|\uff0c\uff1b\u3001\uff5c]|\u3000+| {2,}")
"""What stands between two names where no tab does; full-width signs are the usual ones."""

_COLUMNS = 2


def read_text(text: str) -> PlaceList:
    """The places of pasted lines.

    Raises:
        Refusal: ``placelist.too_long`` for more than LINES_MAX lines.
    """
    return _read((number, _cells(one)) for number, one in enumerate(text.splitlines(), start=1))


def read_file(stream: BinaryIO, name: str) -> PlaceList:
    """The places of a .xlsx or .csv file.

    Raises:
        Refusal: ``placelist.too_long``, and what `lib.exchange.tables.open_table` says.
    """
    with open_table(stream, name=name, score=_score) as table:
        return _read((number, [plain_text(cell) for cell in cells]) for number, cells in table.rows)


def _score(cells: Sequence[object]) -> int:
    return sum(_is_header_word(plain_text(cell)) for cell in cells) * 2 + (len(cells) == _COLUMNS)


def _cells(text: str) -> list[str]:
    if "\t" in text:
        return text.split("\t")
    cells = _BETWEEN.split(text)
    # Names of places in Chinese hold no space, so that one sets two of them apart.
    spaced = text.split()
    if len(cells) == 1 and len(spaced) == _COLUMNS and not text.isascii():
        return spaced
    return cells


def _read(rows: Iterable[tuple[int, Sequence[str]]]) -> PlaceList:
    places: dict[tuple[str, str], Place] = {}
    problems: list[LineProblem] = []
    above, repeated, begun = "", 0, False
    for number, raw in rows:
        if number > LINES_MAX:
            raise Refusal("placelist.too_long", limit=LINES_MAX)
        cells = [line(cell) for cell in raw]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        header = not begun and all(_is_header_word(cell) for cell in cells if cell)
        begun = True
        if header:
            continue
        found = _problems(cells, above)
        if found:
            problems += [LineProblem(number, problem) for problem in found]
            continue
        above = cells[0] or above
        place = Place(number, above, cells[1] if len(cells) == _COLUMNS else "")
        repeated += (place.community, place.grid) in places
        places.setdefault((place.community, place.grid), place)
    return PlaceList(tuple(places.values()), tuple(problems), repeated)


def _problems(cells: Sequence[str], above: str) -> list[Problem]:
    if len(cells) > _COLUMNS:
        return [Problem("grid_name", "problem.two_names", {"n": len(cells)})]
    if not cells[0] and not above:
        return [Problem("community_name", "problem.no_community")]
    grid = cells[1] if len(cells) == _COLUMNS else ""
    return [
        *too_long("community_name", cells[0], NAME_MAX),
        *too_long("grid_name", grid, NAME_MAX),
    ]


def _is_header_word(cell: str) -> bool:
    return folded(cell) in _header_words()


@lru_cache(maxsize=1)
def _header_words() -> frozenset[str]:
    words = [
        say(f"field.{name}", language)
        for name in ("community_name", "grid_name")
        for language in Language
    ]
    words += [
        word(level, language) for level in (Level.COMMUNITY, Level.GRID) for language in Language
    ]
    return frozenset(folded(one) for one in words)
