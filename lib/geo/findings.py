"""What a check has to say about one place in a boundary file.

A finding carries a stable key and values; its sentence stands in the glossary under that key.
"""

import dataclasses
import unicodedata
from collections.abc import Mapping
from typing import Literal

Severity = Literal["error", "warning"]
Value = str | int | float

FILE = 0
VALUE_LENGTH = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a file.

    Attributes:
        row: the feature's number in the file counted from 1; `FILE` for the file as a whole.
        field: "file", "name", "code", "source_id" or "geometry"; its words are in the
            glossary under "boundary.field_…".
        value: what stands there, shortened, on one line and safe to print.
        code: the key of the sentence in the glossary, such as "boundary.ring_unclosed".
        values: what the sentence's placeholders are filled with.
        severity: "error": the feature cannot be taken; "warning": it can, but look at it.
    """

    row: int
    field: str
    value: str
    code: str
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    severity: Severity = "error"


def shorten(value: object) -> str:
    """Give any value from a JSON file as one printable line of at most `VALUE_LENGTH` characters.

    Lists and objects are shown as "[…]" and "{…}".
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return "[…]"
    if isinstance(value, dict):
        return "{…}"
    # "Cs" are halves of characters, which no UTF-8 output accepts.
    text = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) in ("Cc", "Cs") else sign
        for sign in str(value)[: VALUE_LENGTH + 1]
    )
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"
