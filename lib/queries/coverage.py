"""Reads of coverage: homes near centre households and volunteers, offices, measures of grids.

Services and vacancies come from `lib.queries.overview`; thresholds stand in `lib.domain.coverage`.
Volunteers' homes are not stored, only their grid: a volunteer stands at the grid's label point.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import func, select

from lib.domain.coverage import SCALES, Measure
from lib.domain.few import is_few
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import PostKind, StatusToken, Topic
from lib.geo.shapes import LocalPlane
from lib.persistence.engine import Reads
from lib.persistence.models import Area, Branch, Building, CentreHousehold, Estate, Person, Post
from lib.persistence.scope import reached, seen
from lib.queries import overview
from lib.queries.counters import reads
from lib.queries.few import frame_for

DWELLING_COLUMNS = (
    *("building_id", "label", "estate_zh", "estate_en", "area_id", "code", "name_zh", "name_en"),
    *("households", "held", "placed", "reached"),
)
"""A building, its estate and grid, and whether a centre household there is held, its place is
known, and a volunteer is within reach of it."""

HOME_COLUMNS = ("area_id", "buildings", "bare", "households", "covered", "placed", "reached")
"""By grid: buildings, those without a held centre household, households, those in the other
buildings, those whose place is known, and those of them with a volunteer within reach."""

OFFICE_COLUMNS = ("area_id", "branch", "head")
"""By grid: a branch is 2 with its secretary and 1 without, a head 1, a vacant post 0."""

GRID_COLUMNS = (
    *("area_id", "code", "name_zh", "name_en"),
    *("services", "vacancies", "branch", "head"),
    *HOME_COLUMNS[1:],
)

_VIEW = Permission.AREA_VIEW
_Points = npt.NDArray[np.float64]


@reads(Topic.STRUCTURE, Topic.AREAS, Topic.PEOPLE)
def dwellings(actor: Actor, *, root_id: int | None, reach_m: int) -> pd.DataFrame:
    """DWELLING_COLUMNS of every building below the root.

    A building without coordinates stands at its grid's label point; where that is missing too, it
    is not placed. Distances are straight lines in metres to the label points of all grids with a
    volunteer that the actor sees, beyond the root too.
    """
    each = _dwellings(actor, root_id=root_id, reach_m=reach_m)
    return frame_for(actor, root_id, each, "households")


def _dwellings(actor: Actor, *, root_id: int | None, reach_m: int) -> pd.DataFrame:
    centres = select(CentreHousehold.building_id).where(CentreHousehold.person_id.is_not(None))
    buildings = (
        select(
            Building.id,
            Building.label,
            Estate.name_zh,
            Estate.name_en,
            Area.id,
            Area.code,
            Area.name_zh,
            Area.name_en,
            func.coalesce(Building.lon, Area.label_lon),
            func.coalesce(Building.lat, Area.label_lat),
            Building.households,
            Building.id.in_(centres),
        )
        .join(Area, Area.id == Building.area_id)
        .outerjoin(Estate, Estate.id == Building.estate_id)
        .where(seen(Building.area_id, actor, _VIEW, root_id))
        .order_by(Area.code, Estate.name_zh, Building.label)
    )
    volunteers = (
        select(Area.label_lon, Area.label_lat)
        .where(
            Area.label_lon.is_not(None),
            Area.id.in_(
                select(Person.area_id).where(
                    Person.volunteer_since.is_not(None), reached(Person.area_id, actor, _VIEW)
                )
            ),
        )
        .order_by(Area.id)
    )
    with Reads() as session:
        rows = [tuple(row) for row in session.execute(buildings)]
        near = np.array([tuple(row) for row in session.execute(volunteers)], dtype=float)
    frame = pd.DataFrame(rows, columns=[*DWELLING_COLUMNS[:8], "lon", "lat", "households", "held"])
    points = frame[["lon", "lat"]].to_numpy(dtype=float)
    placed = ~np.isnan(points).any(axis=1)
    within = np.zeros(len(frame), dtype=bool)
    within[placed] = within_reach(points[placed], near.reshape(-1, 2), reach_m)
    frame = frame.assign(held=frame["held"].astype(bool), placed=placed, reached=within)
    return frame[list(DWELLING_COLUMNS)]


@reads(Topic.STRUCTURE, Topic.AREAS, Topic.PEOPLE)
def homes(actor: Actor, *, root_id: int | None, reach_m: int) -> pd.DataFrame:
    """HOME_COLUMNS of every grid below the root that has buildings; see `dwellings`."""
    each = _dwellings(actor, root_id=root_id, reach_m=reach_m)
    frame = each[["area_id", "households"]].assign(
        buildings=1,
        bare=(~each["held"]).astype(int),
        covered=each["households"].where(each["held"], 0),
        placed=each["households"].where(each["placed"], 0),
        reached=each["households"].where(each["reached"], 0),
    )
    sums = frame.groupby("area_id")[list(HOME_COLUMNS[1:])].sum().astype("int64").reset_index()
    return frame_for(actor, root_id, sums, "households", "covered", "placed", "reached")


@reads(Topic.PEOPLE, Topic.AREAS)
def volunteers(actor: Actor, *, root_id: int | None) -> pd.DataFrame:
    """Columns area_id and volunteers: how many live or serve in each area below the root."""
    statement = (
        select(Person.area_id, func.count())
        .where(seen(Person.area_id, actor, _VIEW, root_id), Person.volunteer_since.is_not(None))
        .group_by(Person.area_id)
        .order_by(Person.area_id)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    frame = pd.DataFrame(rows, columns=["area_id", "volunteers"])
    return frame_for(actor, root_id, frame, "volunteers")


def within_reach(points: _Points, others: _Points, metres: float) -> npt.NDArray[np.bool_]:
    """For each of `points` whether one of `others` lies within `metres`; both (n, 2) degrees."""
    found = np.zeros(len(points), dtype=bool)
    if not len(points) or not len(others):
        return found
    plane = LocalPlane.around(shapely.multipoints(points))
    homes_m, others_m = (
        shapely.get_parts(plane.to_metres(shapely.multipoints(degrees)))
        for degrees in (points, others)
    )
    found[shapely.STRtree(others_m).query(homes_m, predicate="dwithin", distance=metres)[0]] = True
    return found


@reads(Topic.STRUCTURE, Topic.AREAS)
def offices(actor: Actor, *, root_id: int | None) -> pd.DataFrame:
    """OFFICE_COLUMNS of every grid below the root that has a branch or the post of a head."""
    branches = select(Branch.area_id, Branch.secretary_id).where(
        seen(Branch.area_id, actor, _VIEW, root_id)
    )
    heads = (
        select(Post.area_id, func.count(Post.person_id))
        .where(seen(Post.area_id, actor, _VIEW, root_id), Post.kind == PostKind.HEAD)
        .group_by(Post.area_id)
    )
    with Reads() as session:
        branch = {area: 1 if holder is None else 2 for area, holder in session.execute(branches)}
        head = {area: int(n > 0) for area, n in session.execute(heads)}
    rows = [(area, branch.get(area, 0), head.get(area, 0)) for area in sorted({*branch, *head})]
    return pd.DataFrame(rows, columns=list(OFFICE_COLUMNS))


def grids(measured: pd.DataFrame, held: pd.DataFrame, lived: pd.DataFrame) -> pd.DataFrame:
    """GRID_COLUMNS of every painted area, in the map's order.

    Made of `overview.measures`, `offices` and `homes` of one root; what a grid lacks is 0.
    """
    rows = measured[list(GRID_COLUMNS[:6])].copy()
    for frame, columns in ((held, OFFICE_COLUMNS[1:]), (lived, HOME_COLUMNS[1:])):
        known = frame.set_index("area_id")
        for column in columns:
            there = known[column].reindex(rows["area_id"], fill_value=0)
            rows[column] = there.infer_objects().to_numpy()
    return rows


@reads(Topic.SERVICE, Topic.STRUCTURE, Topic.AREAS, Topic.PEOPLE)
def gaps(
    actor: Actor, *, root_id: int | None, first: date, last: date, reach_m: int
) -> pd.DataFrame:
    """Columns area_id and gaps: how many measures of each painted area are a gap, in map order."""
    rows = grids(
        overview.measures(actor, root_id=root_id, first=first, last=last),
        offices(actor, root_id=root_id),
        homes(actor, root_id=root_id, reach_m=reach_m),
    )
    lacking = statuses(rows) == StatusToken.OVERDUE.value
    return pd.DataFrame({"area_id": rows["area_id"], "gaps": lacking.sum(axis=1).astype("int64")})


def value(grid: Mapping[str, float], measure: Measure) -> float | None:
    """A measure of one row of `grids`, None where there is nothing to measure."""
    if measure is Measure.CENTRES:
        return grid["covered"] / grid["households"] if grid["households"] else None
    if measure is Measure.REACH:
        return grid["reached"] / grid["placed"] if grid["placed"] else None
    column = "services" if measure is Measure.SERVICE else measure.value
    return float(grid[column])


def status(grid: Mapping[str, float], measure: Measure) -> StatusToken:
    """The status of a measure of one row of `grids`; few services are at least one."""
    found = value(grid, measure)
    return SCALES[measure].status(1 if found is not None and is_few(found) else found)


def statuses(rows: pd.DataFrame) -> pd.DataFrame:
    """For each row of `grids` the value of `StatusToken` of every measure, in columns by name."""
    return pd.DataFrame(
        {
            measure.value: [status(grid, measure).value for grid in rows.to_dict("records")]
            for measure in Measure
        },
        index=rows.index,
        dtype=object,
    )
