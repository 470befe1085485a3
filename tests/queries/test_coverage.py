"""Coverage of the small street by hand, distances by a recount, and every role's scope."""

import math
import random
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import delete

from lib.domain.calendar import today
from lib.domain.coverage import Measure
from lib.domain.permissions import Actor
from lib.domain.vocab import ServiceState
from lib.persistence.engine import Writes
from lib.persistence.models import Branch, Building, CentreHousehold, Person, Post
from lib.queries import coverage, overview
from tests.factories import OPENED, SIDE, SOUTH, WEST, SmallStreet, service_given

DAYS = {"first": date(2025, 3, 1), "last": date(2025, 3, 31)}


def grids(actor: Actor, root_id: int | None, reach_m: int = 500) -> pd.DataFrame:
    return coverage.grids(
        overview.measures(actor, root_id=root_id, **DAYS),
        coverage.offices(actor, root_id=root_id),
        coverage.homes(actor, root_id=root_id, reach_m=reach_m),
    )


def add_building(area_id: int, households: int, lon: float | None, lat: float | None) -> None:
    with Writes.begin() as session:
        session.add(
            Building(
                area_id=area_id,
                label="新楼",
                households=households,
                counted_on=OPENED,
                count_source="测试",
                lon=lon,
                lat=lat,
            )
        )


