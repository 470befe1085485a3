"""What the screens read of service records: scope, sums and the line between states."""

from datetime import date, timedelta

import pytest

from lib.domain.calendar import today
from lib.domain.few import told
from lib.domain.vocab import Beneficiary, ServiceKind, ServiceState, Trust
from lib.queries import service
from tests.factories import SmallStreet, service_given

WEIGHTS = {"g1": 1, "g2": 2, "g3": 4, "g4": 8, "s": 16, "t": 32}
"""People served in each place's one service, so that a sum tells which places are in it."""

SEES = {
    "administrator": "g1 g2 g3 g4 s t",
    "street_committee": "g1 g2 g3 g4 s",
    "community_secretary": "g1 g2",
    "grid_secretary": "g1",
    "unit_liaison": "g1 g2 g3 g4 s",
    "team_leader": "g1 g2",
    "auditor": "",
    "volunteer": "g1 g2",
    "visitor": "g1 g2 g3 g4 s t",
    "neighbour": "g3 g4",
}
"""Whose figures each actor sees, by hand."""

READS = SEES | {"visitor": ""}
"""Whose records each actor may read one by one, by hand."""

DAY = date(2025, 3, 15)
MARCH = {"first": date(2025, 3, 1), "last": date(2025, 3, 31)}


@pytest.fixture
def weighted(street: SmallStreet) -> dict[str, int]:
    """One confirmed and one waiting service in every place; ids of the confirmed ones."""
    made = {}
    for place, n in WEIGHTS.items():
        area = getattr(street.areas, place)
        made[place] = service_given(
            street, area, day=DAY, people_served=n, persons=[("lin", n), ("qin", n)]
        )
        service_given(
            street, area, day=DAY, people_served=1000, state=ServiceState.RECORDED, place=place
        )
    return made


@pytest.mark.parametrize("who", [who for who in SEES if SEES[who]])
def test_figures__scope_of_every_role(
    street: SmallStreet, weighted: dict[str, int], who: str
) -> None:
    actor, seen = street.actors[who], SEES[who].split()
    heard = told if who == "visitor" else int
    served = sum(WEIGHTS[place] for place in seen)
    areas = {getattr(street.areas, place) for place in seen}
    totals = service.totals(actor, area_id=None, **MARCH).iloc[0]
    assert totals.to_dict() == {
        "minutes": 2 * served,
        "people_served": heard(served),
        "services": heard(len(seen)),
        "goods": 0,
        "money_fen": 0,
        "participations": heard(2 * len(seen)),
    }
    month = service.by_month(actor, area_id=None, **MARCH).iloc[0]
    assert (month["minutes"], month["waiting_minutes"]) == (2 * served, 60 * len(seen))
    assert (month["people_served"], month["services"], month["areas"]) == (
        heard(served),
        heard(2 * len(seen)),
        len(seen),
    )
    by_area = service.by_area(actor, area_id=None, **MARCH)
    assert dict(zip(by_area["area_id"], by_area["people_served"], strict=True)) == {
        getattr(street.areas, place): heard(WEIGHTS[place]) for place in seen
    }
    assert set(by_area["area_id"]) == areas
    kinds = service.by_kind(actor, area_id=None, **MARCH)
    assert kinds.to_numpy().tolist() == [["patrol", 2 * served, heard(len(seen))]]
    assert service.waiting_count(actor, area_id=None) == heard(len(seen))


@pytest.mark.parametrize("who", READS)
def test_records__scope_of_every_role(
    street: SmallStreet, weighted: dict[str, int], who: str
) -> None:
    actor, may = street.actors[who], READS[who].split()
    rows = service.records(actor, area_id=None)
    assert set(rows["area_id"]) == {getattr(street.areas, place) for place in may}
    assert len(rows) == 2 * len(may)
    for place, number in weighted.items():
        found = int(place in may)
        assert len(service.record(actor, service_id=number)) == found
        assert len(service.steps(actor, service_id=number)) == 2 * found
        assert len(service.participants(actor, service_ids=(number,))) == 2 * found


@pytest.mark.parametrize("query", [service.totals, service.by_month, service.by_area])
def test_figures__an_area_out_of_reach__nothing(
    street: SmallStreet, weighted: dict[str, int], query: object
) -> None:
    assert callable(query)
    rows = query(street.actors["community_secretary"], area_id=street.areas.c2, **MARCH)
    assert rows.empty or rows.iloc[0]["services"] == 0
    assert service.records(street.actors["neighbour"], area_id=street.areas.c1).empty


