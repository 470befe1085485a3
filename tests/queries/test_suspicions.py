"""Suspicious records as read: by whom, without what is voided, and the warning at recording."""

from datetime import time, timedelta

import pytest

from lib.domain.calendar import now, today
from lib.domain.suspicions import Rule
from lib.domain.vocab import PhotoMoment, ServiceState
from lib.persistence.engine import Writes
from lib.persistence.models import ImportBatch, ImportRow, Photo, Service
from lib.queries import suspicions
from lib.services.reviews import review_records
from tests.factories import SmallStreet, service_given

DAY = today()


def timed(street: SmallStreet, area_id: int, at: time, minutes: int = 120, **values) -> int:
    """A record with its time, recorded in an hour of its own."""
    number = service_given(street, area_id, persons=[("lin", minutes)], **values)
    with Writes.begin() as session:
        service = session.get_one(Service, number)
        service.starts_at = at
        service.recorded_at = now() - timedelta(hours=number % 20)
    return number


def listed(street: SmallStreet, who: str):
    return suspicions.listing(
        street.actors[who], area_id=None, first=DAY - timedelta(days=3), last=DAY
    )


def test_listing__two_places_at_once_with_names_for_the_secretary(street: SmallStreet) -> None:
    one = timed(street, street.areas.g1, time(9), place="3号楼")
    other = timed(street, street.areas.g2, time(10))
    timed(street, street.areas.g2, time(14))
    (row,) = listed(street, "community_secretary").to_dict("records")
    assert (row["rule"], row["service_ids"]) == (Rule.TWO_PLACES, (one, other))
    assert row["people"] == ("林小满",)
    assert row["values"]["times"] == ((540, 660), (600, 720))


@pytest.mark.parametrize(
    "who", ["street_staff", "grid_worker", "team_leader", "volunteer", "visitor", "neighbour"]
)
def test_listing__shown_to_nobody_else(street: SmallStreet, who: str) -> None:
    timed(street, street.areas.g1, time(9))
    timed(street, street.areas.g2, time(10))
    assert listed(street, who).empty


def test_listing__what_is_voided_shows_nothing(street: SmallStreet) -> None:
    timed(street, street.areas.g1, time(9), state=ServiceState.VOIDED)
    timed(street, street.areas.g2, time(10))
    assert listed(street, "community_secretary").empty


def test_listing__many_at_once__but_not_those_of_a_ledger(street: SmallStreet) -> None:
    who = ["lin", "zhou", "namesake", "qin", "teacher", "serving"]
    numbers = [service_given(street, street.areas.g1, persons=[(name, 60)]) for name in who]
    (row,) = listed(street, "community_secretary").to_dict("records")
    assert (row["rule"], row["service_ids"]) == (Rule.AT_ONCE, tuple(numbers))
    assert row["recorder_zh"] == "账号community_secretary"
    with Writes.begin() as session:
        batch = ImportBatch(
            kind="services",
            file_name="台账.csv",
            digest="0" * 64,
            at=now(),
            added=6,
            unchanged=0,
            refused=0,
            state="imported",
        )
        session.add(batch)
        session.flush()
        session.add_all(ImportRow(batch_id=batch.id, subject="service", row_id=n) for n in numbers)
    assert listed(street, "community_secretary").empty


def test_listing__the_same_photo_in_two_records(street: SmallStreet) -> None:
    numbers = [
        service_given(street, street.areas.g1, persons=[(who, 60)]) for who in ("lin", "zhou")
    ]
    with Writes.begin() as session:
        session.add_all(
            Photo(
                service_id=number,
                moment=next(iter(PhotoMoment)),
                width=8,
                height=8,
                blurred=0,
                sha256="a" * 64,
                likeness="0" * 16,
                digest="b" * 64,
                content=b"webp",
                added_by_id=street.actors["second"].account_id,
                added_at=now(),
            )
            for number in numbers
        )
    (row,) = listed(street, "community_secretary").to_dict("records")
    assert (row["rule"], row["service_ids"]) == (Rule.SAME_PHOTO, tuple(numbers))
    review_records(
        street.actors["community_secretary"],
        rule=Rule.SAME_PHOTO,
        service_ids=tuple(numbers),
        words="同一次活动的合影",
        request_id="same-photo",
    )
    assert listed(street, "second")["review_words"].tolist() == ["同一次活动的合影"]


def test_overlapping__told_before_saving(street: SmallStreet) -> None:
    one = timed(street, street.areas.g1, time(9), place="3号楼")
    actor = street.actors["community_secretary"]
    lin = street.people["lin"]

    def told(minutes: int, at: time | None, **values: object) -> list[str]:
        rows = suspicions.overlapping(
            actor, participants=((lin, minutes),), day=DAY, starts_at=at, **values
        )
        return rows["place"].tolist()

    assert told(60, time(10)) == ["3号楼"]
    assert told(60, time(11)) == told(60, None) == []
    assert told(60, time(10), but=one) == []
    assert told(15 * 60, time(11)) == ["3号楼"]
    assert suspicions.overlapping(
        street.actors["neighbour"], participants=((lin, 60),), day=DAY, starts_at=time(10)
    ).empty
