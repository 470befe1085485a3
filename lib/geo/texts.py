"""The words and numbers beside a shape: names, area codes and source ids, read with care.

Each reader takes one raw JSON value and gives a clean text and what is wrong with it.
"""

import re
import unicodedata

from lib.domain.text import NAME_MAX, line
from lib.domain.vocab import Level
from lib.geo.findings import Finding, shorten

ID_LENGTH = 64
CODE_LENGTH = 40

# Digits per level: county 6, street +3, residents' committee +3 (the statistical area code of the
# National Bureau of Statistics); a grid's three further digits are local custom.
CODE_DIGITS: dict[str, int] = {
    Level.PREFECTURE: 6,
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
}
_PADDED_DIGITS = 12

_MARKUP = re.compile(r"<[/!]?[a-zA-Z][^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,6});")
# Marks that turn the reading direction can make a name read as another one.
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _plain(value: object) -> str | None:
    """Give a scalar as text: whole numbers without exponent or fraction; None if it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None
    if isinstance(value, int | str):
        return str(value)
    return None


def _unprintable(text: str) -> bool:
    return any(
        unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or sign in _DIRECTION
        for sign in text
    )


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not line(value))


def read_name(value: object, row: int) -> tuple[str, list[Finding]]:
    """Read an area's name: NFC, on one line, at most `NAME_MAX` characters; "" where refused.

    Emoji and rare characters stay. What looks like HTML stays too, as plain text, with a
    warning; control characters inside are refused.
    """

    def flaw(code: str, **values: int) -> Finding:
        return Finding(row, "name", shorten(value), f"boundary.{code}", values)

    if _blank(value):
        return "", [flaw("name_empty")]
    if not isinstance(value, str):
        return "", [flaw("name_not_text")]
    if _unprintable(value.strip()):
        return "", [flaw("name_control")]
    name = line(value)
    if len(name) > NAME_MAX:
        return "", [flaw("name_long", length=len(name), limit=NAME_MAX)]
    if _MARKUP.search(name):
        return name, [Finding(row, "name", shorten(name), "boundary.name_markup", {}, "warning")]
    return name, []


def read_optional_name(value: object) -> str | None:
    """Read a second name, such as the English one; None where it is absent or unfit."""
    name, flaws = read_name(value, 0)
    return name if name and not flaws else None


def normalise_code(code: str, level: str) -> str:
    """Give an area code as the product keeps it.

    Full-width digits become plain ones, spaces go, and the zeros that pad a 12-digit
    statistical code beyond its level are cut: street 310109009000 is 310109009.
    An unknown level cuts nothing.
    """
    text = "".join(unicodedata.normalize("NFKC", code).split())
    digits = CODE_DIGITS.get(level, _PADDED_DIGITS)
    padding = text[digits:]
    if len(text) == _PADDED_DIGITS and text.isdecimal() and padding and not padding.strip("0"):
        return text[:digits]
    return text


def read_code(value: object, row: int, level: str | None) -> tuple[str | None, list[Finding]]:
    """Read an area code written as text or as a number; None where absent or refused.

    A length that does not fit the level, or signs other than digits, are warned of only:
    codes below the street are local custom.
    """
    if _blank(value):
        return None, []
    text = _plain(value)
    code = normalise_code(text, level or "") if text is not None else ""
    if not code or len(code) > CODE_LENGTH or _unprintable(code):
        return None, [Finding(row, "code", shorten(value), "boundary.code_unfit")]
    if not (code.isascii() and code.isdecimal()):
        return code, [
            Finding(row, "code", shorten(value), "boundary.code_not_digits", {}, "warning")
        ]
    expected = CODE_DIGITS.get(level or "", len(code))
    if len(code) != expected:
        values = {"length": len(code), "expected": expected}
        return code, [
            Finding(row, "code", shorten(value), "boundary.code_length", values, "warning")
        ]
    return code, []


def read_source_id(value: object, row: int) -> tuple[str | None, list[Finding]]:
    """Read the id that the data's source gives an area; None where absent or refused."""
    if _blank(value):
        return None, [Finding(row, "source_id", "", "boundary.id_empty", {}, "warning")]
    text = (_plain(value) or "").strip()
    if not text or len(text) > ID_LENGTH or _unprintable(text):
        return None, [Finding(row, "source_id", shorten(value), "boundary.id_unfit")]
    return text, []
