"""The sums behind the charts: by hand, against the totals, and within every role's scope."""

import random
from datetime import date, timedelta

import pandas as pd
import pytest

from lib.domain.few import told
from lib.domain.vocab import Beneficiary, ServiceKind, ServiceState, Trust
from lib.persistence.engine import Writes
from lib.persistence.models import Area, Participation, Service
from lib.persistence.summaries import mend
from lib.queries import activity, service
from tests.factories import SmallStreet, service_given
from tests.queries.test_service import SEES, WEIGHTS

FIRST, LAST = date(2024, 11, 20), date(2025, 2, 10)
DAYS = {"first": FIRST, "last": LAST}


@pytest.fixture(params=[1, 2])
def many(request: pytest.FixtureRequest, street: SmallStreet) -> None:
    """Random services over five months in every place, also at the community and the street."""
    dice = random.Random(request.param)  # noqa: S311 - the same services in every run
    made = [
        service_given(
            street,
            getattr(street.areas, dice.choice(["g1", "g2", "g3", "g4", "c1", "s", "t"])),
            day=FIRST + timedelta(days=dice.randint(-30, 110)),
            state=dice.choice(list(ServiceState)),
            kind=dice.choice([ServiceKind.PATROL, ServiceKind.VISIT]),
            people_served=dice.randint(0, 50),
            goods=dice.randint(0, 9),
            money_fen=dice.randint(0, 900),
            persons=[(name, dice.randint(1, 960)) for name in dice.sample(["lin", "qin"], 2)],
        )
        for _ in range(60)
    ]
    with Writes.begin() as session:
        for number in made:
            session.get_one(Service, number).beneficiary = dice.choice(list(Beneficiary))
        for part in session.query(Participation).order_by(Participation.id):
            part.trust = dice.choice(list(Trust))
        session.flush()
        mend(session)


@pytest.mark.parametrize("root", [None, "s", "c1", "c2", "g4", "t"])
def test_sums__equal_the_totals(street: SmallStreet, many: None, root: str | None) -> None:
    admin = street.actors["administrator"]
    area = getattr(street.areas, root) if root else None
    totals = service.totals(admin, area_id=area, **DAYS).iloc[0]
    amounts = ["people_served", "services", "goods", "money_fen"]
    days = activity.by_day(admin, area_id=area, **DAYS)
    assert days["day"].is_monotonic_increasing
    assert days[["minutes", *amounts]].sum().to_dict() == totals[["minutes", *amounts]].to_dict()
    months = activity.months(days, **DAYS)
    assert months["month"].tolist() == [
        date(2024, 11, 1),
        date(2024, 12, 1),
        date(2025, 1, 1),
        date(2025, 2, 1),
    ]
    by_month = service.by_month(admin, area_id=area, **DAYS).set_index("month")
    for _, row in months.iterrows():
        known = by_month.loc[row["month"]] if row["month"] in by_month.index else None
        assert row["minutes"] == (known["minutes"] if known is not None else 0)
    whom = activity.by_beneficiary(admin, area_id=area, **DAYS)
    assert whom[amounts].sum().to_dict() == totals[amounts].to_dict()
    assert whom["people_served"].is_monotonic_decreasing
    below = activity.by_area_below(admin, area_id=area, **DAYS)
    assert below["minutes"].sum() == totals["minutes"]
    assert below["people_served"].sum() == totals["people_served"]


@pytest.mark.parametrize("root", [None, "s", "g1"])
def test_by_trust__equals_a_recount(street: SmallStreet, many: None, root: str | None) -> None:
    admin = street.actors["administrator"]
    area = getattr(street.areas, root) if root else None
    counting = service.records(
        admin,
        area_id=area,
        states=(ServiceState.CONFIRMED, ServiceState.RECORDED),
        limit=1000,
        **DAYS,
    ).set_index("service_id")
    parts = service.participants(admin, service_ids=tuple(int(n) for n in counting.index))
    parts["month"] = [counting.loc[n, "day"].replace(day=1) for n in parts["service_id"]]
    expected = parts.groupby(["month", "trust"])["minutes"].sum().to_dict()
    found = activity.by_trust(admin, area_id=area, **DAYS)
    assert found.set_index(["month", "trust"])["minutes"].to_dict() == expected
    order = [(month, list(Trust).index(trust)) for month, trust, _ in found.to_numpy().tolist()]
    assert order == sorted(order)


