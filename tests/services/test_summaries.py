"""Summaries equal a recount, whatever was written: by hand, from files, in a changing tree."""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotPermitted, Refusal
from lib.domain.vocab import Level, ServiceKind, ServiceState, Trust
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Area, DaySummary, ImportBatch, Participation, Service
from lib.persistence.summaries import AMOUNTS, differences
from lib.queries.check import problems
from lib.services.imports import undo_import
from lib.services.installation import repair_summaries
from lib.services.service import Participant, correct_service, record_service, void_service
from lib.services.tree import close_area, move_area, reopen_area
from tests.factories import SmallStreet, service_given, square
from tests.services.test_areas import bring as bring_areas
from tests.services.test_areas import feature
from tests.services.test_imports import bring, services
from tests.services.written import act, counters, entry, together

PLACES = ("g1", "g2", "g3", "c1", "s")
_turns = itertools.count()
STEPS = ("confirm", "return", "void", "correct")


def standing() -> dict[tuple[object, ...], dict[str, int]]:
    with Reads() as session:
        return {
            (row.area_id, row.day, row.kind): {
                name: getattr(row, name) for name in AMOUNTS if getattr(row, name)
            }
            for row in session.scalars(select(DaySummary))
        }


def recounted() -> dict[tuple[object, ...], dict[str, int]]:
    """What the summaries must be, in plain Python from the services themselves."""
    found: dict[tuple[object, ...], Counter[str]] = {}
    with Reads() as session:
        work = session.scalars(select(Participation)).all()
        for one in session.scalars(select(Service)):
            if one.state not in (ServiceState.RECORDED, ServiceState.CONFIRMED):
                continue
            sums = found.setdefault((one.area_id, one.day, one.kind), Counter())
            own = [part for part in work if part.service_id == one.id]
            minutes = sum(part.minutes for part in own)
            for part in own:
                sums[part.trust.value] += part.minutes
            if one.state is ServiceState.RECORDED:
                sums.update(waiting=1, waiting_minutes=minutes)
                continue
            sums.update(services=1, minutes=minutes, participations=len(own))
            sums.update(people_served=one.people_served, goods=one.goods, money_fen=one.money_fen)
    return {key: {name: n for name, n in sums.items() if n} for key, sums in found.items()}


class Office:
    """Commands by a number each; what is refused changes nothing."""

    def __init__(self, street: SmallStreet) -> None:
        self.street, self.admin = street, street.actors["administrator"]
        self.recorder = street.actors["street_committee"]

    def do(self, command: str, number: int) -> None:
        try:
            getattr(self, command)(number)
        except (Invalid, NotPermitted, Refusal):
            return

    def place(self, number: int) -> int:
        return getattr(self.street.areas, PLACES[number % len(PLACES)])

    def record(self, number: int) -> None:
        turn = next(_turns)
        record_service(
            self.recorder,
            entry=entry(
                self.place(number),
                day=today() - timedelta(days=number % 3),
                kind=(ServiceKind.VISIT, ServiceKind.PATROL)[number % 2],
                people_served=number,
                goods=number % 4,
                money_fen=number * 100,
            ),
            participants=[
                Participant(number + 1, person_id=self.street.people["lin"]),
                Participant(30, new_name=f"新来{turn}"),
            ],
            request_id=f"proof-{turn}",
        )

    def step(self, number: int) -> None:
        with Reads() as session:
            held = session.execute(select(Service.id, Service.version).order_by(Service.id)).all()
        if held:
            service_id, version = held[number % len(held)]
            step = STEPS[number // 7 % len(STEPS)]
            actor = self.recorder if step == "correct" else self.admin
            act(step, actor, self.street, service_id, version)

    def bring(self, number: int) -> None:
        rows = [
            (str(today() - timedelta(days=n % 3)), "走访慰问", f"第{n % 2 + 1}网格", "林小满", n, n)
            for n in range(number, number + 4)
            if n
        ]
        bring(self.recorder, "services", services(*rows))

    def undo(self, number: int) -> None:
        with Reads() as session:
            batches = session.scalars(select(ImportBatch.id).order_by(ImportBatch.id)).all()
        if batches:
            undo_import(self.admin, batch_id=batches[number % len(batches)])

    def move(self, number: int) -> None:
        tree = self.street.areas
        area = self.area((tree.g1, tree.g2, tree.c1)[number % 3])
        parents = (tree.c2, tree.s, tree.t, tree.c1)
        move_area(
            self.admin, area_id=area.id, version=area.version, parent_id=parents[number // 3 % 4]
        )

    def close(self, number: int) -> None:
        area = self.area(self.place(number))
        if area.valid_until is None:
            close_area(self.admin, area_id=area.id, version=area.version, day=today())
        else:
            reopen_area(self.admin, area_id=area.id, version=area.version)

    def redraw(self, number: int) -> None:
        grid = self.area(self.place(number % 2))
        shape = square(number % 2, width=0.5 + number / 100)
        bring_areas(
            [feature(shape, name=grid.name_zh, code=grid.code)],
            level=Level.GRID,
            who=self.admin,
            parent_code=self.area(grid.parent_id).code,
        )

    def area(self, area_id: int) -> Area:
        with Reads() as session:
            return session.get_one(Area, area_id)


COMMANDS = ("record", "record", "step", "step", "step", "bring", "undo", "move", "close", "redraw")


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(st.sampled_from(COMMANDS), st.integers(0, 40)), max_size=14))
def test_summaries__after_any_commands__equal_a_recount(
    street: SmallStreet, commands: list[tuple[str, int]]
) -> None:
    """The database goes on from one list of commands to the next."""
    office = Office(street)
    for command in commands:
        office.do(*command)
    assert standing() == recounted()
    with Reads() as session:
        assert session.execute(differences()).all() == []


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_office__every_command__does_something(street: SmallStreet, command: str) -> None:
    """So that the proof above is about all of them."""
    before: Callable[[], object] = lambda: (standing(), areas_as_they_are())  # noqa: E731
    office = Office(street)
    service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    office.do("bring", 3)
    was = before()
    office.do(command, 0 if command == "close" else 4)
    assert before() != was


