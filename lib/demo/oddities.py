"""A few records of the demonstration that are odd, so that there is something to look at.

Records that are there are touched up; none is added, and no hours change.
"""

from collections import defaultdict
from collections.abc import Hashable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from lib.demo.names import demonstration_names
from lib.demo.rows import Rows
from lib.domain.vocab import ServiceKind, ServiceState
from lib.persistence.models import Service, ServiceStep

BURST, SECONDS_APART = 8, 6
REPEATED, DAYS_REPEATED = 4, 3


def make_odd(rows: Rows, rng: Random) -> None:
    """Let one recorder enter many records within a minute, and others repeat a note all day."""
    services: list[dict[str, Any]] = rows.tables[Service.__tablename__]
    waiting = _grouped(
        (one["recorded_by_id"], one) for one in services if one["state"] is ServiceState.RECORDED
    )
    if waiting:
        _at_once(rows, max(waiting.values(), key=len)[:BURST])
    full = [
        group
        for group in _grouped(
            ((one["recorded_by_id"], one["day"]), one) for one in services
        ).values()
        if len(group) >= REPEATED
    ]
    for group in sorted(full, key=lambda group: group[0]["day"])[-DAYS_REPEATED:]:
        note = rng.choice(demonstration_names().notes[ServiceKind.VISIT])
        for one in group[:REPEATED]:
            one["note"] = f"{note.rstrip('。')}，已逐户登记。"


def _at_once(rows: Rows, burst: list[dict[str, Any]]) -> None:
    """Move the moments of records that still wait to the last of them, seconds apart."""
    last: datetime = max(one["recorded_at"] for one in burst)
    moments = {
        one["id"]: last - timedelta(seconds=SECONDS_APART * n) for n, one in enumerate(burst)
    }
    for one in burst:
        one["recorded_at"] = moments[one["id"]]
    steps: list[dict[str, Any]] = rows.tables[ServiceStep.__tablename__]
    for step in steps:
        if step["service_id"] in moments:
            step["at"] = moments[step["service_id"]]


def _grouped(pairs: Any) -> dict[Hashable, list[dict[str, Any]]]:  # noqa: ANN401 - pairs of rows
    groups: defaultdict[Hashable, list[dict[str, Any]]] = defaultdict(list)
    for key, one in pairs:
        groups[key].append(one)
    return groups
