"""Projects and claims to try commands on, made by the commands themselves."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select

from lib.domain.calendar import today
from lib.domain.claims import HOLDING
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import ServiceKind
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Claim, ClaimStep, Person, Project
from lib.services.claim import Claimant, claim_project
from lib.services.need import NeedEntry
from lib.services.project import ProjectEntry, create_project
from tests.factories import OPENED, SmallStreet, enrolled

_numbers = itertools.count(1)


def wish(area_id: int, **values: object) -> NeedEntry:
    made = NeedEntry(words="想要一个书包", kind=ServiceKind.VISIT, area_id=area_id)
    return replace(made, **values)


def plan(area_id: int, **values: object) -> ProjectEntry:
    made = ProjectEntry(
        title="送书包",
        kind=ServiceKind.VISIT,
        area_id=area_id,
        first_day=today(),
        last_day=today() + timedelta(days=10),
    )
    return replace(made, **values)


def request() -> str:
    return f"pipeline-{next(_numbers)}"


def project_open(street: SmallStreet, area_id: int | None = None, **values: object) -> int:
    """A published project of one place, in the first grid unless told otherwise."""
    return create_project(
        street.actors["community_secretary"],
        entry=plan(area_id or street.areas.g1, **values),
        request_id=request(),
        publish=True,
    )


def person(street: SmallStreet, name: str) -> Claimant:
    return Claimant(person_id=street.people[name])


def claimed(
    street: SmallStreet,
    project_id: int,
    who: str = "lin",
    *,
    by: str = "community_secretary",
    on: date | None = None,
    wait: bool = False,
) -> int:
    return claim_project(
        street.actors[by],
        project_id=project_id,
        claimant=person(street, who),
        promised_on=on or today(),
        request_id=request(),
        wait=wait,
    )


def claim(claim_id: int) -> Claim:
    with Reads() as session:
        return session.get_one(Claim, claim_id)


def project(project_id: int) -> Project:
    with Reads() as session:
        return session.get_one(Project, project_id)


def state(claim_id: int) -> str:
    return claim(claim_id).state.value


def steps(claim_id: int) -> list[str]:
    """The targets of the claim's steps, in order; their sources must join up."""
    with Reads() as session:
        rows = session.execute(
            select(ClaimStep.source, ClaimStep.target)
            .where(ClaimStep.claim_id == claim_id)
            .order_by(ClaimStep.id)
        ).all()
    assert [source for source, _ in rows] == [None, *(target for _, target in rows[:-1])]
    return [target.value for _, target in rows]


def taken(project_id: int) -> int:
    with Reads() as session:
        held = Claim.state.in_(HOLDING), Claim.project_id == project_id
        return session.scalar(select(func.count()).where(*held)) or 0


def promised_before(claim_id: int, days: int) -> None:
    """Let the promised day of a claim be so many days ago."""
    with Writes.begin() as session:
        held = session.get_one(Claim, claim_id)
        held.promised_on = today() - timedelta(days=days)
        project = session.get_one(Project, held.project_id)
        project.first_day = min(project.first_day, held.promised_on)


def volunteers(street: SmallStreet, n: int) -> list[Actor]:
    """So many volunteers of the first community, each with an account and a person."""
    with Writes.begin() as session:
        made = []
        for number in range(n):
            row = Person(
                name=f"志愿{number}",
                area_id=street.areas.g1,
                consented_on=OPENED,
                volunteer_since=OPENED,
            )
            session.add(row)
            session.flush()
            grant = Grant(Role.VOLUNTEER, street.areas.c1)
            made.append(enrolled(session, f"crowd{number}", grant, person_id=row.id))
        return made
