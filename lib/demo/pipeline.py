"""Needs, projects and claims around the services that were drawn, and some that are still open.

What was served and confirmed is told backwards from a service that is there, so that everything
fits: its claimant took part in it, and somebody else confirmed it.
"""

import uuid
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from lib.demo.accounts import Accounts, Stage
from lib.demo.history import LAST_MOMENT
from lib.demo.names import demonstration_names
from lib.demo.people import Member
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.domain.calendar import STREET_TIME
from lib.domain.permissions import Role
from lib.domain.public_codes import CODE_BYTES
from lib.domain.retention import ASKING_TEXT
from lib.domain.vocab import (
    Beneficiary,
    Bringing,
    ClaimAction,
    ClaimState,
    CodeFor,
    ConfirmedBy,
    Entry,
    NeedAction,
    NeedSource,
    NeedState,
    ProjectAction,
    ProjectState,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Skill,
    Urgency,
)
from lib.persistence.models import (
    Claim,
    ClaimService,
    ClaimStep,
    Need,
    NeedFiling,
    NeedStep,
    Participation,
    Project,
    ProjectSkill,
    ProjectStep,
    PublicCode,
    Service,
    ServiceStep,
)

SERVED = {ServiceState.CONFIRMED: 90, ServiceState.RECORDED: 6, ServiceState.RETURNED: 3}
"""So many services of each state are told as the end of a claim."""

SINCE_DAYS = 150
OPEN_NEEDS, DECLINED, OPEN_PROJECTS, DRAFTS = 36, 9, 44, 4
ANSWERED, CONTENT = 0.6, 4
_WORDS = {
    True: ("", "谢谢你们", "来得很及时", "办得很好"),
    False: ("", "时间短了些", "希望早点来"),
}
"""What people say who are content, and who are less so."""
FILED_AS, FILED_FROM = "居民某", "555-0100"
PROMISED = (2, 0)
"""The claims of the volunteer who is entered: so many days ahead; the last one is begun."""

_C, _A = ClaimState, ClaimAction
_FOLLOWS = {
    ServiceAction.RECORD: (_A.SERVE, _C.SERVED),
    ServiceAction.CORRECT: (_A.SERVE, _C.SERVED),
    ServiceAction.RETURN: (_A.RETURN, _C.RETURNED),
    ServiceAction.CONFIRM: (_A.CONFIRM, _C.CONFIRMED),
}
_ANSWERS = {
    NeedState.ADOPTED: NeedAction.ADOPT,
    NeedState.MERGED: NeedAction.MERGE,
    NeedState.DECLINED: NeedAction.DECLINE,
}
_ENDED = {
    _C.LAPSED: (_A.LAPSE, None),
    _C.WITHDRAWN: (_A.WITHDRAW, "临时出差，退出名额"),
}

Claimant = tuple[str, int]
"""The column of a claim that names its claimant, and the number there."""

_NOBODY: dict[str, int | None] = dict.fromkeys(("person_id", "team_id", "organisation_id"))

