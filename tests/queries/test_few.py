"""No query tells a visitor a count of one to four people, homes or services; others it does."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pandas as pd
import pytest

from lib.domain.few import FEW, told
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import ServiceState
from lib.persistence.engine import Writes
from lib.persistence.models import Building
from lib.queries import activity, coverage, overview, people, service, structure
from tests.factories import SmallStreet, enrolled, service_given

DAY = date(2025, 3, 15)
DAYS = {"first": date(2025, 1, 1), "last": date(2025, 3, 31)}
COUNTED = {
    *("people_served", "services", "participations", "waiting", "members", "volunteers"),
    *("households", "covered", "placed", "reached"),
}
"""Columns that count people, homes, or services received; posts, units and buildings are none."""

_Ask = Callable[[Actor, int | None], pd.DataFrame]


def _one(count: Callable[..., float], name: str, **more: object) -> _Ask:
    return lambda actor, area: pd.DataFrame({name: [count(actor, area_id=area, **more)]})


def _unsettled(actor: Actor, area: int | None) -> pd.DataFrame:
    found = overview.unsettled(actor, area_id=area, late_before=DAY + timedelta(days=23))
    return found.rename(columns={"n": "waiting"})


def _dwellings(actor: Actor, area: int | None) -> pd.DataFrame:
    # In this query `reached` and `placed` say whether, not how many.
    return coverage.dwellings(actor, root_id=area, reach_m=500)[["building_id", "households"]]


ASKED: Mapping[str, _Ask] = {
    "totals": lambda actor, area: service.totals(actor, area_id=area, **DAYS),
    "by_month": lambda actor, area: service.by_month(actor, area_id=area, **DAYS),
    "by_area": lambda actor, area: service.by_area(actor, area_id=area, **DAYS),
    "by_kind": lambda actor, area: service.by_kind(actor, area_id=area, **DAYS),
    "waiting_count": _one(service.waiting_count, "waiting"),
    "late_count": _one(service.waiting_count, "waiting", recorded_before=date(2025, 3, 20)),
    "measures": lambda actor, area: overview.measures(actor, root_id=area, **DAYS),
    "unsettled": _unsettled,
    "by_day": lambda actor, area: activity.by_day(actor, area_id=area, **DAYS),
    "by_beneficiary": lambda actor, area: activity.by_beneficiary(actor, area_id=area, **DAYS),
    "by_area_below": lambda actor, area: activity.by_area_below(actor, area_id=area, **DAYS),
    "volunteers": _one(people.volunteers, "volunteers"),
    "teams": lambda actor, area: people.teams(actor, area_id=area, **DAYS),
    "size": lambda actor, area: structure.size(actor, area_id=area),
    "dwellings": _dwellings,
    "homes": lambda actor, area: coverage.homes(actor, root_id=area, reach_m=500),
    "volunteers_by_grid": lambda actor, area: coverage.volunteers(actor, root_id=area),
}


@pytest.fixture
def small(street: SmallStreet) -> SmallStreet:
    """A few services of a few people in every state and grid, and homes of a few households."""
    for place, served in (("g1", 1), ("g2", 4), ("g3", 7), ("g4", 3), ("c1", 2)):
        for state in (ServiceState.CONFIRMED, ServiceState.RECORDED, ServiceState.RETURNED):
            area = getattr(street.areas, place)
            service_given(street, area, day=DAY, state=state, people_served=served)
    with Writes.begin() as session:
        for number, building in enumerate(session.query(Building).order_by(Building.id)):
            building.households = 3 if building.area_id == street.areas.g2 else 1 + 3 * number
    return street


def counts(frame: pd.DataFrame) -> list[float]:
    return [float(n) for name in sorted(COUNTED & set(frame)) for n in frame[name]]


@pytest.mark.parametrize("name", ASKED)
def test_every_query__a_visitor_is_told_steps_of_the_exact_counts(
    small: SmallStreet, name: str
) -> None:
    hidden = 0
    for place in (None, "s", "c1", "c2", "g1", "g2", "g3", "g4", "t"):
        area = getattr(small.areas, place) if place else None
        exact = ASKED[name](small.actors["administrator"], area)
        heard = ASKED[name](small.actors["visitor"], area)
        assert counts(heard) == [told(n) for n in counts(exact)]
        assert not {1, 2, 3, 4} & set(counts(heard))
        hidden += len({1, 2, 3, 4} & set(counts(exact)))
        rest = [column for column in exact if column not in COUNTED]
        pd.testing.assert_frame_equal(heard[rest], exact[rest])
    assert hidden > 0


def test_by_area_below__summed_before_it_is_told(small: SmallStreet) -> None:
    visitor = small.actors["visitor"]
    rows = activity.by_area_below(visitor, area_id=small.areas.s, **DAYS).set_index("area_id")
    # 1 + 4 + 2 of C1, 7 + 3 of C2.
    served = {"c1": 5, "c2": 10}
    assert {place: rows.loc[getattr(small.areas, place), "people_served"] for place in served} == (
        served
    )


def test_who_also_holds_a_grid__counts_exactly_there_and_only_there(small: SmallStreet) -> None:
    areas = small.areas
    with Writes.begin() as session:
        both = enrolled(
            session, "both", Grant(Role.VISITOR, None), Grant(Role.GRID_WORKER, areas.g1)
        )
    assert people.volunteers(both, area_id=areas.g1) == 3
    assert people.volunteers(both, area_id=areas.g2) == FEW
    assert people.volunteers(both, area_id=None) == 5
    assert service.totals(both, area_id=areas.g1, **DAYS).iloc[0]["people_served"] == 1
    assert service.totals(both, area_id=areas.g2, **DAYS).iloc[0]["people_served"] == FEW


def test_health_of_a_grid__few_services_are_a_service(small: SmallStreet) -> None:
    visitor = small.actors["visitor"]
    homes = coverage.homes(visitor, root_id=None, reach_m=500)
    held = coverage.offices(visitor, root_id=None)
    for place in ("g1", "g4"):
        rows = overview.measures(visitor, root_id=getattr(small.areas, place), **DAYS)
        assert rows["services"].tolist() == [FEW]
        assert coverage.statuses(coverage.grids(rows, held, homes))["service"].tolist() == ["done"]