def test_by_trust__returned_and_voided__count_nowhere(street: SmallStreet) -> None:
    for state in ServiceState:
        service_given(street, street.areas.g1, day=FIRST, state=state, persons=[("lin", 60)])
    found = activity.by_trust(street.actors["administrator"], area_id=None, **DAYS)
    month = date(2024, 11, 1)
    assert found.to_numpy().tolist() == [[month, "self_reported", 60], [month, "confirmed", 60]]


def test_by_area_below__each_part_with_all_below_it_and_the_place_itself(
    street: SmallStreet,
) -> None:
    tree = street.areas
    for area, minutes in ((tree.g1, 60), (tree.g2, 30), (tree.c1, 15), (tree.s, 7)):
        service_given(street, area, day=FIRST, persons=[("lin", minutes)], people_served=1)
    admin = street.actors["administrator"]

    def below(area: int | None) -> list[list[object]]:
        rows = activity.by_area_below(admin, area_id=area, **DAYS)
        return rows[["area_id", "minutes", "people_served"]].to_numpy().tolist()

    assert below(tree.s) == [[tree.c1, 105, 3], [tree.c2, 0, 0], [0, 7, 1]]
    assert below(tree.c1) == [[tree.g1, 60, 1], [tree.g2, 30, 1], [0, 15, 1]]
    assert below(None) == [[tree.s, 112, 4], [tree.t, 0, 0]]
    assert below(tree.g1) == [[0, 60, 1]]
    assert below(tree.t) == []


def test_by_area_below__an_area_closed_since__still_counts(street: SmallStreet) -> None:
    service_given(street, street.areas.g1, day=FIRST, persons=[("lin", 60)])
    with Writes.begin() as session:
        session.get_one(Area, street.areas.g1).valid_until = date(2025, 1, 1)
    rows = activity.by_area_below(
        street.actors["administrator"], area_id=street.areas.c1, first=FIRST, last=LAST
    )
    assert rows.iloc[0][["area_id", "minutes"]].tolist() == [street.areas.g1, 60]


@pytest.mark.parametrize("who", SEES)
def test_every_query__scope_of_every_role(street: SmallStreet, who: str) -> None:
    for place, n in WEIGHTS.items():
        area = getattr(street.areas, place)
        service_given(street, area, day=FIRST, people_served=n, persons=[("lin", n)])
    actor, sum_seen = street.actors[who], sum(WEIGHTS[place] for place in SEES[who].split())
    assert activity.by_day(actor, area_id=None, **DAYS)["minutes"].sum() == sum_seen
    assert activity.by_trust(actor, area_id=None, **DAYS)["minutes"].sum() == sum_seen
    served = activity.by_beneficiary(actor, area_id=None, **DAYS)["people_served"].sum()
    assert served == (told(sum_seen) if who == "visitor" else sum_seen)
    assert activity.by_area_below(actor, area_id=None, **DAYS)["minutes"].sum() == sum_seen


def test_an_area_out_of_reach__nothing(street: SmallStreet) -> None:
    service_given(street, street.areas.g3, day=FIRST)
    actor, area = street.actors["community_secretary"], street.areas.c2
    for query in (activity.by_day, activity.by_trust, activity.by_beneficiary):
        assert query(actor, area_id=area, **DAYS).empty
    assert activity.by_area_below(actor, area_id=area, **DAYS).empty


def test_an_empty_street__empty_and_months_of_zero(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    days = activity.by_day(admin, area_id=street.areas.t, **DAYS)
    assert days.empty
    months = activity.months(days, **DAYS)
    assert (len(months), months["minutes"].sum()) == (4, 0)
    assert activity.by_trust(admin, area_id=street.areas.t, **DAYS).empty
    assert activity.by_beneficiary(admin, area_id=street.areas.t, **DAYS).empty
    assert list(
        pd.DataFrame(activity.by_area_below(admin, area_id=street.areas.t, **DAYS))
    ) == list(activity.BELOW_COLUMNS)
