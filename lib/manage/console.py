"""What the command line prints: sentences, tables, JSON and the progress of long work.

It decides nothing; results go to standard output, everything else to standard error.
"""

import json
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain.vocab import Language
from lib.i18n.glossary import say

_BAR = 24
"""Signs of a whole progress bar."""


@dataclass
class Console:
    """The two streams, in one language."""

    language: Language
    _stage: str = ""

    def say(self, key: str, **values: object) -> None:
        """Print a sentence of the glossary as a result."""
        self.line(say(key, self.language, **values))

    def note(self, key: str, **values: object) -> None:
        """Print a sentence beside the result, on standard error."""
        self.warn(say(key, self.language, **values))

    def line(self, text: str) -> None:
        """Print one line as a result."""
        sys.stdout.write(f"{text}\n")

    def warn(self, text: str) -> None:
        """Print one line on standard error."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def progress(self, stage: str, part: float) -> None:
        """Show how far a stage (a word key) is; a file instead of a screen gets its name once."""
        words = say(stage, self.language)
        if sys.stderr.isatty():
            end = "\n" if part >= 1 else ""
            bar = "█" * round(part * _BAR)
            sys.stderr.write(f"\r\x1b[K{words} {bar:░<{_BAR}} {part:4.0%}{end}")
            sys.stderr.flush()
        elif stage != self._stage:
            self.warn(words)
        self._stage = stage

    def json(self, document: object) -> None:
        """Print JSON, readable for people too."""
        self.line(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table whose columns line up, Chinese characters counted as two."""
        widths = [max(map(_width, column)) for column in zip(head, *rows, strict=True)]
        for row in (head, *rows):
            cells = [cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)]
            self.line("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