def test_gaps__the_measures_that_are_a_gap_counted(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    found = coverage.gaps(admin, root_id=street.areas.s, reach_m=500, **DAYS)
    by_hand = (coverage.statuses(grids(admin, street.areas.s)) == "overdue").sum(axis=1)
    assert found["gaps"].tolist() == by_hand.tolist()
    assert found["area_id"].tolist() == [getattr(street.areas, f"g{n}") for n in (1, 2, 3, 4)]
    # Nobody served in G1; its branch, head, centre households and volunteers are there.
    assert found["gaps"].iloc[0] == 1


def test_grids__the_small_street_by_hand(street: SmallStreet) -> None:
    tree = street.areas
    service_given(street, tree.g1, day=date(2025, 3, 5))
    service_given(street, tree.g1, day=date(2025, 3, 6), state=ServiceState.RECORDED)
    service_given(street, tree.g3, day=date(2025, 4, 5))
    rows = grids(street.actors["administrator"], tree.s).set_index("area_id")
    assert rows.index.tolist() == [tree.g1, tree.g2, tree.g3, tree.g4]
    # G1: buildings of 24 and 30 households whose centre household is held, one of 0 with a vacant
    # one. All buildings stand 159 m west of the middle of G1, where volunteers are.
    assert rows.loc[tree.g1].drop(["code", "name_zh", "name_en"]).to_dict() == {
        "services": 2,
        "vacancies": 3,
        "branch": 2,
        "head": 1,
        "buildings": 3,
        "bare": 1,
        "households": 54,
        "covered": 54,
        "placed": 54,
        "reached": 54,
    }
    assert rows.loc[tree.g2, ["services", "vacancies", "branch", "head", "bare"]].tolist() == [
        0,
        1,
        0,
        0,
        1,
    ]
    assert rows.loc[tree.g2, ["households", "covered", "reached"]].tolist() == [46, 0, 46]
    assert rows.loc[tree.g3, ["services", "branch", "head", "buildings"]].tolist() == [0, 1, 0, 0]
    assert rows.loc[tree.g4].drop(["code", "name_zh", "name_en"]).sum() == 0


@pytest.mark.parametrize(("reach_m", "reached"), [(150, 0), (320, 100), (500, 100)])
def test_homes__within_reach_of_the_label_point(
    street: SmallStreet, reach_m: int, reached: int
) -> None:
    rows = coverage.homes(street.actors["administrator"], root_id=None, reach_m=reach_m)
    assert rows["reached"].sum() == reached
    assert rows["placed"].sum() == 100


def test_homes__no_volunteer__nobody_within_reach(street: SmallStreet) -> None:
    with Writes.begin() as session:
        for person in session.query(Person):
            person.volunteer_since = None
    rows = coverage.homes(street.actors["administrator"], root_id=None, reach_m=1200)
    assert rows["reached"].sum() == 0
    assert rows["placed"].sum() == 100


def test_homes__a_grid_without_polygon__known_place_or_left_out(street: SmallStreet) -> None:
    tree = street.areas
    with Writes.begin() as session:  # a volunteer of a grid without a label point stands nowhere
        session.get_one(Person, street.people["qin"]).area_id = tree.g4
    add_building(tree.g4, 7, None, None)
    add_building(tree.g4, 5, WEST + SIDE / 2, SOUTH + SIDE / 2)
    add_building(tree.g3, 3, None, None)  # stands at its own grid's label point, 1 km from G2's
    rows = coverage.homes(street.actors["administrator"], root_id=tree.c2, reach_m=500)
    found = rows.set_index("area_id")[["households", "placed", "reached"]].T.to_dict("list")
    assert found == {tree.g3: [3, 3, 0], tree.g4: [12, 5, 5]}


def test_homes__volunteers_beyond_the_root_are_near_too(street: SmallStreet) -> None:
    tree = street.areas
    with Writes.begin() as session:
        session.get_one(Person, street.people["qin"]).area_id = tree.g1
    add_building(tree.g3, 9, WEST + SIDE / 2, SOUTH + SIDE / 2)  # in G1, where volunteers are
    admin, neighbour = street.actors["administrator"], street.actors["neighbour"]
    assert coverage.homes(admin, root_id=tree.c2, reach_m=500)["reached"].tolist() == [9]
    # Whoever sees C2 alone is told of its own volunteers only: there are none now.
    assert coverage.homes(neighbour, root_id=tree.c2, reach_m=500)["reached"].tolist() == [0]


@pytest.mark.parametrize("seed", range(3))
def test_within_reach__equals_a_recount(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same points in every run
    points = [(121.4 + dice.random() / 20, 31.2 + dice.random() / 20) for _ in range(300)]
    others = [(121.4 + dice.random() / 20, 31.2 + dice.random() / 20) for _ in range(12)]

    def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
        """The great circle on a sphere, right to about a third of a per cent."""
        lon, lat, lon2, lat2 = map(math.radians, (*one, *other))
        a = math.sin((lat2 - lat) / 2) ** 2
        b = math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
        return 2 * 6371008.8 * math.asin(math.sqrt(a + b))

    nearest = [min(metres(point, other) for other in others) for point in points]
    found = coverage.within_reach(np.array(points), np.array(others), 500).tolist()
    clear = [k for k, d in enumerate(nearest) if abs(d - 500) > 5]
    assert len(clear) > 280
    assert 0 < sum(found) < len(found)
    assert [found[k] for k in clear] == [nearest[k] < 500 for k in clear]


@pytest.mark.parametrize("seed", range(2))
def test_homes__random_street__equals_a_recount(street: SmallStreet, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same street in every run
    tree = street.areas
    people = list(street.people.values())
    with Writes.begin() as session:
        session.execute(delete(CentreHousehold))
        groups = [group for (group,) in session.query(Branch.id)]
        assert groups
        buildings = [
            Building(
                area_id=dice.choice([tree.g1, tree.g2, tree.g3, tree.g4]),
                label=f"{n}",
                households=dice.randint(0, 60),
                counted_on=OPENED,
                count_source="测试",
            )
            for n in range(30)
        ]
        session.add_all(buildings)
        session.flush()
        held = set()
        for building in dice.sample(buildings, 15):
            holder = dice.choice([None, *people])
            session.add(
                CentreHousehold(building_group_id=1, building_id=building.id, person_id=holder)
            )
            if holder is not None:
                held.add(building.id)
        session.flush()
        every = [(b.id, b.area_id, b.households) for b in session.query(Building)]
    rows = coverage.homes(street.actors["administrator"], root_id=None, reach_m=500)
    for row in rows.to_dict("records"):
        here = [one for one in every if one[1] == row["area_id"]]
        assert row["buildings"] == len(here)
        assert row["bare"] == sum(number not in held for number, _, _ in here)
        assert row["households"] == sum(n for _, _, n in here)
        assert row["covered"] == sum(n for number, _, n in here if number in held)


def test_offices__a_second_head_vacant__still_held(street: SmallStreet) -> None:
    with Writes.begin() as session:
        session.query(Post).filter_by(area_id=street.areas.g2).one().area_id = street.areas.g1
    rows = coverage.offices(street.actors["administrator"], root_id=None).set_index("area_id")
    assert rows.loc[street.areas.g1].tolist() == [2, 1]
    assert street.areas.g2 not in rows.index


@pytest.mark.parametrize(
    ("who", "places"),
    [
        ("administrator", "g1 g2 g3 g4 t"),
        ("visitor", "g1 g2 g3 g4 t"),
        ("street_committee", "g1 g2 g3 g4"),
        ("unit_liaison", "g1 g2 g3 g4"),
        ("community_secretary", "g1 g2"),
        ("volunteer", "g1 g2"),
        ("grid_secretary", "g1"),
        ("neighbour", "g3 g4"),
    ],
)
def test_every_query__scope_of_every_role(street: SmallStreet, who: str, places: str) -> None:
    actor = street.actors[who]
    seen = {getattr(street.areas, place) for place in places.split()}
    rows = grids(actor, None)
    assert set(rows["area_id"]) == seen
    homes = (50, 45) if who == "visitor" else (54, 46)  # a visitor is told steps of five
    known = dict(zip((street.areas.g1, street.areas.g2), homes, strict=True))
    assert rows["households"].sum() == sum(known.get(area, 0) for area in seen)
    assert set(coverage.offices(actor, root_id=None)["area_id"]) <= seen
    assert set(coverage.homes(actor, root_id=None, reach_m=500)["area_id"]) <= seen


def test_an_area_out_of_reach__nothing(street: SmallStreet) -> None:
    actor = street.actors["neighbour"]
    assert coverage.homes(actor, root_id=street.areas.c1, reach_m=500).empty
    assert coverage.offices(actor, root_id=street.areas.c1).empty
    assert grids(actor, street.areas.c1).empty


def test_an_empty_street__every_measure_zero_or_unknown(street: SmallStreet) -> None:
    rows = grids(street.actors["administrator"], street.areas.t)
    assert len(rows) == 1
    grid = rows.iloc[0].to_dict()
    assert {measure: coverage.value(grid, measure) for measure in Measure} == {
        Measure.SERVICE: 0,
        Measure.BRANCH: 0,
        Measure.HEAD: 0,
        Measure.CENTRES: None,
        Measure.REACH: None,
        Measure.VACANCIES: 0,
    }
    assert coverage.statuses(rows).iloc[0].to_dict() == {
        "service": "overdue",
        "branch": "overdue",
        "head": "overdue",
        "centres": "neutral",
        "reach": "neutral",
        "vacancies": "done",
    }


def test_statuses__of_the_small_street(street: SmallStreet) -> None:
    service_given(street, street.areas.g1, day=DAYS["first"])
    rows = grids(street.actors["administrator"], street.areas.s)
    found = coverage.statuses(rows)
    assert found["centres"].tolist() == ["done", "overdue", "neutral", "neutral"]
    assert found["branch"].tolist() == ["done", "overdue", "soon", "overdue"]
    assert found["vacancies"].tolist() == ["soon", "progress", "progress", "done"]
    assert found["service"].tolist() == ["done", "overdue", "overdue", "overdue"]
    assert today() >= DAYS["last"]
