"""What a street looks at first: each grid's measures, and what needs attention.

Every figure here has a list behind it in `lib.queries.service` or `lib.queries.structure`.
"""

from datetime import date

import pandas as pd
from sqlalchemy import case, func, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ServiceState, StatusToken, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Service
from lib.persistence.scope import seen
from lib.queries import areas, service, structure
from lib.queries.counters import reads
from lib.queries.few import frame_for

MEASURE_COLUMNS = (
    *areas.PAINTED_COLUMNS,
    "minutes",
    "people_served",
    "services",
    "waiting",
    "vacancies",
    "last_day",
)
UNSETTLED_COLUMNS = ("kind", "n", "since")
ATTENTION_COLUMNS = ("kind", "status", "n", "since", "area_zh", "area_en", "area_code")

_ORDER = (
    "need_late",
    "late",
    "claim_late",
    "promise",
    "need_soon",
    "returned",
    "asked",
    "members_late",
    "head",
    "secretary",
    "uncovered",
    "waiting",
    "leader",
    "centre",
    "worker",
    "draft_late",
)
_STATUS = {
    **dict.fromkeys(_ORDER, StatusToken.SOON.value),
    **dict.fromkeys(("late", "need_late", "claim_late"), StatusToken.OVERDUE.value),
    "waiting": StatusToken.PROGRESS.value,
    "asked": StatusToken.PROGRESS.value,
    "uncovered": StatusToken.NEUTRAL.value,
}


@reads(Topic.SERVICE, Topic.AREAS, Topic.STRUCTURE)
def measures(actor: Actor, *, root_id: int | None, first: date, last: date) -> pd.DataFrame:
    """MEASURE_COLUMNS of every painted area below the root, in the map's order.

    `minutes` and `people_served` are confirmed within the days, `services` confirmed or
    waiting within the days, `waiting` and `vacancies` as they are now.
    """
    painted = areas.painted(actor, root_id=root_id)
    worked = service.by_area(actor, area_id=root_id, first=first, last=last).set_index("area_id")
    vacant = structure.vacancies(actor, area_id=root_id).groupby("area_id")["n"].sum()
    for column in ("minutes", "people_served", "services", "waiting"):
        known = worked[column].reindex(painted["area_id"], fill_value=0)
        painted[column] = known.infer_objects().to_numpy()
    painted["vacancies"] = painted["area_id"].map(vacant).fillna(0).astype("int64")
    painted["last_day"] = painted["area_id"].map(worked["last_day"])
    return painted[list(MEASURE_COLUMNS)]


@reads(Topic.SERVICE, Topic.AREAS)
def unsettled(actor: Actor, *, area_id: int | None, late_before: date) -> pd.DataFrame:
    """UNSETTLED_COLUMNS: records that wait or came back, by how pressing they are.

    Kinds: ``late`` is of a day before `late_before` (`lib.domain.deadlines`), ``waiting`` of a
    later one, ``returned`` waits for its recorder. `since` is the oldest service day.
    """
    kind = case(
        (Service.state == ServiceState.RETURNED, "returned"),
        (Service.day < late_before, "late"),
        else_="waiting",
    )
    statement = (
        select(kind, func.count(), func.min(Service.day))
        .where(
            seen(Service.area_id, actor, Permission.AREA_VIEW, area_id),
            Service.state.in_((ServiceState.RECORDED, ServiceState.RETURNED)),
        )
        .group_by(kind)
    )
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(UNSETTLED_COLUMNS))
    return frame_for(actor, area_id, frame, "n")


def attention(
    records: pd.DataFrame,
    vacancies: pd.DataFrame,
    measured: pd.DataFrame,
) -> pd.DataFrame:
    """ATTENTION_COLUMNS: what somebody should look at, most pressing first.

    Made of `unsettled` records, `lib.queries.pipeline.unsettled`, `lib.queries.check_in.waiting`,
    `structure.vacancies` and `measures`: what waits by kind, offices nobody holds by kind of
    `structure.VACANCIES`, and ``uncovered`` areas without a service.
    `area_*` name one example.
    """
    rows: list[tuple[object, ...]] = [
        (row.kind, _STATUS[row.kind], row.n, row.since, "", None, "")
        for row in records.itertuples()
    ]
    for kind in structure.VACANCIES:
        rows += _example(kind, vacancies[vacancies["kind"] == kind], "n")
    bare = measured[measured["services"] == 0].assign(n=1)
    rows += _example("uncovered", bare, "n")
    rows.sort(key=lambda row: _ORDER.index(str(row[0])))
    return pd.DataFrame(rows, columns=list(ATTENTION_COLUMNS))


def _example(kind: str, rows: pd.DataFrame, counted: str) -> list[tuple[object, ...]]:
    if rows.empty:
        return []
    one = rows.iloc[0]
    n = int(rows[counted].sum())
    return [(kind, _STATUS[kind], n, None, one["name_zh"], one["name_en"], one["code"])]
