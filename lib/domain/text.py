"""Text that people type: what is kept, what is refused, what is only trimmed.

Markup is text like any other here; escaping belongs to whoever shows it.
"""

import re
import unicodedata

from lib.domain.errors import Problem

NAME_MAX = 200
NOTE_MAX = 2000
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    # Halves of a character, which no encoding can store, and what is no character at all.
    r"\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str | None) -> str:
    """The text in Unicode NFC, without control and direction marks and broken halves, trimmed."""
    if not text:
        return ""
    # Most texts are in order already, and asking costs a fraction of mending.
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text.strip()
    return _CONTROL.sub("", unicodedata.normalize("NFC", text)).strip()


def line(text: str | None) -> str:
    """The text as one line: like `clean`, with every run of white space as one space."""
    return " ".join(clean(text).split())


def too_long(field: str, text: str, limit: int) -> list[Problem]:
    """A problem when `text` has more than `limit` characters."""
    if len(text) <= limit:
        return []
    return [Problem(field, "problem.too_long", {"n": len(text), "limit": limit})]


def required(field: str, text: str, limit: int = NAME_MAX) -> list[Problem]:
    """Problems of a line that must be there and not exceed `limit`."""
    if not text:
        return [Problem(field, "problem.missing")]
    return too_long(field, text, limit)
