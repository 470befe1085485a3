"""The service menu of a unit: who adds a line, what is refused, ended and put back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.vocab import ServiceKind
from lib.queries import units
from lib.services.unit_offers import OfferEntry, add_offer, end_offer, resume_offer
from tests.factories import SmallStreet
from tests.services.pipeline import request
from tests.services.written import ROLES, everything

ADD = {
    "administrator",
    "street_committee",
    "street_staff",
    "community_secretary",
    "unit_liaison",
}
"""Who may add a line for the school, by hand: the liaison as its own."""


def entry(street: SmallStreet, **values: object) -> OfferEntry:
    made = OfferEntry(ServiceKind.TUTORING, "课后辅导教师", street.areas.c1, today(), 10)
    return replace(made, **values)


def add(street: SmallStreet, who: str = "unit_liaison", unit: str = "school", **values) -> int:
    return add_offer(
        street.actors[who],
        unit_id=street.units[unit],
        entry=entry(street, **values),
        request_id=request(),
    )


def menu(street: SmallStreet, *, ended: bool = False) -> list[str]:
    rows = units.offers(street.actors["visitor"], unit_id=street.units["school"], ended=ended)
    return rows["words"].tolist()


@pytest.mark.parametrize("who", ROLES)
def test_add__by_whoever_looks_after_the_unit(street: SmallStreet, who: str) -> None:
    if who in ADD:
        add(street, who)
        assert menu(street) == ["课后辅导教师"]
        return
    before = everything()
    with pytest.raises(NotPermitted):
        add(street, who)
    assert everything() == before


def test_add__bad_values_name_their_fields(street: SmallStreet) -> None:
    yesterday = today() - timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        add(street, words=" ", capacity=0, last_day=yesterday)
    assert [one.field for one in refused.value.problems] == ["words", "capacity", "last_day"]
    with pytest.raises(NotFound):
        add(street, "administrator", "closed")
    with pytest.raises(NotFound):
        add(street, area_id=999_999)


def test_add__the_same_request_twice__one_line(street: SmallStreet) -> None:
    asked = {"unit_id": street.units["school"], "entry": entry(street), "request_id": request()}
    actor = street.actors["unit_liaison"]
    assert add_offer(actor, **asked) == add_offer(actor, **asked)
    assert len(menu(street)) == 1


def test_end__leaves_the_menu_and_comes_back(street: SmallStreet) -> None:
    number = add(street)
    liaison = street.actors["unit_liaison"]
    end_offer(liaison, offer_id=number, version=1)
    assert (menu(street), menu(street, ended=True)) == ([], ["课后辅导教师"])
    with pytest.raises(Refusal):
        resume_offer(liaison, offer_id=number, version=1)
    with pytest.raises(NotPermitted):
        resume_offer(street.actors["neighbour"], offer_id=number, version=2)
    resume_offer(liaison, offer_id=number, version=2)
    assert menu(street) == ["课后辅导教师"]
