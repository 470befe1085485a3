"""Which natural keys a file has shown already, in twelve bytes each.

A dictionary would take some hundred and fifty, and a file may have a million rows.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Runs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]


class Seen:
    """Keys with the row that showed each first, as sorted runs; a run outgrown is merged."""

    def __init__(self) -> None:
        self._runs: list[Runs] = []

    def rows_of(self, keys: Sequence[int]) -> Mapping[int, int]:
        """The rows that showed these keys, by key; keys not seen are left out."""
        found: dict[int, int] = {}
        wanted = np.array(keys, dtype=np.int64)
        for known, rows in self._runs:
            at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
            for position in np.flatnonzero(known[at] == wanted).tolist():
                found[keys[position]] = int(rows[at[position]])
        return found

    def add(self, keys: Mapping[int, int]) -> None:
        """Remember keys that were not seen, each with its row."""
        if not keys:
            return
        run = _ordered(
            np.fromiter(keys.keys(), np.int64, len(keys)),
            np.fromiter(keys.values(), np.int32, len(keys)),
        )
        while self._runs and len(self._runs[-1][0]) <= 2 * len(run[0]):
            known, rows = self._runs.pop()
            run = _ordered(np.concatenate((known, run[0])), np.concatenate((rows, run[1])))
        self._runs.append(run)


def _ordered(keys: npt.NDArray[np.int64], rows: npt.NDArray[np.int32]) -> Runs:
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]