Taken = tuple[ClaimAction, ClaimState, datetime, int | None, str | None]
"""A step of a claim: action, target, moment, account and reason."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wished for in a grid, as the words and the project that answers it."""

    kind: ServiceKind
    grid: int
    words: str
    title: str
    beneficiary: Beneficiary


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The course of needs, projects and claims in the making."""

    rows: Rows
    territory: Territory
    volunteers: Sequence[Member]
    accounts: Accounts
    stage: Stage
    as_of: date
    rng: Random

    def add(self) -> None:
        """Add what was served, what can be claimed, and what waits for an answer."""
        courses: defaultdict[object, list[dict[str, Any]]] = defaultdict(list)
        for step in self.rows.tables[ServiceStep.__tablename__]:
            courses[step["service_id"]].append(step)
        served = self._served()
        self._answered([service for service, _ in served], courses)
        for service, person_id in served:
            self.kept(service, ("person_id", person_id), courses[service["id"]])
        for n in range(OPEN_PROJECTS):
            self._open(self.wish(self.stage.grid if n < len(PROMISED) else None), n)
        for n in range(DRAFTS):
            made = self.at(self.as_of - timedelta(days=1 + n))
            self.project(self.wish(), made, ProjectState.DRAFT, 1, 10)
        for n in range(OPEN_NEEDS + DECLINED):
            self._unanswered(self.wish(), declined=n >= OPEN_NEEDS)
        self._codes()
        for words, title, beneficiary, kind, skills in demonstration_names().rare:
            grid = self.rng.randrange(len(self.territory.grid_ids))
            wish = Wish(ServiceKind(kind), grid, words, title, Beneficiary(beneficiary))
            self._rare(wish, skills)

    def kinds(self) -> set[str]:
        """The kinds of service that are wished for."""
        return set(demonstration_names().needs)

    def wish(self, grid: int | None = None, kind: str | None = None) -> Wish:
        """Something wished for, somewhere or in a grid of the town."""
        needs = demonstration_names().needs
        kind = kind or self.rng.choice(sorted(needs))
        words, title, beneficiary = self.rng.choice(needs[kind])
        grid = self.rng.randrange(len(self.territory.grid_ids)) if grid is None else grid
        return Wish(ServiceKind(kind), grid, words, title, Beneficiary(beneficiary))

    def _served(self) -> list[tuple[dict[str, Any], int]]:
        """Services of grids with somebody who took part, as many of each state as are told."""
        who: defaultdict[object, list[int]] = defaultdict(list)
        for part in self.rows.tables[Participation.__tablename__]:
            if part["person_id"] is not None:
                who[part["service_id"]].append(int(str(part["person_id"])))
        kinds, grids = set(demonstration_names().needs), set(self.territory.grid_ids)
        first = self.as_of - timedelta(days=SINCE_DAYS)
        fitting: defaultdict[object, list[dict[str, Any]]] = defaultdict(list)
        for service in self.rows.tables[Service.__tablename__]:
            row: dict[str, Any] = service
            here = row["kind"] in kinds and row["area_id"] in grids
            if here and row["id"] in who and row["day"] >= first:
                fitting[row["state"]].append(row)
        chosen = [
            row
            for state, n in SERVED.items()
            for row in self.rng.sample(fitting[state], min(n, len(fitting[state])))
        ]
        return [(row, who[row["id"]][0]) for row in chosen]

    def _answered(
        self, served: Sequence[dict[str, Any]], courses: Mapping[object, Sequence[dict[str, Any]]]
    ) -> None:
        """Some were confirmed by the person served, who says how content they are."""
        rng = Random(f"answered {self.as_of}")
        for service in served:
            if service["state"] is not ServiceState.CONFIRMED or rng.random() > ANSWERED:
                continue
            by = rng.choice((ConfirmedBy.RESIDENT_LINK, ConfirmedBy.ON_BEHALF_BY_PHONE))
            grade = rng.choices(range(1, 6), (1, 1, 3, 8, 12))[0]
            service["confirmed_by"], service["satisfaction"] = by, grade
            service["satisfaction_word"] = rng.choice(_WORDS[grade >= CONTENT])
            if by is ConfirmedBy.RESIDENT_LINK:
                service["decided_by_id"] = courses[service["id"]][-1]["account_id"] = None

    def kept(
        self, service: dict[str, Any], claimant: Claimant, course: Sequence[dict[str, Any]]
    ) -> None:
        """A need, its project and the claim that a service kept."""
        grid = self.territory.grid_ids.index(service["area_id"])
        wish = self.wish(grid, str(service["kind"]))
        collected = self.at(service["day"] - timedelta(days=self.rng.randint(8, 30)))
        adopted = self.after(collected, 1, 4)
        done = course[-1]["at"] if service["state"] is ServiceState.CONFIRMED else None
        state = ProjectState.PUBLISHED if done is None else ProjectState.CLOSED
        project_id = self.project(wish, adopted, state, 1, 30, done)
        self.need(wish, collected, NeedState.ADOPTED, adopted, project_id)
        began = datetime.combine(service["day"], service["starts_at"] or time(9), STREET_TIME)
        claimed = min(self.after(adopted, 0, 2), began - timedelta(hours=1))
        steps: list[Taken] = [
            (_A.CLAIM, _C.ACTIVE, claimed, service["recorded_by_id"], None),
            (_A.START, _C.IN_SERVICE, began, service["recorded_by_id"], None),
        ]
        for step in course:
            action, target = _FOLLOWS[step["action"]]
            steps.append((action, target, step["at"], step["account_id"], None))
        claim_id = self.claim(project_id, claimant, service["day"], steps)
        self.rows.link(ClaimService, service_id=service["id"], claim_id=claim_id)

    def _open(self, wish: Wish, n: int) -> None:
        """A project in the library, with claims on it or none yet."""
        rng = self.rng
        collected = self.at(self.as_of - timedelta(days=rng.randint(4, 20)))
        adopted = self.after(collected, 1, 3)
        capacity = rng.choice((1, 1, 2, 3, 5))
        project_id = self.project(wish, adopted, ProjectState.PUBLISHED, capacity, 40)
        self.need(wish, collected, NeedState.ADOPTED, adopted, project_id)
        if n < len(PROMISED):
            own = self.accounts.roles[Role.VOLUNTEER]
            state = _C.ACTIVE if PROMISED[n] else _C.IN_SERVICE
            self._promised(
                project_id, self.stage.volunteer.person_id, own, PROMISED[n], adopted, state
            )
            return
        community = self.territory.town.grids[wish.grid].community
        near = [
            m
            for m in self.volunteers
            if self.territory.town.grids[m.grid].community == community
            and m.person_id != self.stage.volunteer.person_id
        ]
        states = [_C.ACTIVE] * rng.randint(0, capacity) + rng.choices(
            (_C.LAPSED, _C.WITHDRAWN), k=rng.randint(0, 1)
        )
        people = rng.sample(near, min(len(near), len(states)))
        account = self.accounts.recorders[community]
        for member, state in zip(people, states, strict=False):
            ahead = -rng.randint(1, 2) if state is _C.LAPSED else rng.randint(2, 12)
            self._promised(project_id, member.person_id, account, ahead, adopted, state)

    def _rare(self, wish: Wish, skills: Sequence[str]) -> None:
        """A project with many places and skills that few have at once."""
        collected = self.at(self.as_of - timedelta(days=self.rng.randint(4, 12)))
        adopted, places = self.after(collected, 1, 3), self.rng.randint(3, 7)
        project_id = self.project(wish, adopted, ProjectState.PUBLISHED, places, 40)
        self.need(wish, collected, NeedState.ADOPTED, adopted, project_id)
        for skill in skills:
            self.rows.link(ProjectSkill, project_id=project_id, skill=Skill(skill))

    def _promised(
        self,
        project_id: int,
        person_id: int,
        account: int,
        ahead: int,
        adopted: datetime,
        state: ClaimState,
    ) -> None:
        claimed = self.after(adopted, 0, 1)
        later = self.after(claimed, 0, 1)
        steps: list[Taken] = [(_A.CLAIM, _C.ACTIVE, claimed, account, None)]
        if state is _C.IN_SERVICE:
            steps.append((_A.START, state, later, account, None))
        elif state in _ENDED:
            action, reason = _ENDED[state]
            by = None if action is _A.LAPSE else account
            steps.append((action, state, later, by, reason))
        self.claim(project_id, ("person_id", person_id), self.as_of + timedelta(days=ahead), steps)

    def _unanswered(self, wish: Wish, *, declined: bool) -> None:
        collected = self.at(self.as_of - timedelta(days=self.rng.randint(0, 9)))
        if declined:
            answered = self.after(collected, 1, 3)
            self.need(wish, collected, NeedState.DECLINED, answered, None)
        else:
            self.need(wish, collected, NeedState.COLLECTED, None, None)

    def need(
        self,
        wish: Wish,
        collected: datetime,
        state: NeedState,
        answered: datetime | None,
        project_id: int | None,
        into_id: int | None = None,
    ) -> int:
        """Add a need with its steps; `into_id` is the one that it was merged into."""
        rng, community = self.rng, self.territory.town.grids[wish.grid].community
        recorder, decider = self.accounts.recorders[community], self.accounts.deciders[community]
        reason = "已由相关部门办理，并告知居民" if state is NeedState.DECLINED else None
        source = rng.choice(list(NeedSource))
        filed = source is NeedSource.RESIDENT
        by = None if filed else recorder
        need_id = self.rows.add(
            Need,
            area_id=self.territory.grid_ids[wish.grid],
            kind=wish.kind,
            beneficiary=wish.beneficiary,
            words=wish.words,
            place="",
            wished_on=None,
            urgency=rng.choices(list(Urgency), (7, 2, 1))[0],
            micro_wish=wish.kind is ServiceKind.VISIT,
            source=source,
            state=state,
            reason=reason,
            project_id=project_id,
            merged_into_id=into_id,
            collected_by_id=by,
            collected_at=collected,
            request_id=self._request(),
            version=1 if answered is None else 2,
        )
        if filed:
            self._filed(need_id, collected)
        collect = (NeedAction.COLLECT, None, NeedState.COLLECTED, by, collected, None)
        self._step(NeedStep, "need_id", need_id, *collect)
        if answered is not None:
            answer = (_ANSWERS[state], NeedState.COLLECTED, state, decider, answered, reason)
            self._step(NeedStep, "need_id", need_id, *answer)
        return need_id

    def _filed(self, need_id: int, at: datetime) -> None:
        """What came with a need by the public form; every other one stays anonymous."""
        known = need_id % 2 == 0
        self.rows.link(
            NeedFiling,
            need_id=need_id,
            name=FILED_AS if known else "",
            phone=FILED_FROM if known else "",
            text_version=ASKING_TEXT,
            filed_at=at,
        )

    def _codes(self) -> None:
        """A code on paper for every grid's form."""
        for number, community in zip(
            self.territory.grid_ids,
            (grid.community for grid in self.territory.town.grids),
            strict=True,
        ):
            bits = self.rng.getrandbits(8 * CODE_BYTES).to_bytes(CODE_BYTES)
            self.rows.add(
                PublicCode,
                purpose=CodeFor.NEED,
                area_id=number,
                project_id=None,
                code=urlsafe_b64encode(bits).decode().rstrip("="),
                made_at=self.at(self.as_of - timedelta(days=SINCE_DAYS)),
                made_by_id=self.accounts.deciders[community],
            )

    def project(
        self,
        wish: Wish,
        made: datetime,
        state: ProjectState,
        capacity: int,
        days: int,
        closed: datetime | None = None,
        *,
        collective: bool = False,
    ) -> int:
        """Add a project with its steps."""
        draft, published = ProjectState.DRAFT, ProjectState.PUBLISHED
        decider = self.accounts.deciders[self.territory.town.grids[wish.grid].community]
        project_id = self.rows.add(
            Project,
            area_id=self.territory.grid_ids[wish.grid],
            kind=wish.kind,
            beneficiary=wish.beneficiary,
            title=wish.title,
            words=wish.words,
            place="",
            entry=Entry.FAMILY if wish.kind is ServiceKind.VISIT else Entry.COURTYARD,
            brings=Bringing.WARMTH if wish.kind is ServiceKind.VISIT else Bringing.SERVICE,
            collective=collective,
            capacity=capacity,
            opens_on=None,
            first_day=made.date(),
            last_day=made.date() + timedelta(days=days),
            starts_at=None,
            ends_at=None,
            state=state,
            reason=None,
            created_by_id=decider,
            created_at=made,
            published_at=None if state is draft else made,
            request_id=self._request(),
            version=1 if state is draft else 2 if closed is None else 3,
        )
        create = (ProjectAction.CREATE, None, draft, decider, made, None)
        self._step(ProjectStep, "project_id", project_id, *create)
        if state is not draft:
            publish = (ProjectAction.PUBLISH, draft, published, decider, made, None)
            self._step(ProjectStep, "project_id", project_id, *publish)
        if closed is not None:
            close = (ProjectAction.CLOSE, published, state, decider, closed, None)
            self._step(ProjectStep, "project_id", project_id, *close)
        return project_id

    def claim(
        self,
        project_id: int,
        claimant: Claimant,
        promised_on: date,
        steps: Sequence[Taken],
        from_claim_id: int | None = None,
    ) -> int:
        """Add a claim with its steps; the last one is its state."""
        claim_id = self.rows.add(
            Claim,
            project_id=project_id,
            **_NOBODY | {claimant[0]: claimant[1]},
            promised_on=promised_on,
            state=steps[-1][1],
            reason=steps[-1][4],
            from_claim_id=from_claim_id,
            claimed_by_id=steps[0][3],
            claimed_at=steps[0][2],
            request_id=self._request(),
            version=len(steps),
        )
        source: ClaimState | None = None
        for action, target, at, account, reason in steps:
            self._step(ClaimStep, "claim_id", claim_id, action, source, target, account, at, reason)
            source = target
        return claim_id

    def _step(
        self,
        model: type[NeedStep] | type[ProjectStep] | type[ClaimStep],
        of: str,
        number: int,
        action: object,
        source: object,
        target: object,
        account: int | None,
        at: datetime,
        reason: str | None,
    ) -> None:
        values = {"action": action, "source": source, "target": target, "at": at}
        self.rows.add(model, **{of: number}, **values, account_id=account, reason=reason)

    def _request(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def at(self, day: date) -> datetime:
        """Some time of the office's day; on the last day never after its last moment."""
        if day == self.as_of:
            return datetime.combine(day, time(8, self.rng.randrange(60)), STREET_TIME)
        return datetime.combine(day, time(9 + self.rng.randrange(8)), STREET_TIME)

    def after(self, at: datetime, least: int, most: int) -> datetime:
        """So many days later, but never after the last morning."""
        last = datetime.combine(self.as_of, LAST_MOMENT, STREET_TIME)
        return min(at + timedelta(days=self.rng.randint(least, most), minutes=1), last)
