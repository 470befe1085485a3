"""What one recorded service costs against bare SQLAlchemy writing the same rows.

Each round records one service with twenty participations three ways, one after the other, so that
all meet the same machine: by the command, by bare ORM objects, by bare Core inserts.
"""

import itertools
import statistics
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import insert, select

from lib.domain.calendar import now, today
from lib.domain.permissions import Actor, Role
from lib.domain.vocab import (
    Beneficiary,
    Level,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Topic,
    Trust,
)
from lib.persistence.adding import add_rows
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Area,
    AuditEntry,
    Base,
    ChangeCounter,
    DaySummary,
    Participation,
    Person,
    Service,
    ServiceStep,
)
from lib.persistence.summaries import AMOUNTS
from lib.queries.sessions import actor_of
from lib.services import sessions
from lib.services.service import Participant, ServiceEntry, record_service

PARTICIPATIONS = 20
MINUTES = 60
KIND = ServiceKind.PATROL
Row = tuple[str, float, float, float]

_tables = Base.metadata.tables


class Bench:
    """One grid of the demonstration with twenty people, and three ways to record there."""

    def __init__(self) -> None:
        found = actor_of(sessions.enter_demonstration(Role.STREET_COMMITTEE, None))
        assert found is not None
        self.actor: Actor = found
        with Reads() as session:
            self.area = session.scalars(select(Area).where(Area.level == Level.GRID)).first()
            self.people = session.scalars(select(Person.id).limit(PARTICIPATIONS)).all()
        self.street = self.actor.grants[0].area_id

    def command(self) -> None:
        """As the form does."""
        record_service(
            self.actor,
            entry=ServiceEntry(
                KIND, self.area.id, today(), 30, Beneficiary.ALL_RESIDENTS, place="楼院"
            ),
            participants=[Participant(MINUTES, person_id=person) for person in self.people],
            request_id=str(uuid.uuid4()),
        )

    def orm(self) -> None:
        """Objects added to a session; summary and counter by one upsert each."""
        with Writes.begin() as session:
            service = Service(**self._service())
            session.add(service)
            session.flush()
            session.add_all(Participation(**row) for row in self._work(service.id))
            session.add(ServiceStep(**self._step(service.id)))
            session.add(AuditEntry(**self._audit(service.id)))
            session.flush()
            self._sums(session)

    def core(self) -> None:
        """One insert for each table, participations by executemany."""
        with Writes.begin() as session:
            service_id = (
                session.connection()
                .execute(insert(_tables["service"]), {**self._service(), "version": 1})
                .inserted_primary_key[0]
            )
            connection = session.connection()
            connection.execute(insert(_tables["participation"]), self._work(service_id))
            connection.execute(insert(_tables["service_step"]), self._step(service_id))
            connection.execute(insert(_tables["audit_entry"]), self._audit(service_id))
            self._sums(session)

    def _service(self) -> dict[str, object]:
        return {
            "kind": KIND,
            "area_id": self.area.id,
            "place": "楼院",
            "day": today(),
            "starts_at": None,
            "people_served": 30,
            "beneficiary": Beneficiary.ALL_RESIDENTS,
            "goods": 0,
            "money_fen": 0,
            "note": "",
            "state": ServiceState.RECORDED,
            "reason": None,
            "recorded_by_id": self.actor.account_id,
            "recorded_at": now(),
            "request_id": str(uuid.uuid4()),
        }

    def _work(self, service_id: int) -> list[dict[str, object]]:
        shared = {"service_id": service_id, "minutes": MINUTES, "trust": Trust.SELF_REPORTED}
        return [{"person_id": person, **shared} for person in self.people]

    def _step(self, service_id: int) -> dict[str, object]:
        return {
            "service_id": service_id,
            "action": ServiceAction.RECORD,
            "source": None,
            "target": ServiceState.RECORDED,
            "account_id": self.actor.account_id,
            "at": now(),
            "reason": None,
        }

    def _audit(self, service_id: int) -> dict[str, object]:
        return {
            "at": now(),
            "account_id": self.actor.account_id,
            "role": self.actor.role,
            "action": "service.record",
            "subject_kind": "service",
            "subject_id": service_id,
            "subject_label": f"{self.area.name_zh} {today().isoformat()}",
            "area_id": self.area.id,
            "refused": False,
            "changes": {},
        }

    def _sums(self, session) -> None:
        minutes = MINUTES * PARTICIPATIONS
        sums = dict.fromkeys(AMOUNTS, 0)
        sums |= {"waiting": 1, "waiting_minutes": minutes, "self_reported": minutes}
        key = {"area_id": self.area.id, "day": today(), "kind": KIND}
        add_rows(session, _tables[DaySummary.__tablename__], [{**key, **sums}])
        moved = {"topic": Topic.SERVICE, "street_id": self.street, "n": 1}
        add_rows(session, _tables[ChangeCounter.__tablename__], [moved])


def measured(rounds: int) -> Mapping[str, tuple[float, float]]:
    """Of each way the milliseconds of a quiet round (lowest decile) and of the processor's median.

    The processor's are those of this process: on PostgreSQL the server's work is not in them.
    """
    bench = Bench()
    ways: Sequence[tuple[str, Callable[[], None]]] = (
        ("command", bench.command),
        ("bare ORM", bench.orm),
        ("bare Core", bench.core),
    )
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in ways}
    for turn, (name, work) in itertools.product(range(rounds + 20), ways):
        clock, processor = time.perf_counter(), time.process_time()
        work()
        if turn >= 20:
            spent = time.perf_counter() - clock, time.process_time() - processor
            taken[name].append((spent[0] * 1000, spent[1] * 1000))
    return {
        name: (
            statistics.quantiles([wall for wall, _ in times], n=10)[0],
            statistics.median(spent for _, spent in times),
        )
        for name, times in taken.items()
    }
