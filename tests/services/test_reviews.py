"""Marks on suspicious records: kept with a word, taken back, by whom and where."""

import pytest

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.suspicions import Rule
from lib.queries import suspicions
from lib.services.reviews import review_records, undo_review
from tests.factories import SmallStreet, service_given
from tests.services.pipeline import request
from tests.services.written import everything


def long_day(street: SmallStreet, area_id: int) -> tuple[int, ...]:
    """Two records that together make a day of twenty hours."""
    return tuple(service_given(street, area_id, persons=[("qin", 600)]) for _ in range(2))


def review(
    street: SmallStreet, who: str, numbers: tuple[int, ...], words: str = "已核对签到"
) -> int:
    return review_records(
        street.actors[who],
        rule=Rule.LONG_DAY,
        service_ids=numbers,
        words=words,
        request_id=request(),
    )


def listed(street: SmallStreet, who: str):
    return suspicions.listing(street.actors[who], area_id=None, first=today(), last=today())


def test_review__kept_with_its_word_and_taken_back(street: SmallStreet) -> None:
    numbers = long_day(street, street.areas.g1)
    review(street, "community_secretary", numbers)
    (row,) = listed(street, "second").to_dict("records")
    assert (row["rule"], row["service_ids"]) == (Rule.LONG_DAY, numbers)
    assert (row["review_words"], row["reviewed_by_en"]) == (
        "已核对签到",
        "Account community_secretary",
    )
    undo_review(street.actors["second"], review_id=row["review_id"], version=row["review_version"])
    (again,) = listed(street, "second").to_dict("records")
    assert again["review_id"] is None
    review(street, "second", numbers, "再核对一次")
    assert listed(street, "second")["review_words"].tolist() == ["再核对一次"]


def test_review__one_more_record_waits_to_be_looked_at_again(street: SmallStreet) -> None:
    numbers = long_day(street, street.areas.g1)
    review(street, "community_secretary", numbers)
    service_given(street, street.areas.g1, persons=[("qin", 60)])
    (row,) = listed(street, "community_secretary").to_dict("records")
    assert len(row["service_ids"]) == 3
    assert row["review_id"] is None


@pytest.mark.parametrize("who", ["street_staff", "grid_worker", "volunteer", "neighbour"])
def test_review__by_others_than_the_secretaries_there__refused(
    street: SmallStreet, who: str
) -> None:
    numbers = long_day(street, street.areas.g1)
    before = everything()
    with pytest.raises(NotPermitted):
        review(street, who, numbers)
    assert everything() == before


def test_review__without_a_word_of_no_record_or_twice__refused(street: SmallStreet) -> None:
    numbers = long_day(street, street.areas.g1)
    with pytest.raises(Invalid):
        review(street, "community_secretary", numbers, "  ")
    with pytest.raises(NotFound):
        review(street, "community_secretary", (*numbers, 999_999))
    with pytest.raises(NotFound):
        review(street, "community_secretary", ())
    number = review(street, "community_secretary", numbers)
    before = everything()
    with pytest.raises(Refusal, match="reviewed_already"):
        review(street, "second", numbers)
    assert everything() == before
    undo_review(street.actors["second"], review_id=number, version=1)
    with pytest.raises(Refusal, match="changed_meanwhile"):
        undo_review(street.actors["second"], review_id=number, version=2)
