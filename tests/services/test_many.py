"""Lists by one command: each record is judged, all are written or none, and once; both engines."""

import pytest
from sqlalchemy import func, select

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotPermitted, Refusal
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry, Claim, Need, Project, Service
from lib.services.claim import Claimant, Promise, claim_many
from lib.services.need import adopt_many, collect_many
from lib.services.service import Participant, ServiceRecord, confirm_many, record_many
from tests.factories import SmallStreet
from tests.services.pipeline import plan, state, wish
from tests.services.written import entry

N = 3


def count(model: type[Need] | type[Project] | type[Claim] | type[Service]) -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def adopted(street: SmallStreet) -> list[int]:
    recorder, decider = street.actors["community_secretary"], street.actors["second"]
    wishes = [wish(street.areas.g1) for _ in range(N)]
    needs = collect_many(recorder, entries=wishes, request_id="needs")
    assert collect_many(recorder, entries=wishes, request_id="needs") == needs
    answers = [(need, 1, plan(street.areas.g1)) for need in needs]
    projects = adopt_many(decider, answers=answers, request_id="projects")
    assert adopt_many(decider, answers=answers, request_id="projects") == projects
    return projects


def promised(street: SmallStreet, projects: list[int]) -> list[int]:
    lin = Claimant(person_id=street.people["lin"])
    return claim_many(
        street.actors["community_secretary"],
        promises=[Promise(project, lin, today()) for project in projects],
        request_id="claims",
    )


def test_many__from_needs_to_confirmed_claims__each_entered_like_a_single_one(
    street: SmallStreet,
) -> None:
    recorder, decider = street.actors["community_secretary"], street.actors["second"]
    claims = promised(street, adopted(street))
    part = (Participant(30, person_id=street.people["lin"]),)
    records = [ServiceRecord(entry(street.areas.g1), part, claim) for claim in claims]
    made = record_many(recorder, records=records, request_id="services")
    assert record_many(recorder, records=records, request_id="services") == made
    with pytest.raises(Refusal) as own:
        confirm_many(recorder, services=[(number, 1) for number in made])
    assert own.value.code == "refusal.own_service"
    confirm_many(decider, services=[(number, 1) for number in made])
    assert {state(claim) for claim in claims} == {"confirmed"}
    assert (count(Need), count(Project), count(Service)) == (N, N, N)
    with Reads() as session:
        entered = session.execute(
            select(AuditEntry.action, func.count()).group_by(AuditEntry.action)
        ).all()
    told = dict(tuple(row) for row in entered)
    assert {told[f"need.{one}"] for one in ("collect", "adopt")} == {N}
    assert {told[f"claim.{one}"] for one in ("claim", "serve", "confirm")} == {N}
    assert {told[f"service.{one}"] for one in ("record", "confirm")} == {N}


def test_many__one_is_refused__none_is_written(street: SmallStreet) -> None:
    recorder = street.actors["community_secretary"]
    with pytest.raises(Invalid):
        collect_many(
            recorder,
            entries=[wish(street.areas.g1), wish(street.areas.g1, words=" ")],
            request_id="x",
        )
    with pytest.raises(NotPermitted):
        collect_many(
            recorder, entries=[wish(street.areas.g1), wish(street.areas.g3)], request_id="x"
        )
    assert count(Need) == 0
    projects = adopted(street)
    with pytest.raises(Refusal) as full:
        promised(street, [*projects, projects[0]])
    assert full.value.code == "refusal.claim_yours"
    assert count(Claim) == 0
