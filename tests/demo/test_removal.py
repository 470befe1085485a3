import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from lib.demo.load import load_demonstration, remove_demonstration
from lib.domain.errors import Refusal
from lib.domain.permissions import Role
from lib.domain.vocab import (
    Beneficiary,
    Language,
    Level,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Topic,
    Trust,
)
from lib.persistence.engine import Reads, Writes
from lib.persistence.guards import missing_guards
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AreaLink,
    AuditEntry,
    Base,
    ChangeCounter,
    Installation,
    Participation,
    Person,
    Service,
    ServiceStep,
    Team,
    WebSession,
)
from tests.demo.conftest import AS_OF
from tests.factories import add_area

KEPT = {"audit_entry", "account", "installation", "change_counter"}
TOPICS = set(Topic) - {Topic.SETTINGS}
"""What the demonstration moves; settings are the street's own."""
MOMENT = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)


def rows_left() -> dict[str, int]:
    with Reads() as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
    return {name: n for name, n in counts.items() if n}


def test_remove__nothing_is_left_but_the_trail(demo_database: Engine) -> None:
    remove_demonstration()
    left = rows_left()
    assert left == {
        "installation": 1,
        "audit_entry": 2 * len(TOPICS),
        "change_counter": len(TOPICS),
    }
    with Reads() as session:
        installation = session.get_one(Installation, 1)
        assert (installation.demonstration, installation.started_on) == (False, AS_OF)
        assert set(session.scalars(select(ChangeCounter.n))) == {2}
        actions = set(session.scalars(select(AuditEntry.action)))
    assert actions == {"demonstration.load", "demonstration.remove"}


def test_remove__guards_stand_again(demo_database: Engine) -> None:
    with demo_database.begin() as connection:
        steps = "delete from service_step where id = (select min(id) from service_step)"
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(steps))
    remove_demonstration()
    with demo_database.connect() as connection:
        assert missing_guards(connection) == frozenset()


def test_remove__twice__refused(demo_database: Engine) -> None:
    remove_demonstration()
    with pytest.raises(Refusal) as caught:
        remove_demonstration()
    assert caught.value.code == "refusal.demonstration_absent"


@dataclass(frozen=True)
class Beside:
    """An imported street with a grid, a neighbour, and an account that recorded there."""

    grid_id: int
    person_id: int
    team_id: int
    account_id: int
    session_hash: str
    mixed_id: int
    demo_only_id: int


def _service(grid_id: int, account_id: int, *people: int) -> int:
    with Writes.begin() as session:
        service = Service(
            kind=ServiceKind.VISIT,
            area_id=grid_id,
            day=date(2026, 5, 4),
            people_served=1,
            beneficiary=Beneficiary.ELDER_ALONE,
            state=ServiceState.RECORDED,
            recorded_by_id=account_id,
            recorded_at=MOMENT,
            request_id=str(uuid.uuid4()),
        )
        session.add(service)
        session.flush()
        for person_id in people:
            session.add(
                Participation(
                    service_id=service.id,
                    person_id=person_id,
                    minutes=60,
                    trust=Trust.SELF_REPORTED,
                )
            )
        session.add(
            ServiceStep(
                service_id=service.id,
                action=ServiceAction.RECORD,
                target=ServiceState.RECORDED,
                account_id=account_id,
                at=MOMENT,
            )
        )
        return service.id


