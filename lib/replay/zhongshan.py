"""The account of Zhongshan, played into an empty database by the commands of the services.

How much of everything stands in `lib.replay.plan`; nothing is written here but by `lib.services`,
and what it came to is read by `lib.queries.account`. Everything happens on the day of the replay:
nobody can claim in the past. Services outside of claims lie in the months before it.
"""

import gc
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from random import Random

from lib.demo.names import demonstration_names, person_names
from lib.domain.calendar import today
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import (
    Beneficiary,
    Bringing,
    Entry,
    Language,
    Level,
    NeedSource,
    Net,
    ServiceKind,
    UnitKind,
    VolunteerDuty,
)
from lib.queries import accounts, areas, check_in
from lib.replay.figures import account
from lib.replay.plan import Help, Plan, committee_names, make_plan
from lib.replay.words import Pair, Wish, words
from lib.services.accounts import add_account
from lib.services.check_in import CheckInEntry, check_in_many
from lib.services.claim import Claimant, Promise, claim_many
from lib.services.installation import start_empty
from lib.services.need import NeedEntry, adopt_many, collect_many
from lib.services.project import ProjectEntry
from lib.services.service import (
    Participant,
    ServiceEntry,
    ServiceRecord,
    confirm_many,
    record_many,
)
from lib.services.team import TeamEntry, found_many
from lib.services.tree import AreaEntry, add_area
from lib.services.units import UnitEntry, add_unit

PLACE = "zhongshan"
SEED = "zhongshan 2015"

Progress = Callable[[str, float], None]
"""Told a word key of what goes on and the share done, from 0 to 1."""

OPEN_DAYS = 30
ALREADY_SERVED_OF = 3
"""Of the claims that are not completed every third is served and waits to be confirmed."""

CHIEFS = (
    VolunteerDuty.YARD_CHIEF,
    VolunteerDuty.BUILDING_CHIEF,
    VolunteerDuty.HOUSEHOLD_CHIEF,
)
TEAM_KINDS = (ServiceKind.VISIT, ServiceKind.PATROL, ServiceKind.CLEAN_UP, ServiceKind.TUTORING)
CREW = 3
"""So many of a team's members serve on what the team claimed."""

FAMILY = frozenset({Beneficiary.FAMILY_IN_DIFFICULTY, Beneficiary.ELDER_ALONE})


@dataclass
class Committee:
    """A residents' committee on its way: its area, who records and decides, who is there."""

    area_id: int
    name: Pair
    recorder: Actor
    decider: Actor
    members: list[int] = field(default_factory=list)
    teams: list[tuple[int, list[int]]] = field(default_factory=list)
    firms: Iterator[int] = field(default_factory=lambda: iter(()))


@dataclass(frozen=True)
class _Task:
    """A project to come: the claimant, who serves, and what is given when it is completed."""

    claimant: Claimant
    served_by: tuple[Participant, ...]
    given: Help | None
    wish: Wish
    beneficiary: Beneficiary


def play(*, scale: int = 1, progress: Progress) -> Actor:
    """Play the whole account, so many times smaller, into a database that holds nothing.

    Returns:
        The administrator of what was played, who sees all of it.

    Raises:
        Refusal: ``installation.not_empty`` when areas or accounts are there already.
    """
    start_empty()
    plan = make_plan({figure.key: figure.scaled(scale) for figure in account(PLACE)})
    replay = _Replay(plan, Random(SEED), progress)  # noqa: S311 - names, not secrets
    # Thousands of rows live until their transaction ends: looking through them again and again
    # for what can go takes a quarter of the time.
    gc.disable()
    try:
        replay.play()
    finally:
        gc.enable()
    return replay.administrator