def test_figures__below_an_area(street: SmallStreet, weighted: dict[str, int]) -> None:
    admin = street.actors["administrator"]
    for place, served in (("s", 31), ("c1", 3), ("c2", 12), ("g4", 8), ("t", 32)):
        area = getattr(street.areas, place)
        assert service.totals(admin, area_id=area, **MARCH).iloc[0]["people_served"] == served


def test_totals__twenty_participants__people_served_once(street: SmallStreet) -> None:
    service_given(
        street,
        street.areas.g1,
        persons=[(name, 60) for name in street.people],
        teams=[("patrol", 30), ("visitors", 30)],
        units=[("school", 15)],
        people_served=7,
        goods=3,
        money_fen=12_345_678_901,
    )
    whole = {"area_id": None, "first": today(), "last": today()}
    admin = street.actors["administrator"]
    minutes, parts = 60 * len(street.people) + 75, len(street.people) + 3
    assert service.totals(admin, **whole).iloc[0].tolist() == [
        minutes,
        7,
        1,
        3,
        12_345_678_901,
        parts,
    ]
    assert service.by_month(admin, **whole).iloc[0]["people_served"] == 7
    assert service.by_area(admin, **whole).iloc[0][["minutes", "people_served"]].tolist() == [
        minutes,
        7,
    ]
    row = service.records(admin, area_id=None).iloc[0]
    assert (row["minutes"], row["participants"], row["people_served"]) == (minutes, parts, 7)


@pytest.mark.parametrize("state", list(ServiceState))
def test_figures__each_state_counts_where_it_should(
    street: SmallStreet, state: ServiceState
) -> None:
    service_given(street, street.areas.g1, day=DAY, state=state, persons=[("lin", 45)])
    admin = street.actors["administrator"]
    confirmed, waiting = state is ServiceState.CONFIRMED, state is ServiceState.RECORDED
    totals = service.totals(admin, area_id=None, **MARCH).iloc[0]
    assert totals["minutes"] == 45 * confirmed
    assert totals["people_served"] == 10 * confirmed
    months = service.by_month(admin, area_id=None, **MARCH)
    assert months[["minutes", "waiting_minutes", "people_served"]].to_numpy().tolist() == (
        [[45 * confirmed, 45 * waiting, 10 * confirmed]] if confirmed or waiting else []
    )
    areas = service.by_area(admin, area_id=None, **MARCH)
    assert areas[["minutes", "services", "waiting"]].to_numpy().tolist() == (
        [[45 * confirmed, 1, int(waiting)]] if confirmed or waiting else []
    )
    assert service.waiting_count(admin, area_id=None) == waiting
    listed = service.records(admin, area_id=None, states=(state,))
    assert listed["state"].tolist() == [state]


