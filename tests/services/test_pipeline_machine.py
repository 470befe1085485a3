"""Random walks through all commands from need to service: no unlisted step, nothing lost."""

import contextlib
import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import ColumnElement, select

from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Claim,
    ClaimService,
    ClaimStep,
    Need,
    NeedStep,
    Project,
    ProjectStep,
)
from lib.services.claim import (
    Claimant,
    claim_project,
    hand_over_claim,
    release_claims,
    start_claim,
    withdraw_claim,
)
from lib.services.need import (
    adopt_into,
    adopt_need,
    collect_need,
    decline_need,
    edit_need,
    merge_need,
)
from lib.services.project import (
    close_project,
    create_project,
    edit_project,
    publish_project,
    withdraw_project,
)
from lib.services.service import Participant, record_service
from tests.factories import SmallStreet
from tests.services.pipeline import (
    claim,
    plan,
    project,
    promised_before,
    request,
    taken,
    wish,
)
from tests.services.written import act, entry, loaded

WHO = ("lin", "zhou", "namesake", "teacher", "patrol", "school")
CAPACITY = 2
EXAMPLES, STEPS = 22, 50

picks, actors = integers(0, 9), sampled_from(("second", "community_secretary"))


@cache
def listed() -> Mapping[str, frozenset[tuple[str, str, str]]]:
    """The steps of each workflow, as somebody wrote them down."""
    found = defaultdict(set)
    with (Path(__file__).parents[1] / "expected_steps.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["workflow"]].add((row["source"], row["action"], row["target"]))
    return {workflow: frozenset(steps) for workflow, steps in found.items()}


class Walk(RuleBasedStateMachine):
    """Somebody clicks anything in any order; a refusal is fine, a wrong state is not."""

    street: SmallStreet

    def __init__(self) -> None:
        super().__init__()
        self.needs: list[int] = []
        self.projects: list[int] = []
        self.claims: list[int] = []
        self.services: list[int] = []
        self.create(publish=True)

    def one(self, numbers: list[int], pick: int) -> int:
        return numbers[pick % len(numbers)] if numbers else 0

    def actor(self, name: str) -> Actor:
        return self.street.actors[name]

    def claimant(self, who: str) -> Claimant:
        if who == "patrol":
            return Claimant(team_id=self.street.teams[who])
        if who == "school":
            return Claimant(organisation_id=self.street.units[who])
        return Claimant(person_id=self.street.people[who])

    @rule(publish=booleans())
    def create(self, publish: bool) -> None:
        self.projects.append(
            create_project(
                self.actor("second"),
                entry=plan(self.street.areas.g1, capacity=CAPACITY),
                request_id=request(),
                publish=publish,
            )
        )

    @rule()
    def collect(self) -> None:
        made = wish(self.street.areas.g1)
        self.needs.append(collect_need(self.actor("second"), entry=made, request_id=request()))

    @rule(
        pick=picks, other=picks, action=sampled_from(("adopt", "into", "merge", "decline", "edit"))
    )
    def answer(self, pick: int, other: int, action: str) -> None:
        number = self.one(self.needs, pick)
        if not number:
            return
        with Reads() as session:
            version = session.get_one(Need, number).version
        actor, values = self.actor("second"), {"need_id": number, "version": version}
        with contextlib.suppress(Refusal):
            if action == "adopt":
                made = plan(self.street.areas.g1, capacity=CAPACITY)
                self.projects.append(
                    adopt_need(actor, entry=made, request_id=request(), publish=True, **values)
                )
            elif action == "into":
                adopt_into(actor, project_id=self.one(self.projects, other), **values)
            elif action == "merge":
                merge_need(actor, into_id=self.one(self.needs, other), **values)
            elif action == "decline":
                decline_need(actor, reason="已另行解决", **values)
            else:
                made_again = wish(self.street.areas.g1, words=f"想要{other}个书包")
                edit_need(actor, entry=made_again, **values)

    @rule(
        pick=picks,
        end=integers(0, 12),
        action=sampled_from(("publish", "edit", "close", "withdraw")),
    )
    def change(self, pick: int, end: int, action: str) -> None:
        number = self.one(self.projects, pick)
        if action in ("close", "withdraw") and end:  # else soon nothing is left to claim
            return
        actor, values = self.actor("second"), {"version": project(number).version}
        with contextlib.suppress(Refusal):
            if action == "publish":
                publish_project(actor, project_id=number, **values)
            elif action == "edit":
                made = plan(self.street.areas.g1, capacity=CAPACITY, title=f"第{end}次")
                edit_project(actor, project_id=number, entry=made, **values)
            elif action == "close":
                close_project(actor, project_id=number, **values)
            else:
                withdraw_project(actor, project_id=number, reason="取消", **values)

    @rule(pick=picks, who=sampled_from(WHO), by=actors, wait=booleans(), days=integers(0, 3))
    def claim(self, pick: int, who: str, by: str, wait: bool, days: int) -> None:
        with contextlib.suppress(Refusal):
            self.claims.append(
                claim_project(
                    self.actor(by),
                    project_id=self.one(self.projects, pick),
                    claimant=self.claimant(who),
                    promised_on=today() + timedelta(days=days),
                    request_id=request(),
                    wait=wait,
                )
            )

    @rule(
        pick=picks,
        who=sampled_from(WHO),
        by=actors,
        action=sampled_from(("start", "withdraw", "hand_over", "forget")),
    )
    def move(self, pick: int, who: str, by: str, action: str) -> None:
        number = self.one(self.claims, pick)
        if not number:
            return
        actor, values = self.actor(by), {"claim_id": number, "version": claim(number).version}
        with contextlib.suppress(Refusal):
            if action == "start":
                start_claim(actor, **values)
            elif action == "withdraw":
                withdraw_claim(actor, reason="有事", **values)
            elif action == "hand_over":
                to = self.claimant(who)
                made = hand_over_claim(actor, to=to, request_id=request(), **values)
                assert claim(made).from_claim_id == number
                self.claims.append(made)
            else:
                promised_before(number, 1)

    @rule(pick=picks)
    def serve(self, pick: int) -> None:
        number = self.one(self.claims, pick)
        if not number:
            return
        held = claim(number)
        who = Participant(
            60,
            person_id=held.person_id,
            team_id=held.team_id,
            organisation_id=held.organisation_id,
        )
        with contextlib.suppress(Refusal):
            self.services.append(
                record_service(
                    self.actor("community_secretary"),
                    entry=entry(self.street.areas.g1),
                    participants=[who],
                    request_id=request(),
                    claim_id=number,
                )
            )

    @rule(pick=picks, action=sampled_from(("confirm", "return", "correct", "void")))
    def settle(self, pick: int, action: str) -> None:
        number = self.one(self.services, pick)
        if not number:
            return
        by = self.actor("community_secretary" if action == "correct" else "second")
        with contextlib.suppress(Refusal):
            act(action, by, self.street, number, loaded(number).version)

    @rule()
    def release(self) -> None:
        release_claims()

    @invariant()
    def nobody_more_than_there_are_places(self) -> None:
        assert all(taken(number) <= CAPACITY for number in self.projects)

    def teardown(self) -> None:
        """Every record is there, and its steps, all of them listed, lead to its state."""
        needs, projects, claims = map(set, (self.needs, self.projects, self.claims))
        with Reads() as session:
            linked = set(session.scalars(select(ClaimService.service_id)))
        assert set(self.services) <= linked
        assert needs == explained("need", Need, NeedStep, "need_id", needs)
        assert projects == explained("project", Project, ProjectStep, "project_id", projects)
        of_projects = Claim.project_id.in_(projects)
        assert claims == explained("claim", Claim, ClaimStep, "claim_id", claims, of_projects)


def explained(
    workflow: str,
    model: type[Need | Project | Claim],
    kept: type[NeedStep | ProjectStep | ClaimStep],
    number: str,
    numbers: set[int],
    found: ColumnElement[bool] | None = None,
) -> set[int]:
    """The records that are there; each stands where its steps led it, from the first on."""
    at: dict[int, str] = {}
    with Reads() as session:
        steps = select(kept).where(getattr(kept, number).in_(numbers)).order_by(kept.id)
        for row in session.scalars(steps):
            record, source = getattr(row, number), row.source.value if row.source else ""
            assert source == at.get(record, "")
            assert (source, row.action.value, row.target.value) in listed()[workflow]
            at[record] = row.target.value
        wanted = model.id.in_(numbers) if found is None else found
        held = session.scalars(select(model).where(wanted)).all()
    assert at == {one.id: one.state.value for one in held}
    return {one.id for one in held}


def test_walk__any_order_of_commands__only_listed_steps(street: SmallStreet) -> None:
    class Here(Walk):
        pass

    Here.street = street
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            database=None,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
