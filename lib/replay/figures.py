"""The figures of the published accounts, as ``data/figures.csv`` keeps them.

What a figure is worth here is read from the records by `lib.queries.account`, never from this file.
"""

import csv
from dataclasses import dataclass
from functools import cache

from lib.settings import ROOT

FIGURES_FILE = ROOT / "data" / "figures.csv"


@dataclass(frozen=True)
class Figure:
    """One row: `value` in `unit`; `qualifier` is exact, at_least or about.

    `source_kind` says whether it is computed from records or only stated, `counting_rule` how.
    """

    place: str
    mechanism: str
    key: str
    label_zh: str
    label_en: str
    value: float
    unit: str
    qualifier: str
    source_kind: str
    counting_rule: str

    def scaled(self, scale: int) -> int:
        """The figure of an account so many times smaller, at least one."""
        return max(1, round(self.value / scale))


@cache
def figures() -> tuple[Figure, ...]:
    """Every figure, in the order of the file.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: a value is no number.
    """
    with FIGURES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(Figure(**{**row, "value": float(row["value"])}) for row in rows)  # type: ignore[arg-type]


def account(place: str) -> tuple[Figure, ...]:
    """The figures of one place that records can tell."""
    return tuple(f for f in figures() if f.place == place and f.source_kind == "computed")
