"""Recording a service: who may, for whom, and what is written or not."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.vocab import (
    ServiceState,
    Trust,
)
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Area,
    AuditEntry,
    Participation,
    Person,
    Service,
    ServiceStep,
)
from lib.services.service import (
    Participant,
    record_service,
)
from tests.factories import SmallStreet
from tests.services.written import (
    ROLES,
    audits,
    count,
    counters,
    entry,
    everything,
    loaded,
    taking_part,
    themselves,
    together,
)

RECORDS_AT = {
    "administrator": "g1 g2 g3 g4 c1 s t",
    "street_committee": "g1 g2 g3 g4 c1 s",
    "street_staff": "g1 g2 g3 g4 c1 s",
    "community_secretary": "g1 g2 c1",
    "grid_secretary": "g1",
    "grid_worker": "g1",
    "unit_liaison": "g1 g2 g3 g4 c1 s",
    "team_leader": "g1 g2 c1",
    "volunteer": "g1 g2 c1",
    "auditor": "",
    "visitor": "",
}
"""Where each role may record, by hand: each within its own area."""


@pytest.mark.parametrize("role", ROLES)
def test_record__every_role_and_area(street: SmallStreet, role: str) -> None:
    for place in ("g1", "g2", "g3", "g4", "c1", "s", "t"):
        before = everything()

        def record(place: str = place) -> int:
            return record_service(
                street.actors[role],
                entry=entry(getattr(street.areas, place)),
                participants=[themselves(street, role)],
                request_id=f"{role}-{place}",
            )

        if place in RECORDS_AT[role].split():
            assert loaded(record()).state is ServiceState.RECORDED
        else:
            with pytest.raises(NotPermitted):
                record()
            assert everything() == before


def test_record__what_is_written(street: SmallStreet) -> None:
    secretary = street.actors["community_secretary"]
    number = record_service(
        secretary,
        entry=entry(
            street.areas.g1, place=" 3号 楼院 ", note="一行\n二行", goods=2, money_fen=5050
        ),
        participants=[
            Participant(60, person_id=street.people["lin"]),
            Participant(90, team_id=street.teams["patrol"]),
            Participant(1, organisation_id=street.units["school"]),
            Participant(960, new_name="新来的"),
        ],
        request_id="once",
    )
    service = loaded(number)
    assert (service.place, service.note, service.goods, service.money_fen) == (
        "3号 楼院",
        "一行\n二行",
        2,
        5050,
    )
    assert (service.recorded_by_id, service.decided_by_id) == (secretary.account_id, None)
    parts = taking_part(number)
    assert [part.minutes for part in parts] == [60, 90, 1, 960]
    assert {part.trust for part in parts} == {Trust.SELF_REPORTED}
    with Reads() as session:
        person = session.get_one(Person, parts[3].person_id)
        registered = session.scalars(select(AuditEntry).filter_by(action="person.register")).one()
    assert (person.name, person.area_id, person.consented_on, person.volunteer_since) == (
        "新来的",
        street.areas.g1,
        today(),
        today(),
    )
    assert (registered.changes, registered.subject_label) == ({"name": None}, "")
    (audit,) = audits(number)
    assert (audit.action, audit.role.value) == ("service.record", "community_secretary")
    assert counters() == {("people", street.areas.s): 1, ("service", street.areas.s): 1}


@pytest.mark.parametrize(
    ("role", "who", "refused"),
    [
        ("volunteer", ("person_id", "people", "zhou"), "refusal.only_yourself"),
        ("volunteer", ("team_id", "teams", "patrol"), "refusal.only_yourself"),
        ("volunteer", ("new_name", None, "新来的"), "refusal.only_yourself"),
        ("unit_liaison", ("person_id", "people", "lin"), "refusal.not_permitted"),
        ("unit_liaison", ("organisation_id", "units", "clinic"), "refusal.not_permitted"),
        ("unit_liaison", ("team_id", "teams", "patrol"), "refusal.not_permitted"),
        ("unit_liaison", ("new_name", None, "新来的"), "refusal.not_permitted"),
        ("unit_liaison", ("person_id", "people", "teacher"), None),
        ("grid_secretary", ("person_id", "people", "namesake"), "refusal.not_permitted"),
        ("community_secretary", ("person_id", "people", "namesake"), None),
        ("community_secretary", ("person_id", "people", "qin"), "refusal.not_permitted"),
        ("community_secretary", ("team_id", "teams", "visitors"), "refusal.not_permitted"),
        ("community_secretary", ("organisation_id", "units", "clinic"), "refusal.not_permitted"),
        ("street_committee", ("person_id", "people", "qin"), None),
        ("administrator", ("person_id", None, 404), "refusal.not_permitted"),
    ],
)
def test_record__for_whom(
    street: SmallStreet, role: str, who: tuple[str, str | None, object], refused: str | None
) -> None:
    field, table, name = who
    value = getattr(street, table)[name] if table else name
    before = everything()

    def record() -> int:
        return record_service(
            street.actors[role],
            entry=entry(street.areas.g1),
            participants=[themselves(street, role), Participant(60, **{field: value})],
            request_id="once",
        )

    if refused is None:
        assert len(taking_part(record())) == 2
        return
    with pytest.raises(Refusal) as caught:
        record()
    assert caught.value.code == refused
    assert everything() == before


BAD = [
    ({"day": today() + timedelta(days=1)}, [60], [("day", "problem.future_day")]),
    ({"day": date(1999, 1, 1)}, [60], [("day", "problem.too_old")]),
    ({"people_served": -1}, [60], [("people_served", "problem.out_of_range")]),
    ({"people_served": 100_001}, [60], [("people_served", "problem.out_of_range")]),
    ({"goods": 10**30}, [60], [("goods", "problem.out_of_range")]),
    ({"money_fen": -1}, [60], [("money", "problem.out_of_range")]),
    ({"place": "长" * 10_000}, [60], [("place", "problem.too_long")]),
    ({"note": "长" * 10_000}, [60], [("note", "problem.too_long")]),
    ({}, [0], [("minutes", "problem.out_of_range")]),
    ({}, [-60], [("minutes", "problem.out_of_range")]),
    ({}, [961], [("minutes", "problem.out_of_range")]),
    ({}, [10**30], [("minutes", "problem.out_of_range")]),
    ({}, [], [("participants", "problem.nobody")]),
    ({}, [60, 90], [("participants", "problem.repeated")]),
    (
        {"day": date.max, "people_served": -1},
        [],
        [
            ("day", "problem.future_day"),
            ("people_served", "problem.out_of_range"),
            ("participants", "problem.nobody"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "minutes", "expected"), BAD)
def test_record__bad_input__every_problem_named_nothing_written(
    street: SmallStreet,
    values: dict[str, object],
    minutes: list[int],
    expected: list[tuple[str, str]],
) -> None:
    before = everything()
    with pytest.raises(Invalid) as caught:
        record_service(
            street.actors["community_secretary"],
            entry=entry(street.areas.g1, **values),
            participants=[Participant(n, person_id=street.people["lin"]) for n in minutes],
            request_id="once",
        )
    assert [(p.field, p.code) for p in caught.value.problems] == expected
    assert everything() == before


@pytest.mark.parametrize(
    "name",
    ["", " \t　", "\u200b", "长" * 61, "长" * 10_000],
    ids=["none", "blank", "mark", "long", "endless"],
)
def test_record__new_volunteer_without_a_name__refused(street: SmallStreet, name: str) -> None:
    before = everything()
    with pytest.raises(Invalid) as caught:
        record_service(
            street.actors["community_secretary"],
            entry=entry(street.areas.g1),
            participants=[Participant(60, new_name=name)],
            request_id="once",
        )
    assert [(p.field, p.code) for p in caught.value.problems] == [
        ("participants", "problem.bad_name")
    ]
    assert everything() == before


def test_record__new_volunteer_twice__said_whatever_the_spaces(street: SmallStreet) -> None:
    with pytest.raises(Invalid) as caught:
        record_service(
            street.actors["community_secretary"],
            entry=entry(street.areas.g1),
            participants=[Participant(60, new_name="王 小"), Participant(60, new_name=" 王  小")],
            request_id="once",
        )
    assert [p.code for p in caught.value.problems] == ["problem.repeated"]


@pytest.mark.parametrize(
    "text", ["<b>粗</b>&amp;", "'; drop table service; --", "👩‍👧‍👦🏳️‍🌈", "𠮷祥里䶮", "%s {0} \\n"]
)
def test_record__strange_text__kept_as_it_is(street: SmallStreet, text: str) -> None:
    number = record_service(
        street.actors["community_secretary"],
        entry=entry(street.areas.g1, place=text, note=text),
        participants=[Participant(60, new_name=text)],
        request_id="once",
    )
    with Reads() as session:
        person = session.get_one(Person, taking_part(number)[0].person_id)
    assert (loaded(number).place, loaded(number).note, person.name) == (text, text, text)


def test_record__area_not_there__refused(street: SmallStreet) -> None:
    with pytest.raises(NotFound):
        record_service(
            street.actors["administrator"],
            entry=entry(404),
            participants=[Participant(60, person_id=street.people["lin"])],
            request_id="once",
        )


def test_record__sent_eight_times_at_once__written_once(street: SmallStreet) -> None:
    answers = together(
        8,
        lambda _: record_service(
            street.actors["community_secretary"],
            entry=entry(street.areas.g1),
            participants=[Participant(60, new_name="新来的")],
            request_id="once",
        ),
    )
    assert len(set(answers)) == 1
    assert loaded(int(str(answers[0]))).people_served == 3
    assert (count(Service), count(ServiceStep), count(Participation)) == (1, 1, 1)
    assert (count(AuditEntry), count(Person, name="新来的")) == (2, 1)
    assert counters() == {("people", street.areas.s): 1, ("service", street.areas.s): 1}


def test_record__many_writers__none_lost(street: SmallStreet) -> None:
    def write(number: int) -> None:
        for n in range(5):
            record_service(
                street.actors["administrator"],
                entry=entry(street.areas.g1),
                participants=[Participant(60, person_id=street.people["lin"])],
                request_id=f"{number}-{n}",
            )

    assert together(8, write) == [None] * 8
    assert (count(Service), count(Participation), count(AuditEntry)) == (40, 40, 40)
    assert counters() == {("service", street.areas.s): 40}


def test_record__area_closed_before_the_day__refused(street: SmallStreet) -> None:
    with Writes.begin() as session:
        area = session.get_one(Area, street.areas.g1)
        area.valid_until = today() - timedelta(days=3)
    with pytest.raises(Invalid) as caught:
        record_service(
            street.actors["administrator"],
            entry=entry(street.areas.g1, day=today() - timedelta(days=2)),
            participants=[Participant(30, person_id=street.people["lin"])],
            request_id="late",
        )
    assert [p.code for p in caught.value.problems] == ["problem.area_closed"]
    record_service(
        street.actors["administrator"],
        entry=entry(street.areas.g1, day=today() - timedelta(days=3)),
        participants=[Participant(30, person_id=street.people["lin"])],
        request_id="in time",
    )
    assert count(Service) == 1
