"""What a street looks at first: each grid's measures, and what needs attention.

Every figure here has a list behind it in `lib.queries.service` or `lib.queries.structure`.
"""

from datetime import date, timedelta

import pandas as pd
from sqlalchemy import func, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ServiceState, StatusToken, Topic
from lib.domain.workflow import CONFIRM_WITHIN_DAYS
from lib.persistence.engine import Reads
from lib.persistence.models import Ground, Service
from lib.persistence.scope import seen
from lib.queries import areas, service, structure
from lib.queries.counters import reads

MEASURE_COLUMNS = (
    *areas.PAINTED_COLUMNS,
    "minutes",
    "people_served",
    "services",
    "waiting",
    "vacancies",
    "last_day",
)
ATTENTION_COLUMNS = ("kind", "status", "n", "since", "area_zh", "area_en", "area_code")
GROUND_COLUMNS = ("theme", "language", "digest", "west", "south", "east", "north")


@reads(Topic.SERVICE, Topic.AREAS, Topic.STRUCTURE)
def measures(actor: Actor, *, root_id: int | None, first: date, last: date) -> pd.DataFrame:
    """MEASURE_COLUMNS of every painted area below the root, in the map's order.

    `minutes` and `people_served` are confirmed within the days, `services` confirmed or
    waiting within the days, `waiting` and `vacancies` as they are now.
    """
    painted = areas.painted(actor, root_id=root_id)
    worked = service.by_area(actor, area_id=root_id, first=first, last=last)
    empty = structure.vacancies(actor, area_id=root_id)
    vacant = empty.groupby("area_id", as_index=False)["n"].sum().rename(columns={"n": "vacancies"})
    merged = painted.merge(worked, on="area_id", how="left").merge(vacant, on="area_id", how="left")
    counted = ["minutes", "people_served", "services", "waiting", "vacancies"]
    merged[counted] = merged[counted].astype("float64").fillna(0).astype("int64")
    return merged[list(MEASURE_COLUMNS)]


@reads(Topic.SERVICE, Topic.AREAS, Topic.STRUCTURE)
def attention(
    actor: Actor, *, area_id: int | None, first: date, last: date, today: date
) -> pd.DataFrame:
    """ATTENTION_COLUMNS: what somebody should look at, most pressing first.

    Kinds: ``late`` records waiting longer than the confirmation time, ``waiting`` ones,
    ``returned`` ones, offices nobody holds by kind of `structure.VACANCIES`, and ``uncovered``
    areas without a service in the days. `area_*` name one example.
    """
    late_before = today - timedelta(days=CONFIRM_WITHIN_DAYS)
    rows: list[tuple[object, ...]] = []
    scope = seen(Service.area_id, actor, Permission.AREA_VIEW, area_id)
    with Reads() as session:
        for kind, status, *conditions in (
            (
                "late",
                StatusToken.OVERDUE,
                Service.state == ServiceState.RECORDED,
                Service.day < late_before,
            ),
            (
                "waiting",
                StatusToken.PROGRESS,
                Service.state == ServiceState.RECORDED,
                Service.day >= late_before,
            ),
            ("returned", StatusToken.SOON, Service.state == ServiceState.RETURNED),
        ):
            n, since = session.execute(
                select(func.count(), func.min(Service.day)).where(scope, *conditions)
            ).one()
            if n:
                rows.append((kind, status.value, n, since, "", None, ""))
    vacancies = structure.vacancies(actor, area_id=area_id)
    for kind in structure.VACANCIES:
        of_kind = vacancies[vacancies["kind"] == kind]
        if len(of_kind):
            one = of_kind.iloc[0]
            n = int(of_kind["n"].sum())
            example = (one["name_zh"], one["name_en"], one["code"])
            rows.append((kind, StatusToken.SOON.value, n, None, *example))
    grids = measures(actor, root_id=area_id, first=first, last=last)
    bare = grids[grids["services"] == 0]
    if len(bare):
        one = bare.iloc[0]
        example = (one["name_zh"], one["name_en"], one["code"])
        rows.append(("uncovered", StatusToken.NEUTRAL.value, len(bare), None, *example))
    order = {"late": 0, "returned": 1, "head": 2, "secretary": 3, "uncovered": 4, "waiting": 5}
    rows.sort(key=lambda row: order.get(str(row[0]), 6))
    return pd.DataFrame(rows, columns=list(ATTENTION_COLUMNS))


@reads(Topic.AREAS)
def grounds(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """GROUND_COLUMNS of the pictures that lie under the area's map; none for most areas."""
    statement = select(
        Ground.theme,
        Ground.language,
        Ground.digest,
        Ground.west,
        Ground.south,
        Ground.east,
        Ground.north,
    ).where(Ground.area_id == area_id, seen(Ground.area_id, actor, Permission.AREA_VIEW, None))
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(GROUND_COLUMNS))