def areas_as_they_are() -> list[tuple[object, ...]]:
    with Reads() as session:
        return sorted(
            (row.id, row.parent_id, row.version, str(row.geometry), str(row.valid_until))
            for row in session.scalars(select(Area))
        )


@pytest.mark.parametrize(
    "harm",
    [
        "delete from day_summary",
        "update day_summary set services = services + 1, people_served = 0",
        "update day_summary set day = '2020-02-02'",
    ],
)
def test_repair__whatever_was_wrong__equals_a_recount(street: SmallStreet, harm: str) -> None:
    service_given(street, street.areas.g1, state=ServiceState.CONFIRMED)
    service_given(street, street.areas.c2, state=ServiceState.RECORDED)
    right = standing()
    with Writes.begin() as session:
        session.execute(text(harm))
    assert set(problems()["key"]) == {"check.summary"}
    repair_summaries()
    assert standing() == right == recounted()
    assert problems().empty


def test_trust__kept_apart_from_the_state(street: SmallStreet) -> None:
    """Check-in and certificates vouch for single participations, whatever the record's state."""
    number = service_given(street, street.areas.g1, persons=[("lin", 60), ("qin", 20)])
    with Writes.begin() as session:
        part = session.scalars(select(Participation).filter_by(service_id=number, minutes=20))
        part.one().trust = Trust.CERTIFIED
    repair_summaries()
    (sums,) = standing().values()
    assert (sums["minutes"], sums["confirmed"], sums["certified"]) == (80, 60, 20)


def test_together__corrections_that_cross__none_waits_in_a_ring(street: SmallStreet) -> None:
    """Half move records from one summary row to another, half the other way, all at one moment."""
    tree, secretary = street.areas, street.actors["street_committee"]
    places = (tree.g1, tree.g3)
    made = [
        service_given(
            street, places[n % 2], state=ServiceState.RETURNED, recorder="street_committee"
        )
        for n in range(12)
    ]

    def correct(n: int) -> None:
        correct_service(
            secretary,
            service_id=made[n],
            version=1,
            entry=entry(places[(n + 1) % 2], people_served=n),
            participants=[Participant(n + 1, person_id=street.people["zhou"])],
        )
        void_service(
            street.actors["administrator"], service_id=made[n], version=2, reason="重复登记"
        )
        record_service(
            secretary,
            entry=entry(places[n % 2], people_served=1),
            participants=[Participant(30, person_id=street.people["lin"])],
            request_id=f"together-{n}",
        )

    before = counters()["service", tree.s] if counters() else 0
    assert together(12, correct) == [None] * 12
    assert standing() == recounted()
    assert {sums["waiting"] for sums in standing().values()} == {6}
    assert counters()["service", tree.s] == before + 36
