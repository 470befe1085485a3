"""The served typeface for documents that carry their own letters, as files that hold one weight.

What browsers fetch in parts (``static/fonts``) is set at one weight part by part, as it is needed;
nothing of the system is asked. Drawing with it is `lib.visuals.certificate`.
"""

import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

WEIGHT = 400

_FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
_FACE = re.compile(r"src:url\((?P<file>[\w.-]+)\).*?unicode-range:(?P<ranges>[^}]+)")


def fonts_of(text: str) -> list[Path]:
    """TrueType files that hold the characters of `text` between them.

    A character that the typeface does not have is in none of them.
    """
    wanted = {ord(sign) for sign in text}
    found = []
    for file, points in _parts():
        if wanted & points:
            found.append(_at_one_weight(file))
            wanted -= points
    return found


@cache
def _parts() -> tuple[tuple[str, frozenset[int]], ...]:
    """Each part of the typeface with the code points that its style sheet names it for."""
    sheet = (_FONTS / "sans.css").read_text(encoding="utf-8")
    return tuple(
        (face["file"], frozenset(_points(face["ranges"]))) for face in _FACE.finditer(sheet)
    )


def _points(ranges: str) -> Iterable[int]:
    for one in ranges.split(","):
        first, _, last = one.strip().removeprefix("U+").partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Where the parts lie that this process has used; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="letters-")


@cache
def _at_one_weight(file: str) -> Path:
    font = instantiateVariableFont(TTFont(_FONTS / file), {"wght": WEIGHT}, inplace=True)
    font.flavor = None
    # Two threads may make the same part at once: whoever is second replaces it as a whole.
    with tempfile.NamedTemporaryFile(dir=_folder().name, delete=False) as out:
        font.save(out)
    made = Path(_folder().name) / f"{Path(file).stem}.ttf"
    return Path(out.name).replace(made)
