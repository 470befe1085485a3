"""How alike two short texts are, to show near duplicates before one more is written.

It only compares; what is compared with what, and what follows, is decided by the caller.
"""

from difflib import SequenceMatcher

ALIKE = 0.5
"""From here on a need is shown as a near duplicate (tried on the demonstration's needs)."""


def likeness(one: str, other: str) -> float:
    """From 0 for nothing in common to 1 for the same text; spaces and case do not count."""
    first, second = ("".join(text.split()).casefold() for text in (one, other))
    if not first or not second:
        return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
