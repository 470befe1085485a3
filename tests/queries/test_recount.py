"""Every sum of the queries against a recount in plain Python over random services."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from lib.domain.vocab import ServiceKind, ServiceState
from lib.queries import overview, people, service
from tests.factories import SmallStreet, service_given

FIRST, LAST = date(2024, 11, 20), date(2025, 2, 10)
PLACES = {"g1": "c1 s", "g2": "c1 s", "g3": "c2 s", "g4": "c2 s", "t": ""}
"""Places of services and the areas above them."""


@dataclass(frozen=True)
class Given:
    place: str
    day: date
    state: ServiceState
    kind: ServiceKind
    served: int
    persons: list[tuple[str, int]]
    teams: list[tuple[str, int]]

    @property
    def minutes(self) -> int:
        return sum(m for _, m in self.persons + self.teams)


@pytest.fixture(params=[1, 2])
def given(request: pytest.FixtureRequest, street: SmallStreet) -> list[Given]:
    """Eighty random services over five months, some before and some after the days asked for."""
    dice = random.Random(request.param)  # noqa: S311 - the same services in every run
    made = []
    for _ in range(80):
        one = Given(
            dice.choice(list(PLACES)),
            FIRST + timedelta(days=dice.randint(-30, 110)),
            dice.choice(list(ServiceState)),
            dice.choice([ServiceKind.PATROL, ServiceKind.VISIT]),
            dice.randint(0, 50),
            [(name, dice.randint(1, 960)) for name in dice.sample(["lin", "zhou", "qin"], 2)],
            [("patrol", dice.randint(1, 960))] if dice.random() < 0.3 else [],
        )
        service_given(
            street,
            getattr(street.areas, one.place),
            day=one.day,
            state=one.state,
            kind=one.kind,
            people_served=one.served,
            persons=one.persons,
            teams=one.teams,
        )
        made.append(one)
    return made


def below(given: Iterable[Given], root: str | None) -> list[Given]:
    return [g for g in given if root is None or root == g.place or root in PLACES[g.place].split()]


def within(given: Iterable[Given], *states: ServiceState) -> list[Given]:
    return [g for g in given if FIRST <= g.day <= LAST and g.state in states]


@pytest.mark.parametrize("root", [None, "s", "c1", "g4", "t"])
def test_sums__equal_a_recount(street: SmallStreet, given: list[Given], root: str | None) -> None:
    admin = street.actors["administrator"]
    area = getattr(street.areas, root) if root else None
    days = {"area_id": area, "first": FIRST, "last": LAST}
    here = below(given, root)
    confirmed = within(here, ServiceState.CONFIRMED)
    counting = within(here, ServiceState.CONFIRMED, ServiceState.RECORDED)
    waiting = [g for g in here if g.state is ServiceState.RECORDED]

    totals = service.totals(admin, **days).iloc[0]
    assert totals["minutes"] == sum(g.minutes for g in confirmed)
    assert totals["people_served"] == sum(g.served for g in confirmed)
    assert totals["services"] == len(confirmed)
    assert service.waiting_count(admin, area_id=area) == len(waiting)

    months = {row["month"]: row for _, row in service.by_month(admin, **days).iterrows()}
    assert set(months) == {g.day.replace(day=1) for g in counting}
    for month, row in months.items():
        of_month = [g for g in counting if g.day.replace(day=1) == month]
        done = [g for g in of_month if g.state is ServiceState.CONFIRMED]
        assert row["minutes"] == sum(g.minutes for g in done)
        assert row["waiting_minutes"] == sum(g.minutes for g in of_month if g not in done)
        assert row["people_served"] == sum(g.served for g in done)
        assert (row["services"], row["areas"]) == (len(of_month), len({g.place for g in of_month}))

    kinds = {k: (m, n) for k, m, n in service.by_kind(admin, **days).to_numpy().tolist()}
    for kind, (minutes, n) in kinds.items():
        of_kind = [g for g in confirmed if g.kind == kind]
        assert (minutes, n) == (sum(g.minutes for g in of_kind), len(of_kind))
    assert set(kinds) == {g.kind for g in confirmed}

    measures = overview.measures(admin, root_id=area, first=FIRST, last=LAST)
    for _, row in measures.iterrows():
        place = next(p for p in PLACES if getattr(street.areas, p) == row["area_id"])
        done = [g for g in confirmed if g.place == place]
        seen = [g for g in counting if g.place == place]
        assert row["minutes"] == sum(g.minutes for g in done)
        assert row["people_served"] == sum(g.served for g in done)
        assert row["services"] == len(seen)
        assert row["waiting"] == len([g for g in waiting if g.place == place])
        last = max((g.day for g in seen), default=None)
        assert (row["last_day"] if seen else None) == last


def test_teams__equal_a_recount(street: SmallStreet, given: list[Given]) -> None:
    members = {"patrol": {"lin", "zhou"}, "tutors": {"qin"}, "visitors": {"qin"}}
    kinds = {"patrol": ServiceKind.PATROL, "tutors": ServiceKind.TUTORING, "visitors": "visit"}
    expected: dict[int, int] = defaultdict(int)
    for one in within(given, ServiceState.CONFIRMED):
        for team, names in members.items():
            if one.kind == kinds[team]:
                expected[street.teams[team]] += sum(m for p, m in one.persons if p in names)
            expected[street.teams[team]] += sum(m for t, m in one.teams if t == team)
    rows = people.teams(street.actors["administrator"], area_id=None, first=FIRST, last=LAST)
    assert dict(zip(rows["team_id"], rows["minutes"], strict=True)) == dict(expected)
    assert rows["minutes"].tolist() == sorted(rows["minutes"], reverse=True)