@pytest.fixture
def beside(demo_database: Engine) -> Beside:
    with Writes.begin() as session:
        street = add_area(session, Level.STREET, "310109001", "临江街道", source="file")
        grid = add_area(session, Level.GRID, "310109001001001", "临江一网格", parent=street)
        volunteer = session.scalars(
            select(Person.id).where(Person.volunteer_since.is_not(None)).limit(1)
        ).one()
        person = Person(name="临时名", area_id=grid.id, consented_on=AS_OF)
        team = Team(
            name_zh="临江巡逻队",
            initials="ljxld",
            kind=ServiceKind.PATROL,
            area_id=grid.id,
            leader_id=volunteer,
        )
        account = session.scalars(
            select(Account).where(Account.name == f"demo-{Role.STREET_COMMITTEE}")
        ).one()
        opened = WebSession(
            token_hash="0" * 64,
            account_id=account.id,
            language=Language.ZH,
            opened_at=MOMENT,
            expires_at=MOMENT,
        )
        session.add_all([person, team, opened])
        session.flush()
        numbers = (grid.id, person.id, team.id, account.id, opened.token_hash)
    mixed = _service(grid.id, account.id, volunteer, numbers[1])
    alone = _service(grid.id, account.id, volunteer)
    return Beside(*numbers, mixed, alone)


def test_remove__imported_areas_and_their_data_stay(beside: Beside) -> None:
    remove_demonstration()
    with Reads() as session:
        assert set(session.scalars(select(Area.name_zh))) == {"临江街道", "临江一网格"}
        assert session.scalar(select(func.count()).select_from(AreaLink)) == 3
        assert session.scalars(select(Person.id)).all() == [beside.person_id]
        assert session.scalars(select(Team.leader_id)).all() == [None]
        assert session.scalars(select(Service.id)).all() == [beside.mixed_id]
        assert session.scalars(select(ServiceStep.service_id)).all() == [beside.mixed_id]
        participants = session.execute(
            select(Participation.service_id, Participation.person_id)
        ).all()
    assert [tuple(p) for p in participants] == [(beside.mixed_id, beside.person_id)]


def test_remove__moves_the_counter_of_a_street_that_lost_a_service(beside: Beside) -> None:
    remove_demonstration()
    with Reads() as session:
        street_id = session.scalars(select(Area.id).where(Area.level == Level.STREET)).one()
        moved = session.execute(
            select(ChangeCounter.topic, ChangeCounter.n).where(ChangeCounter.street_id == street_id)
        ).all()
    assert [tuple(m) for m in moved] == [(Topic.SERVICE, 1)]


def test_remove__an_account_that_a_record_names_stays_closed(beside: Beside) -> None:
    remove_demonstration()
    with Reads() as session:
        account = session.scalars(select(Account)).one()
        assert account.id == beside.account_id
        assert account.closed_on is not None
        assert account.name == f"removed-{beside.account_id}"
        assert session.scalars(select(AccountGrant.id)).all() == []
        assert session.scalars(select(WebSession.token_hash)).all() == []


def test_remove__then_load_again__works(beside: Beside) -> None:
    remove_demonstration()
    load_demonstration(as_of=AS_OF)
    assert rows_left().keys() >= KEPT | {"service", "ground"}
    with Reads() as session:
        fresh = session.scalars(
            select(Account.id).where(Account.name == f"demo-{Role.STREET_COMMITTEE}")
        ).one()
        levels = dict(
            session.execute(
                select(Area.level, func.count())
                .where(Area.source == "demonstration")
                .group_by(Area.level)
            )
            .tuples()
            .all()
        )
    assert fresh != beside.account_id
    assert levels[Level.STREET] == 1


def test_remove__people_who_left_their_own_records_behind(demo_database: Engine) -> None:
    """What a visitor did in the trail keeps the account's number, not its entrance."""
    with Writes.begin() as session:
        account = session.scalars(
            select(Account).where(Account.name == f"demo-{Role.VOLUNTEER}")
        ).one()
        number = account.id
        session.add(
            AuditEntry(
                at=MOMENT,
                account_id=number,
                role=Role.VOLUNTEER,
                action="service.record",
                subject_kind="service",
                changes={},
            )
        )
    remove_demonstration()
    with Reads() as session:
        kept = session.scalars(select(Account)).one()
    assert (kept.id, kept.person_id) == (number, None)
    assert kept.closed_on