@dataclass
class _Replay:
    plan: Plan
    rng: Random
    tell: Progress
    administrator: Actor = field(init=False)
    committees: list[Committee] = field(default_factory=list)
    requests: int = 0

    def play(self) -> None:
        """Ground first, then everything committee by committee, then what crosses them."""
        self.tell("replay.ground", 0.0)
        self.administrator = self._account(
            "replay", Role.ADMINISTRATOR, None, words().administrator
        )
        self._ground()
        units = self._member_units()
        self._firms()
        names, numbers = person_names(self.rng), iter(range(1, 1_000_000))
        n = len(self.committees)
        for k, one in enumerate(self.committees):
            self.tell("replay.members", 0.02 + 0.28 * k / n)
            self._check_in(one, k, names, numbers, units)
            self._found_teams(one, k)
        for k, one in enumerate(self.committees):
            self.tell("replay.pipeline", 0.3 + 0.55 * k / n)
            self._pipeline(one, k)
            gc.collect()
        for k, one in enumerate(self.committees):
            self.tell("replay.activities", 0.85 + 0.15 * k / n)
            self._activities(one, k)
        self.tell("replay.done", 1.0)

    def _request(self) -> str:
        self.requests += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{SEED} {self.requests}"))

    def _account(self, name: str, role: Role, area_id: int | None, display: Pair) -> Actor:
        code = None
        if area_id is not None:
            code = str(areas.area(self.administrator, area_id=area_id).iloc[0]["code"])
        add_account(
            name=name,
            password=None,
            role=role,
            area_code=code,
            display_zh=display[0],
            display_en=display[1],
        )
        number = accounts.number_of(name)
        if number is None:
            raise LookupError(name)
        return Actor(number, *display, Language.ZH, None, (Grant(role, area_id),))

    def _area(self, parent_id: int | None, level: Level, name: Pair, label: Pair = ("", "")) -> int:
        entry = AreaEntry(
            name[0], today(), name_en=name[1], level_label_zh=label[0], level_label_en=label[1]
        )
        return add_area(
            self.administrator,
            parent_id=parent_id,
            level=level,
            entry=entry,
            request_id=self._request(),
        )

    def _ground(self) -> None:
        """The district, its streets with somebody who records and somebody who decides."""
        said = words()
        district = self._area(None, Level.DISTRICT, said.district)
        staff = []
        for k in range(1, self.plan.streets + 1):
            street = _named(said.street, number=k)
            area_id = self._area(district, Level.STREET, street)
            staff.append(
                (
                    area_id,
                    self._account(
                        f"desk-{k}", Role.STREET_STAFF, area_id, _both(said.recorder, street)
                    ),
                    self._account(
                        f"secretary-{k}",
                        Role.STREET_COMMITTEE,
                        area_id,
                        _both(said.decider, street),
                    ),
                )
            )
        named = committee_names(said.committee_first, said.committee_second, self.plan.committees)
        for k, name in enumerate(named):
            street_id, recorder, decider = staff[k % len(staff)]
            both = said.committee[0].format(name=name[0]), said.committee[1].format(name=name[1])
            area_id = self._area(street_id, Level.COMMUNITY, both, said.level_label)
            self.committees.append(Committee(area_id, both, recorder, decider))

    def _unit(self, kind: UnitKind, net: Net, pattern: str, k: int) -> int:
        """A unit that stands with the k-th committee in turn."""
        at = self.committees[k % len(self.committees)]
        made = demonstration_names()
        name = f"{made.given_first[k % 60]}{made.given_second[(k * 7) % 60]}{k + 1}"
        entry = UnitEntry(pattern.format(name=name), kind, net, at.area_id)
        return add_unit(self.administrator, entry=entry, request_id=self._request())

    def _member_units(self) -> list[int]:
        kinds = cycle(words().member_units.items())
        return [
            self._unit(kind, Net.ADMINISTRATIVE, pattern, k)
            for k, (kind, pattern) in zip(range(self.plan.member_units), kinds, strict=False)
        ]

    def _firms(self) -> None:
        """Firms and social organisations; each claims in the street where it stands."""
        standing: dict[int, list[int]] = {}
        kinds = cycle(words().firms.items())
        for k, (kind, pattern) in zip(range(self.plan.firms), kinds, strict=False):
            number = self._unit(kind, Net.COMPREHENSIVE, pattern, k)
            at = self.committees[k % len(self.committees)].recorder.account_id
            standing.setdefault(at, []).append(number)
        turns = {at: cycle(numbers) for at, numbers in standing.items()}
        for one in self.committees:
            one.firms = turns[one.recorder.account_id]

    def _check_in(
        self,
        one: Committee,
        k: int,
        names: Iterator[str],
        numbers: Iterator[int],
        units: Sequence[int],
    ) -> None:
        """The members of a committee, each with a certificate; the first of them are chiefs."""
        chiefs = cycle(CHIEFS)
        entries = []
        for n in range(self.plan.members[k]):
            number = next(numbers)
            entries.append(
                CheckInEntry(
                    one.area_id,
                    new_name=next(names),
                    organisation_id=units[number % len(units)],
                    certificate_number=f"{number:05}",
                    day=today() - timedelta(days=number % 60),
                    pledged=True,
                    consented=True,
                    duties=frozenset({next(chiefs)}) if n < self.plan.chiefs[k] else None,
                )
            )
        check_in_many(one.recorder, entries=entries, request_id=self._request())
        found = check_in.listing(one.recorder, area_id=one.area_id, limit=len(entries))
        one.members = sorted(int(number) for number in found["person_id"])

    def _found_teams(self, one: Committee, k: int) -> None:
        """Teams in which every member of the committee belongs to one; the first of each leads."""
        n = self.plan.teams[k]
        crews = [one.members[turn::n] for turn in range(n)]
        entries = []
        for turn, crew in enumerate(crews):
            kind = TEAM_KINDS[turn % len(TEAM_KINDS)]
            named = demonstration_names().teams[kind]
            entry = TeamEntry(
                f"{named.zh.format(name=one.name[0])}{turn + 1}",
                kind,
                one.area_id,
                name_en=f"{named.en.format(name=one.name[1])} {turn + 1}",
                leader_id=crew[0],
            )
            entries.append((entry, crew))
        ids = found_many(one.decider, teams=entries)
        one.teams = list(zip(ids, crews, strict=True))

    def _pipeline(self, one: Committee, k: int) -> None:
        """Needs, the projects that answer them, claims, services and their confirmation."""
        tasks = [*self._members_tasks(one, k), *self._firms_tasks(one, k)]
        first, last = today(), today() + timedelta(days=OPEN_DAYS)
        needs = collect_many(
            one.recorder,
            entries=[_need(one, task, n) for n, task in enumerate(tasks)],
            request_id=self._request(),
        )
        projects = adopt_many(
            one.decider,
            answers=[
                (
                    need,
                    1,
                    ProjectEntry(
                        task.wish.title,
                        task.wish.kind,
                        one.area_id,
                        first,
                        last,
                        beneficiary=task.beneficiary,
                        entry=Entry.FAMILY if task.beneficiary in FAMILY else Entry.COURTYARD,
                        brings=Bringing.WARMTH if task.beneficiary in FAMILY else Bringing.SERVICE,
                        words=task.wish.words,
                    ),
                )
                for need, task in zip(needs, tasks, strict=True)
            ],
            request_id=self._request(),
        )
        claims = claim_many(
            one.recorder,
            promises=[
                Promise(project, task.claimant, first + timedelta(days=n % OPEN_DAYS))
                for n, (project, task) in enumerate(zip(projects, tasks, strict=True))
            ],
            request_id=self._request(),
        )
        self._serve(one, list(zip(claims, tasks, strict=True)))

    def _serve(self, one: Committee, kept: Sequence[tuple[int, _Task]]) -> None:
        """Serve what is completed and confirm it, and serve some of the rest."""
        done = [(claim, task) for claim, task in kept if task.given is not None]
        rest = [(claim, task) for claim, task in kept if task.given is None]
        waiting = rest[::ALREADY_SERVED_OF]
        records = [_service(one, claim, task) for claim, task in (*done, *waiting)]
        made = record_many(one.recorder, records=records, request_id=self._request())
        confirm_many(one.decider, services=[(number, 1) for number in made[: len(done)]])

    def _members_tasks(self, one: Committee, k: int) -> list[_Task]:
        """Projects of members alone and of teams in turn; the first of them are completed."""
        given = iter(self.plan.helps[k :: self.plan.committees])
        persons = [
            Claimant(person_id=one.members[n % len(one.members)])
            for n in range(self.plan.by_person[k])
        ]
        teams = [one.teams[n % len(one.teams)] for n in range(self.plan.by_team[k])]
        who: list[tuple[Claimant, tuple[Participant, ...]]] = []
        for n in range(max(len(persons), len(teams))):
            who += [(c, (Participant(90, person_id=c.person_id),)) for c in persons[n : n + 1]]
            who += [
                (Claimant(team_id=team), tuple(Participant(90, person_id=p) for p in crew[:CREW]))
                for team, crew in teams[n : n + 1]
            ]
        return [_task(*each, next(given, None), n) for n, each in enumerate(who)]

    def _firms_tasks(self, one: Committee, k: int) -> list[_Task]:
        given = self.plan.gifts[k :: self.plan.committees]
        numbers = [next(one.firms) for _ in range(self.plan.by_firm[k])]
        return [
            _task(
                Claimant(organisation_id=unit), (Participant(120, organisation_id=unit),), gift, n
            )
            for n, (unit, gift) in enumerate(zip(numbers, given, strict=True))
        ]

    def _activities(self, one: Committee, k: int) -> None:
        """What chiefs and patrols do without a claim, and its confirmation."""
        records: list[ServiceRecord] = []
        members = cycle(one.members)
        for kind, counts in self.plan.activities.items():
            records += [
                self._activity(one, kind, 6, (Participant(60, person_id=next(members)),), n)
                for n in range(counts[k])
            ]
        for n, patrol in enumerate(self.plan.patrols):
            if patrol.committee == k:
                crew = one.members[: patrol.attendance]
                parts = tuple(Participant(120, person_id=person) for person in crew)
                records.append(self._activity(one, ServiceKind.PATROL, patrol.residents, parts, n))
        made = record_many(one.recorder, records=records, request_id=self._request())
        confirm_many(one.decider, services=[(number, 1) for number in made])

    def _activity(
        self,
        one: Committee,
        kind: ServiceKind,
        people: int,
        parts: tuple[Participant, ...],
        n: int,
    ) -> ServiceRecord:
        day = today() - timedelta(days=1 + (n * 11 + 7) % 150)
        entry = ServiceEntry(kind, one.area_id, day, people, Beneficiary.ALL_RESIDENTS)
        return ServiceRecord(entry, parts)


