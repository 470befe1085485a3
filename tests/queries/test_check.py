from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, text, update

from lib.domain.calendar import now
from lib.domain.vocab import (
    Beneficiary,
    ConfirmedBy,
    Language,
    Office,
    PostKind,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Trust,
)
from lib.persistence.engine import Writes
from lib.persistence.models import (
    Account,
    Appointment,
    Claim,
    Participation,
    Person,
    Post,
    Service,
    ServiceStep,
)
from lib.persistence.summaries import mend
from lib.queries.check import PROBLEM_COLUMNS, problems
from lib.services.service import Participant, record_service
from tests.factories import OPENED, SmallStreet, Tree, plant
from tests.services.pipeline import claimed, project_open
from tests.services.written import entry


@pytest.fixture
def tree(database: Engine) -> Tree:
    """The small street with one confirmed service of two steps, everything as it should be."""
    tree = plant()
    with Writes.begin() as session:
        person = Person(name="江小满", area_id=tree.g1, consented_on=OPENED)
        session.add(person)
        session.flush()
        for name, person_id in (("recorder", None), ("decider", None), ("server", person.id)):
            session.add(
                Account(
                    name=name,
                    display_zh=name,
                    display_en=name,
                    person_id=person_id,
                    language=Language.ZH,
                    demonstration=False,
                )
            )
            session.flush()
        service = Service(
            kind=ServiceKind.PATROL,
            area_id=tree.g1,
            day=date(2026, 3, 1),
            people_served=3,
            beneficiary=Beneficiary.ALL_RESIDENTS,
            state=ServiceState.CONFIRMED,
            recorded_by_id=1,
            recorded_at=now(),
            decided_by_id=2,
            decided_at=now(),
            confirmed_by=ConfirmedBy.SECRETARY,
            request_id="r1",
        )
        session.add(service)
        session.flush()
        session.add(
            Participation(
                service_id=service.id, person_id=person.id, minutes=60, trust=Trust.CONFIRMED
            )
        )
        state: ServiceState | None = None
        for action, target, account_id in (
            (ServiceAction.RECORD, ServiceState.RECORDED, 1),
            (ServiceAction.CONFIRM, ServiceState.CONFIRMED, 2),
        ):
            session.add(
                ServiceStep(
                    service_id=service.id,
                    action=action,
                    source=state,
                    target=target,
                    account_id=account_id,
                    at=now(),
                )
            )
            session.flush()
            state = target
        mend(session)
    return tree


def keys() -> list[str]:
    return sorted(problems()["key"])


def do(statement: str) -> None:
    with Writes.begin() as session:
        session.execute(text(statement))


def test_problems__sound_data__none(tree: Tree) -> None:
    found = problems()
    assert tuple(found.columns) == PROBLEM_COLUMNS
    assert found.empty


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ("delete from area_link where ancestor_id = 1 and descendant_id = 5", "check.link_missing"),
        ("update day_summary set people_served = people_served + 1", "check.summary"),
        ("delete from day_summary", "check.summary"),
        ("insert into area_link values (2, 5)", "check.link_extra"),
        ("update area set level = 'street' where id = 3", "check.level"),
        ("update area set valid_until = '2024-01-01' where id = 4", "check.closed_parent"),
        ("update area set geometry = '{}' where id = 5", "check.geometry_unreadable"),
        (
            'update area set geometry = \'{"type":"Polygon","coordinates":'
            "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}' where id = 5",
            "check.geometry_invalid",
        ),
        ("update area set east = east + 1 where id = 5", "check.box"),
        ("update area set west = 1 where id = 2", "check.box"),
        ("update area set label_lon = 0 where id = 5", "check.label"),
        ("insert into change_counter values ('areas', 1, -1)", "check.counter_negative"),
        ("insert into change_counter values ('areas', 99, 1)", "check.counter_area"),
        ("update participation set trust = 'self_reported'", "check.trust"),
        ("update service set state = 'recorded', confirmed_by = null", "check.state"),
        ("update account set person_id = 1 where id = 2", "check.decider"),
    ],
)
def test_problems__something_harmed__named(tree: Tree, harm: str, expected: str) -> None:
    do(harm)
    assert expected in keys()


def test_problems__history_out_of_order__named(tree: Tree) -> None:
    do(
        "insert into service_step (service_id, action, source, target, account_id, at)"
        " values (1, 'correct', 'confirmed', 'recorded', 1, '2026-03-02')"
    )
    assert keys() == ["check.state", "check.step"]


@pytest.fixture
def unguarded(database: Engine, tree: Tree) -> Iterator[Engine]:
    """A database whose append-only guards were lost, as after a careless migration."""
    sqlite = database.dialect.name == "sqlite"
    for name in (
        ("service_step_no_delete", "service_step_no_update")
        if sqlite
        else ("service_step_append_only",)
    ):
        do(f"drop trigger {name}" + ("" if sqlite else " on service_step"))
    return database


def test_problems__guard_lost_and_history_deleted__named(unguarded: Engine) -> None:
    assert set(keys()) == {"check.guard"}
    do("delete from service_step")
    assert "check.no_steps" in keys()


def test_problems__row_that_points_nowhere__named_on_sqlite(
    template, database: Engine, tree: Tree
) -> None:
    if template.kind == "postgresql":
        with pytest.raises(Exception, match="foreign key"):
            do("update post set area_id = 404")
            do("insert into post (area_id, kind) values (404, 'head')")
        return
    with database.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("insert into post (area_id, kind) values (404, 'head')")
        driver.execute("PRAGMA foreign_keys=ON")
    found = problems()
    assert found["key"].tolist() == ["check.reference"]
    assert found["subject"].tolist() == ["post"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update post set person_id = null", ["check.term"]),
        ("update appointment set ended_on = '2026-01-01'", ["check.term"]),
        ("update appointment set person_id = 2", ["check.term"]),
        ("delete from appointment", ["check.term"]),
        ("delete from post", ["check.term_without_office"]),
    ],
)
def test_problems__an_office_and_its_terms_differ(
    database: Engine, statement: str, expected: list[str]
) -> None:
    tree = plant()
    with Writes.begin() as session:
        for name in ("江小满", "江小雨"):
            session.add(Person(name=name, area_id=tree.g1, consented_on=OPENED))
        session.flush()
        session.add_all(
            [
                Post(id=1, area_id=tree.g1, kind=PostKind.HEAD, person_id=1),
                Appointment(office=Office.POST, office_id=1, area_id=tree.g1, person_id=1),
            ]
        )
    assert problems().empty
    with Writes.begin() as session:
        session.execute(text(statement))
    assert problems()["key"].tolist() == expected


def test_claims__what_its_services_do_not_bear_out(street: SmallStreet) -> None:
    kept = claimed(street, project_open(street), by="volunteer")
    service = record_service(
        street.actors["volunteer"],
        entry=entry(street.areas.g1),
        participants=[Participant(60, person_id=street.people["lin"])],
        request_id="kept",
        claim_id=kept,
    )
    forged = claimed(street, project_open(street), "zhou")
    assert problems().empty
    with Writes.begin() as session:
        session.execute(update(Claim).where(Claim.id == forged).values(state="confirmed"))
        session.execute(
            update(Participation)
            .where(Participation.service_id == service)
            .values(person_id=street.people["zhou"])
        )
    found = {(row.kind, row.id, row.key) for row in problems().itertuples()}
    assert found == {
        ("states", forged, "check.state"),
        ("claims", forged, "check.claim_state"),
        ("claims", kept, "check.claim_absent"),
    }
