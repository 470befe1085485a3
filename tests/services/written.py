"""What stands in the database after a command, and commands on service records to try."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from sqlalchemy import func, select, true

from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.domain.vocab import (
    Beneficiary,
    ServiceKind,
)
from lib.persistence.engine import Reads
from lib.persistence.models import (
    AuditEntry,
    Base,
    ChangeCounter,
    Participation,
    Service,
)
from lib.services.service import (
    Participant,
    ServiceEntry,
    confirm_service,
    correct_service,
    return_service,
    void_service,
)
from tests.factories import SmallStreet

ROLES = (
    "administrator",
    "street_committee",
    "street_staff",
    "community_secretary",
    "grid_secretary",
    "grid_worker",
    "unit_liaison",
    "team_leader",
    "volunteer",
    "auditor",
    "visitor",
)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the entries that attempts leave when they are refused."""
    tried = AuditEntry.__table__.c.refused
    with Reads() as session:
        return {
            table.name: sorted(
                (
                    tuple(row)
                    for row in session.execute(
                        select(table).where(~tried if tried.table is table else true())
                    )
                ),
                key=lambda row: str(row),
            )
            for table in Base.metadata.sorted_tables
        }


def counters() -> dict[tuple[str, int], int]:
    with Reads() as session:
        rows = session.execute(
            select(ChangeCounter.topic, ChangeCounter.street_id, ChangeCounter.n)
        )
        return {(topic.value, street): n for topic, street, n in rows}


def count(model: type[Base], **values: object) -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(model).filter_by(**values)) or 0


def loaded(service_id: int) -> Service:
    with Reads() as session:
        return session.get_one(Service, service_id)


def audits(service_id: int) -> list[AuditEntry]:
    with Reads() as session:
        return list(
            session.scalars(
                select(AuditEntry)
                .filter_by(subject_kind="service", subject_id=service_id)
                .order_by(AuditEntry.id)
            )
        )


def taking_part(service_id: int) -> list[Participation]:
    with Reads() as session:
        return list(
            session.scalars(
                select(Participation).filter_by(service_id=service_id).order_by(Participation.id)
            )
        )


def together(n: int, do: Callable[[int], object]) -> list[object]:
    """What `n` threads that begin at one moment return, or why each was refused."""
    ready = Barrier(n)

    def one(number: int) -> object:
        ready.wait()
        try:
            return do(number)
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


def entry(area_id: int, **values: object) -> ServiceEntry:
    made = ServiceEntry(
        kind=ServiceKind.VISIT,
        area_id=area_id,
        day=today(),
        people_served=3,
        beneficiary=Beneficiary.ELDER_ALONE,
    )
    return replace(made, **values)


def themselves(street: SmallStreet, role: str) -> Participant:
    """Somebody the role may record for, if it may record at all."""
    return {
        "unit_liaison": Participant(60, organisation_id=street.units["school"]),
        "volunteer": Participant(60, person_id=street.people["lin"]),
        "grid_worker": Participant(60, person_id=street.people["zhou"]),
        "team_leader": Participant(60, team_id=street.teams["patrol"]),
        "grid_secretary": Participant(60, person_id=street.people["zhou"]),
        "neighbour": Participant(60, person_id=street.people["qin"]),
    }.get(role, Participant(60, person_id=street.people["lin"]))


def act(action: str, actor: Actor, street: SmallStreet, service_id: int, version: int) -> None:
    """Take a step on a record, with a reason that says enough."""
    commands: dict[str, Callable[[], None]] = {
        "confirm": lambda: confirm_service(actor, service_id=service_id, version=version),
        "return": lambda: return_service(
            actor, service_id=service_id, version=version, reason="人数不符"
        ),
        "void": lambda: void_service(
            actor, service_id=service_id, version=version, reason="重复登记"
        ),
        "correct": lambda: correct_service(
            actor,
            service_id=service_id,
            version=version,
            entry=entry(street.areas.g1, people_served=8),
            participants=[Participant(30, person_id=street.people["zhou"])],
        ),
    }
    commands[action]()
