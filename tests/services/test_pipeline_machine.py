"""Random walks through all commands on one project: no unlisted step, nothing lost."""

import contextlib
import csv
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.persistence.engine import Reads
from lib.persistence.models import Claim, ClaimService, ClaimStep
from lib.services.claim import (
    hand_over_claim,
    release_claims,
    start_claim,
    withdraw_claim,
)
from lib.services.project import close_project, withdraw_project
from lib.services.service import Participant, record_service
from tests.factories import SmallStreet
from tests.services.pipeline import (
    claim,
    claimed,
    person,
    project,
    project_open,
    promised_before,
    request,
    taken,
)
from tests.services.written import act, entry, loaded

PEOPLE = ("lin", "zhou", "namesake", "teacher")
CAPACITY = 2


@cache
def listed() -> frozenset[tuple[str, str, str]]:
    with (Path(__file__).parents[1] / "expected_steps.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["workflow"] == "claim"]
    return frozenset((row["source"], row["action"], row["target"]) for row in rows)


class Walk(RuleBasedStateMachine):
    """Somebody clicks anything in any order; a refusal is fine, a wrong state is not."""

    street: SmallStreet

    def __init__(self) -> None:
        super().__init__()
        self.project = project_open(self.street, capacity=CAPACITY)
        self.claims: list[int] = []
        self.services: list[int] = []

    def one(self, numbers: list[int], pick: int) -> int:
        return numbers[pick % len(numbers)] if numbers else 0

    @rule(who=sampled_from(PEOPLE), wait=booleans(), days=integers(0, 3))
    def claim(self, who: str, wait: bool, days: int) -> None:
        day = today() + timedelta(days=days)
        with contextlib.suppress(Refusal):
            self.claims.append(claimed(self.street, self.project, who, on=day, wait=wait))

    @rule(pick=integers(0, 9), action=sampled_from(("start", "withdraw", "hand_over", "forget")))
    def move(self, pick: int, action: str) -> None:
        number = self.one(self.claims, pick)
        if not number:
            return
        actor, version = self.street.actors["community_secretary"], claim(number).version
        try:
            if action == "start":
                start_claim(actor, claim_id=number, version=version)
            elif action == "withdraw":
                withdraw_claim(actor, claim_id=number, version=version, reason="有事")
            elif action == "hand_over":
                to = person(self.street, PEOPLE[pick % len(PEOPLE)])
                self.claims.append(
                    hand_over_claim(
                        actor, claim_id=number, version=version, to=to, request_id=request()
                    )
                )
            else:
                promised_before(number, 1)
        except Refusal:
            pass

    @rule(pick=integers(0, 9))
    def serve(self, pick: int) -> None:
        number = self.one(self.claims, pick)
        if not number:
            return
        who = Participant(60, person_id=claim(number).person_id)
        with contextlib.suppress(Refusal):
            self.services.append(
                record_service(
                    self.street.actors["community_secretary"],
                    entry=entry(self.street.areas.g1),
                    participants=[who],
                    request_id=request(),
                    claim_id=number,
                )
            )

    @rule(pick=integers(0, 9), action=sampled_from(("confirm", "return", "void")))
    def settle(self, pick: int, action: str) -> None:
        number = self.one(self.services, pick)
        if not number:
            return
        with contextlib.suppress(Refusal):
            act(action, self.street.actors["second"], self.street, number, loaded(number).version)

    @rule()
    def release(self) -> None:
        release_claims()

    @rule(pick=integers(0, 30))
    def end(self, pick: int) -> None:
        actor, version = self.street.actors["second"], project(self.project).version
        try:
            if pick == 0:
                close_project(actor, project_id=self.project, version=version)
            elif pick == 1:
                withdraw_project(actor, project_id=self.project, version=version, reason="取消")
        except Refusal:
            pass

    @invariant()
    def history_explains_every_state(self) -> None:
        assert taken(self.project) <= CAPACITY
        with Reads() as session:
            held = session.scalars(select(Claim).filter_by(project_id=self.project)).all()
            rows = session.scalars(
                select(ClaimStep)
                .where(ClaimStep.claim_id.in_([one.id for one in held]))
                .order_by(ClaimStep.id)
            ).all()
            linked = set(session.scalars(select(ClaimService.service_id)))
        assert {one.id for one in held} == set(self.claims)
        assert set(self.services) <= linked
        at: dict[int, str] = {}
        for row in rows:
            source = row.source.value if row.source else ""
            assert source == at.get(row.claim_id, "")
            assert (source, row.action.value, row.target.value) in listed()
            at[row.claim_id] = row.target.value
        assert at == {one.id: one.state.value for one in held}


def test_walk__any_order_of_commands__only_listed_steps(street: SmallStreet) -> None:
    class Here(Walk):
        pass

    Here.street = street
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
