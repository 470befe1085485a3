"""What is held on a person as files to hand out: JSON for programs, .csv for people."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lib.domain.vocab import Language
from lib.exchange.reports import harmless
from lib.i18n.glossary import catalogue, say, word

Parts = Mapping[str, Sequence[Mapping[str, Any]]]


def held_json(held: Parts) -> bytes:
    """All parts with the codes as they are stored; days and instants in ISO 8601."""
    return json.dumps(held, default=_written, ensure_ascii=False, indent=2).encode()


def held_csv(held: Parts, language: Language) -> bytes:
    """One line for each value: part, number of the entry, what it is, what it says."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(
        [say(f"held.head_{head}", language) for head in ("part", "number", "what", "says")]
    )
    for part, rows in held.items():
        for number, row in enumerate(rows, start=1):
            for name, value in row.items():
                cells = (say(f"held.{part}", language), number, say(f"held.{name}_", language))
                out.writerow([*cells, harmless(_said(name, value, language))])
    return text.getvalue().encode("utf-8-sig")


def _said(name: str, value: object, language: Language) -> str:
    deed = "action." + str(value)
    if name == "action" and deed in catalogue():
        return say(deed, language)
    if isinstance(value, StrEnum):
        return word(value, language)
    return "" if value is None else _written(value)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