def _task(
    claimant: Claimant, served_by: tuple[Participant, ...], given: Help | None, n: int
) -> _Task:
    beneficiary = given.beneficiary if given else Beneficiary.ALL_RESIDENTS
    wishes = words().wishes[beneficiary]
    return _Task(claimant, served_by, given, wishes[n % len(wishes)], beneficiary)


def _need(one: Committee, task: _Task, n: int) -> NeedEntry:
    sources = list(NeedSource)
    return NeedEntry(
        words=task.wish.words,
        kind=task.wish.kind,
        area_id=one.area_id,
        beneficiary=task.beneficiary,
        micro_wish=task.beneficiary in FAMILY,
        source=sources[n % len(sources)],
    )


def _service(one: Committee, claim_id: int, task: _Task) -> ServiceRecord:
    given = task.given or Help(task.beneficiary)
    entry = ServiceEntry(
        kind=task.wish.kind,
        area_id=one.area_id,
        day=today(),
        people_served=given.people,
        beneficiary=task.beneficiary,
        goods=given.goods,
        money_fen=given.money_fen,
    )
    return ServiceRecord(entry, task.served_by, claim_id)


def _named(pattern: Pair, **values: object) -> Pair:
    return pattern[0].format(**values), pattern[1].format(**values)


def _both(pattern: Pair, street: Pair) -> Pair:
    return pattern[0].format(street=street[0]), pattern[1].format(street=street[1])
