"""The measures that paint the map and what needs attention, over trees of every shape."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import update

from lib.domain.calendar import today
from lib.domain.vocab import Language, ServiceState
from lib.persistence.engine import Writes
from lib.persistence.models import Area, Ground
from lib.queries import areas, ground, overview, structure
from tests.factories import SmallStreet, service_given

MARCH = {"first": date(2025, 3, 1), "last": date(2025, 3, 31)}
DAY = date(2025, 3, 15)


def by_place(street: SmallStreet, rows: pd.DataFrame) -> dict[str, dict[str, object]]:
    names = {number: name for name, number in vars(street.areas).items()}
    return {names[row["area_id"]]: row.to_dict() for _, row in rows.iterrows()}


def test_measures__every_leaf_in_the_maps_order_also_without_a_polygon(
    street: SmallStreet,
) -> None:
    service_given(street, street.areas.g4, day=DAY, persons=[("lin", 90)], people_served=5)
    service_given(street, street.areas.g4, day=DAY, state=ServiceState.RECORDED)
    service_given(street, street.areas.g1, day=DAY, state=ServiceState.VOIDED)
    admin = street.actors["administrator"]
    rows = overview.measures(admin, root_id=None, **MARCH)
    assert tuple(rows.columns) == overview.MEASURE_COLUMNS
    assert rows["area_id"].tolist() == areas.painted(admin, root_id=None)["area_id"].tolist()
    assert rows["code"].tolist() == sorted(rows["code"])
    found = by_place(street, rows)
    assert set(found) == {"g1", "g2", "g3", "g4", "t"}
    assert pd.isna(found["g4"]["lon"])
    columns = ("minutes", "people_served", "services", "waiting", "vacancies")
    assert {place: tuple(row[c] for c in columns) for place, row in found.items()} == {
        "g1": (0, 0, 0, 0, 3),
        "g2": (0, 0, 0, 0, 1),
        "g3": (0, 0, 0, 0, 1),
        "g4": (90, 5, 2, 1, 0),
        "t": (0, 0, 0, 0, 0),
    }
    assert found["g4"]["last_day"] == DAY
    assert pd.isna(found["g1"]["last_day"])


def test_measures__a_tree_whose_leaves_are_streets(street: SmallStreet) -> None:
    with Writes.begin() as session:
        session.execute(
            update(Area)
            .where(Area.id.not_in([street.areas.s, street.areas.t]))
            .values(valid_until=today() - timedelta(days=1))
        )
    service_given(street, street.areas.s, day=DAY, people_served=3)
    service_given(street, street.areas.t, day=DAY, people_served=4)
    rows = overview.measures(street.actors["administrator"], root_id=None, **MARCH)
    assert rows["level"].tolist() == ["street", "street"]
    assert rows["people_served"].tolist() == [3, 4]
    committee = overview.measures(street.actors["street_committee"], root_id=None, **MARCH)
    assert committee["people_served"].tolist() == [3]


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("administrator", "g1 g2 g3 g4 t"),
        ("street_committee", "g1 g2 g3 g4"),
        ("community_secretary", "g1 g2"),
        ("grid_secretary", "g1"),
        ("unit_liaison", "g1 g2 g3 g4"),
        ("team_leader", "g1 g2"),
        ("auditor", ""),
        ("volunteer", "g1 g2"),
        ("visitor", "g1 g2 g3 g4 t"),
        ("neighbour", "g3 g4"),
    ],
)
def test_measures__scope_of_every_role(street: SmallStreet, who: str, seen: str) -> None:
    rows = overview.measures(street.actors[who], root_id=None, **MARCH)
    assert set(by_place(street, rows)) == set(seen.split())
    assert overview.measures(street.actors["neighbour"], root_id=street.areas.c1, **MARCH).empty


def attention(
    street: SmallStreet, who: str, area_id: int | None = None, last: date = MARCH["last"]
) -> pd.DataFrame:
    actor = street.actors[who]
    rows = overview.attention(
        overview.unsettled(actor, area_id=area_id, late_before=last - timedelta(days=7)),
        structure.vacancies(actor, area_id=area_id),
        overview.measures(actor, root_id=area_id, **MARCH),
    )
    assert tuple(rows.columns) == overview.ATTENTION_COLUMNS
    return rows


def counted(rows: pd.DataFrame) -> list[tuple[str, int]]:
    return list(zip(rows["kind"], rows["n"], strict=True))


def test_attention__the_most_pressing_first(street: SmallStreet) -> None:
    g1, last = street.areas.g1, MARCH["last"]
    for days in (0, 7, 8, 9):
        service_given(street, g1, day=last - timedelta(days=days), state=ServiceState.RECORDED)
    service_given(street, g1, day=DAY, state=ServiceState.RETURNED)
    service_given(street, g1, day=DAY, state=ServiceState.VOIDED)
    rows = attention(street, "administrator")
    assert counted(rows) == [
        ("late", 2),
        ("returned", 1),
        ("head", 1),
        ("secretary", 1),
        ("uncovered", 4),
        ("waiting", 2),
        ("leader", 1),
        ("centre", 1),
        ("worker", 1),
    ]
    late, head = rows.iloc[0], rows.iloc[2]
    assert (late["status"], late["since"]) == ("overdue", date(2025, 3, 22))
    assert (head["area_zh"], head["area_code"]) == ("第2网格", "310109001001002")


def test_attention__only_what_one_may_see(street: SmallStreet) -> None:
    service_given(street, street.areas.g1, day=DAY, state=ServiceState.RETURNED)
    service_given(street, street.areas.g1, day=DAY, state=ServiceState.RECORDED)
    assert counted(attention(street, "neighbour")) == [("secretary", 1), ("uncovered", 2)]
    assert attention(street, "neighbour", street.areas.c1).empty
    alone = attention(street, "administrator", street.areas.t)
    assert counted(alone) == [("uncovered", 1)]


def test_attention__all_in_order__nothing(street: SmallStreet) -> None:
    service_given(street, street.areas.t, day=DAY)
    assert attention(street, "administrator", street.areas.t).empty


def test_picture__of_the_area_and_only_for_who_sees_any_of_it(street: SmallStreet) -> None:
    with Writes.begin() as session:
        session.add(
            Ground(
                area_id=street.areas.s,
                theme="light",
                language=Language.ZH,
                west=0,
                south=0,
                east=1,
                north=1,
                digest="0" * 64,
                picture=b"picture",
            )
        )

    def shown(who: str, root_id: int | None, theme: str = "light") -> bool:
        return (
            ground.picture(street.actors[who], root_id=root_id, theme=theme, language=Language.ZH)
            is not None
        )

    assert shown("street_committee", street.areas.s)
    assert shown("grid_secretary", street.areas.g1)
    assert shown("visitor", None)
    assert not shown("visitor", street.areas.t)
    assert not shown("visitor", None, theme="dark")
    assert not shown("neighbour", street.areas.g1)
    stranger = replace(street.actors["neighbour"], grants=())
    file = {"area_id": street.areas.s, "theme": "light", "language": Language.ZH}
    assert ground.picture_file(stranger, **file) is None
    assert ground.picture_file(street.actors["neighbour"], **file) == ("0" * 64, b"picture")
