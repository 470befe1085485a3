"""What secretaries and figures are told of what residents said."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from lib.domain.calendar import today
from lib.domain.few import FEW
from lib.domain.vocab import ServiceState
from lib.persistence.engine import Writes
from lib.persistence.models import Service
from lib.queries import need, service
from lib.queries.service import ANSWERS_LEAST
from tests.factories import SmallStreet, service_given
from tests.services.test_need import collected
from tests.services.test_resident import code, filed

__all__ = ["code"]


def listed(street: SmallStreet, who: str) -> list[tuple[str, str, str, str]]:
    rows = need.listing(street.actors[who], area_id=street.areas.g1)
    return [(r.words, r.by_zh, r.asker, r.asker_phone) for r in rows.itertuples()]


def test_listing__needs_by_the_form_with_who_asked_masked(street: SmallStreet, code: str) -> None:
    filed(code, name="王小明", phone="13800000000")
    filed(code, words="修水龙头")
    assert listed(street, "grid_secretary") == [
        ("修水龙头", "公众需求表", "", ""),
        ("想要一个书包", "公众需求表", "王**", "138****0000"),
    ]
    assert [row[2:] for row in listed(street, "grid_worker")] == [("", ""), ("", "")]
    rows = need.listing(street.actors["grid_secretary"], area_id=street.areas.g1)
    steps = need.steps(street.actors["grid_secretary"], need_id=int(rows.iloc[0]["need_id"]))
    assert steps["by_zh"].tolist() == ["居民本人"]


def test_near__like_ones_of_the_community_and_nobody_elses(street: SmallStreet, code: str) -> None:
    filed(code)
    twin = collected(street, words="想要一个新书包")
    other = collected(street, words="楼道的灯坏了")
    secretary = street.actors["grid_secretary"]
    first = int(need.listing(secretary, area_id=street.areas.g1)["need_id"].min())
    rows = need.near(secretary, need_ids=(first, other))
    assert rows[["need_id", "other_id"]].values.tolist() == [[first, twin]]
    assert need.near(street.actors["neighbour"], need_ids=(first,)).empty
    assert need.near(secretary, need_ids=()).empty


def answered(street: SmallStreet, *grades: int) -> None:
    for grade in grades:
        number = service_given(street, street.areas.g1)
        with Writes.begin() as session:
            session.execute(update(Service).where(Service.id == number).values(satisfaction=grade))


def asked(street: SmallStreet, who: str) -> tuple[float, float | None, float | None]:
    row = service.satisfaction(
        street.actors[who],
        area_id=street.areas.s if who == "street_committee" else None,
        first=today() - timedelta(days=1),
        last=today(),
    ).iloc[0]
    return row["answers"], row["median"], row["mean"]


def test_satisfaction__visitors_are_told_from_five_answers_on(street: SmallStreet) -> None:
    assert asked(street, "street_committee") == (0, None, None)
    answered(street, *[5] * (ANSWERS_LEAST - 2), 1)
    assert asked(street, "street_committee") == (4, 5, 4)
    assert asked(street, "visitor") == (FEW, None, None)
    answered(street, 3)
    assert asked(street, "visitor") == (5, 5, pytest.approx(3.8))


def test_to_vouch__what_waits_in_the_own_grid_but_not_the_own(street: SmallStreet) -> None:
    given = {
        who: service_given(
            street,
            area,
            state=ServiceState.RECORDED,
            persons=[(who, 60)],
            recorder="grid_worker",
        )
        for area, who in (
            (street.areas.g1, "teacher"),
            (street.areas.g1, "lin"),
            (street.areas.g2, "zhou"),
        )
    }
    assert service.to_vouch(street.actors["volunteer"])["service_id"].tolist() == [given["teacher"]]
    assert service.to_vouch(street.actors["team_leader"]).empty
    assert service.to_vouch(street.actors["grid_secretary"]).empty