def test_figures__nothing_recorded__empty_and_zero(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    assert service.totals(admin, area_id=None, **MARCH).iloc[0].tolist() == [0] * 6
    for query, columns in (
        (service.by_month, service.MONTH_COLUMNS),
        (service.by_area, service.AREA_COLUMNS),
        (service.by_kind, service.KIND_COLUMNS),
    ):
        rows = query(admin, area_id=None, **MARCH)
        assert rows.empty
        assert tuple(rows.columns) == columns
    assert service.records(admin, area_id=None).empty
    assert service.participants(admin, service_ids=()).empty


def test_by_area__only_waiting_from_before__no_last_day_but_listed(street: SmallStreet) -> None:
    service_given(street, street.areas.g4, day=date(2024, 1, 1), state=ServiceState.RECORDED)
    (row,) = service.by_area(street.actors["administrator"], area_id=None, **MARCH).to_dict(
        "records"
    )
    assert (row["area_id"], row["minutes"], row["services"], row["waiting"]) == (
        street.areas.g4,
        0,
        0,
        1,
    )


def test_by_month__first_and_last_days_of_months(street: SmallStreet) -> None:
    for day in (
        date(2023, 12, 31),
        date(2024, 1, 1),
        date(2024, 1, 31),
        date(2024, 2, 1),
        date(2024, 2, 29),
        date(2024, 3, 1),
        date(2024, 12, 31),
        date(2025, 1, 1),
    ):
        service_given(street, street.areas.g1, day=day, persons=[("lin", 10)])
    months = service.by_month(
        street.actors["administrator"],
        area_id=None,
        first=date(2023, 12, 31),
        last=date(2024, 12, 31),
    )
    assert dict(zip(months["month"], months["minutes"], strict=True)) == {
        date(2023, 12, 1): 10,
        date(2024, 1, 1): 20,
        date(2024, 2, 1): 20,
        date(2024, 3, 1): 10,
        date(2024, 12, 1): 10,
    }


def test_waiting_count__before_a_day(street: SmallStreet) -> None:
    for days in (0, 7, 8, 30):
        day = today() - timedelta(days=days)
        service_given(street, street.areas.g1, day=day, state=ServiceState.RECORDED)
    admin = street.actors["administrator"]
    before = today() - timedelta(days=7)
    assert service.waiting_count(admin, area_id=None, recorded_before=before) == 2


def test_records__filters_order_and_limit(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    by_member = service_given(street, street.areas.g1, day=DAY, persons=[("teacher", 5)])
    by_unit = service_given(
        street,
        street.areas.g1,
        day=DAY + timedelta(days=1),
        persons=[],
        units=[("school", 5)],
        kind=ServiceKind.LECTURE,
        recorder="second",
        decider="community_secretary",
    )
    by_team = service_given(
        street, street.areas.g3, day=DAY + timedelta(days=2), persons=[], teams=[("patrol", 5)]
    )

    def found(**filters: object) -> list[int]:
        return service.records(admin, area_id=None, **filters)["service_id"].tolist()

    assert found() == [by_team, by_unit, by_member]
    assert found(oldest_first=True, limit=2) == [by_member, by_unit]
    assert found(unit_id=street.units["school"]) == [by_unit, by_member]
    assert found(team_id=street.teams["patrol"]) == [by_team]
    assert found(kind=ServiceKind.LECTURE) == [by_unit]
    assert found(beneficiary=Beneficiary.ALL_RESIDENTS) == [by_team, by_unit, by_member]
    assert found(beneficiary=Beneficiary.DISABLED) == []
    assert found(trust=Trust.CONFIRMED) == [by_team, by_unit, by_member]
    assert found(trust=Trust.SELF_REPORTED) == []
    assert found(first=DAY, last=DAY) == [by_member]
    assert found(mine=True) == []
    second = service.records(street.actors["second"], area_id=None, mine=True)
    assert second["service_id"].tolist() == [by_unit]


def test_records__own__for_the_recorder_and_for_who_served(street: SmallStreet) -> None:
    service_given(street, street.areas.g1, state=ServiceState.RECORDED, persons=[("lin", 60)])

    def own(who: str) -> bool:
        return bool(service.records(street.actors[who], area_id=None).iloc[0]["own"])

    assert own("community_secretary")
    assert own("volunteer")
    assert not own("second")
    assert not own("administrator")


def test_participants__persons_teams_and_units(street: SmallStreet) -> None:
    number = service_given(
        street,
        street.areas.g1,
        persons=[("lin", 60)],
        teams=[("patrol", 30), ("tutors", 20)],
        units=[("clinic", 10)],
    )
    rows = service.participants(street.actors["administrator"], service_ids=(number,))
    assert rows[["kind", "name_zh", "name_en", "minutes"]].astype(object).where(
        rows[["kind", "name_zh", "name_en", "minutes"]].notna(), None
    ).to_numpy().tolist() == [
        ["person", "林小满", None, 60],
        ["team", "石桥巡防队", "Shiqiao Patrol", 30],
        ["team", "临江辅导队", None, 20],
        ["unit", "青石诊所", None, 10],
    ]


def test_steps__oldest_first_with_reasons(street: SmallStreet) -> None:
    number = service_given(street, street.areas.g1, state=ServiceState.RETURNED)
    rows = service.steps(street.actors["administrator"], service_id=number)
    assert rows["action"].tolist() == ["record", "return"]
    assert rows["target"].tolist() == ["recorded", "returned"]
    assert rows["by_zh"].tolist() == ["账号community_secretary", "账号second"]
    assert rows["reason"].tolist() == ["", "数目不符"]


def test_records__reasons_among_records_without__empty(street: SmallStreet) -> None:
    service_given(street, street.areas.g1, day=DAY, state=ServiceState.RETURNED)
    service_given(street, street.areas.g1, day=DAY + timedelta(days=1))
    rows = service.records(street.actors["administrator"], area_id=None)
    assert rows["reason"].tolist() == ["", "数目不符"]
