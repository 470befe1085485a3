"""Twenty-four months of services and participations, as seasons, weekdays and habits shape them.

It draws who served where and when; the course of each record comes from `lib.demo.history`.
"""

import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random

from lib.demo.accounts import Accounts, Stage
from lib.demo.habits import HABITS, MORNING_KINDS, Habit
from lib.demo.history import SETTLED_DAYS, Course, draw_course, moves
from lib.demo.names import demonstration_names
from lib.demo.people import Crew, People, Pool
from lib.demo.rows import Rows
from lib.demo.seasons import feast, season
from lib.demo.territory import Territory
from lib.demo.units import Unit
from lib.domain.calendar import STREET_TIME, months_back
from lib.domain.permissions import Role
from lib.domain.vocab import (
    Beneficiary,
    ConfirmedBy,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Trust,
)
from lib.persistence.models import Participation, Service, ServiceStep

MONTHS = 24
SERVICES = 6000
GROWTH = (0.6, 1.4)
"""The daily rate at the first and at the last day, in parts of the mean."""

TODAY = 14
"""Services on the last day itself, so that a period that begins with it shows something."""

QUIET_SHARE = 0.1
QUIET_DAYS = 35
"""So many grids have seen no service for so many days: longer than any month."""

STAGE_WEIGHT = 2.5
"""The community that is entered in the demonstration has so many more fresh records."""

BY_TEAM = 0.05
BY_UNIT = 0.3
EMPTY_START = 0.08
ALONE = 0.35
"""How often the volunteer who is entered served alone and recorded it without help."""


_WAITING = (ServiceAction.RECORD,)
_RETURNED = (ServiceAction.RECORD, ServiceAction.RETURN)

STAGED: tuple[tuple[int, ServiceKind, Role | None, tuple[ServiceAction, ...]], ...] = (
    (1, ServiceKind.VISIT, Role.VOLUNTEER, _WAITING),
    (4, ServiceKind.CIVILITY, Role.VOLUNTEER, _WAITING),
    (6, ServiceKind.VISIT, Role.VOLUNTEER, _RETURNED),
    (2, ServiceKind.VISIT, Role.UNIT_LIAISON, _WAITING),
    (5, ServiceKind.CLEAN_UP, Role.UNIT_LIAISON, _RETURNED),
    (3, ServiceKind.MEDIATION, Role.GRID_SECRETARY, _WAITING),
    (6, ServiceKind.PATROL, Role.GRID_SECRETARY, _RETURNED),
    (1, ServiceKind.PATROL, None, _WAITING),
    (2, ServiceKind.CLEAN_UP, None, _WAITING),
    (8, ServiceKind.VISIT, None, _WAITING),
    (9, ServiceKind.CIVILITY, None, _WAITING),
)
"""Records of the grid that is entered, so that every role has something to answer.

Each is so many days old, of a kind, recorded by a role (None: the community's recorder), and
went so far.
"""


def first_day(as_of: date) -> date:
    """The first day of the history."""
    return months_back(as_of, MONTHS)


@dataclass(frozen=True, slots=True)
class Liveliness:
    """How much goes on in each grid; the quiet ones have seen nothing lately."""

    weights: tuple[float, ...]
    quiet: frozenset[int]

    @property
    def lively(self) -> int:
        """The grid with the most going on."""
        return max(
            (g for g in range(len(self.weights)) if g not in self.quiet),
            key=lambda g: self.weights[g],
        )


def draw_liveliness(territory: Territory, rng: Random) -> Liveliness:
    """Draw unequal grids, and which of the less lively half fell silent."""
    weights = [math.sqrt(g.households) * rng.lognormvariate(0, 0.35) for g in territory.town.grids]
    order = sorted(range(len(weights)), key=lambda g: weights[g])
    quiet = rng.sample(order[: len(order) // 2], round(len(order) * QUIET_SHARE))
    return Liveliness(tuple(weights), frozenset(quiet))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a service is held: in a grid, for a community, or for the street."""

    area_id: int
    community: int | None
    grid: int | None


@dataclass(frozen=True, slots=True)
class _Event:
    """A service before it is written."""

    kind: ServiceKind
    place: _Place
    day: date
    starts: int
    minutes: int

    @property
    def clock(self) -> time:
        """When it began, by the street's clock."""
        return time(self.starts // 60, self.starts % 60)

    @property
    def ended(self) -> datetime:
        """The local instant at which it ended."""
        began = datetime.combine(self.day, self.clock, STREET_TIME)
        return began + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class _Participants:
    """Who took part: persons by number, perhaps a team as a whole or a unit."""

    persons: Sequence[int] = ()
    team: int | None = None
    unit: Unit | None = None


class Activity:
    """The history in the making."""

    def __init__(
        self,
        rows: Rows,
        territory: Territory,
        people: People,
        units: Sequence[Unit],
        accounts: Accounts,
        stage: Stage,
        liveliness: Liveliness,
        *,
        as_of: date,
        rng: Random,
    ) -> None:
        self.rows, self.territory, self.people, self.units = rows, territory, people, units
        self.accounts, self.stage, self.liveliness = accounts, stage, liveliness
        self.as_of, self.rng = as_of, rng

    def add(self) -> None:
        """Add every service with its participations and steps, day by day."""
        for kind, day in self._occasions():
            self._add_service(self._event(kind, day, self._place(HABITS[kind], day)))
        for age, kind, role, actions in STAGED:
            self._add_staged(kind, self.as_of - timedelta(days=age), role, actions)

    def _occasions(self) -> Iterator[tuple[ServiceKind, date]]:
        """What is held when: a Poisson draw by weight, and a full last morning."""
        first = first_day(self.as_of)
        days = [first + timedelta(days=n) for n in range((self.as_of - first).days)]
        low, high = GROWTH
        weights = [
            [
                (kind, habit.share * habit.week[day.weekday()] * season(kind, day))
                for kind, habit in HABITS.items()
            ]
            for day in days
        ]
        growth = [low + (high - low) * n / len(days) for n in range(len(days))]
        total = sum(g * w for g, held in zip(growth, weights, strict=True) for _, w in held)
        scale = (SERVICES - TODAY) / total
        for day, rate, held in zip(days, growth, weights, strict=True):
            for kind, weight in held:
                for _ in range(_poisson(self.rng, scale * rate * weight)):
                    yield kind, day
        for turn in range(TODAY):
            yield MORNING_KINDS[turn % len(MORNING_KINDS)], self.as_of

    def _event(self, kind: ServiceKind, day: date, place: _Place) -> _Event:
        habit, rng = HABITS[kind], self.rng
        starts = 10 * rng.randint(habit.start[0] // 10, habit.start[1] // 10)
        minutes = 10 * rng.randint(habit.minutes[0] // 10, habit.minutes[1] // 10)
        if day == self.as_of:
            starts, minutes = 10 * rng.randint(39, 45), 10 * rng.randint(4, 6)
        return _Event(kind, place, day, starts, minutes)

    @cached_property
    def _fresh_weights(self) -> list[float]:
        grids = self.territory.town.grids
        return [
            0.0
            if g.index in self.liveliness.quiet
            else weight * (STAGE_WEIGHT if g.community == self.stage.community else 1.0)
            for g, weight in zip(grids, self.liveliness.weights, strict=True)
        ]

    @cached_property
    def _lately_weights(self) -> list[float]:
        quiet = self.liveliness.quiet
        return [0.0 if g in quiet else w for g, w in enumerate(self.liveliness.weights)]

    def _place(self, habit: Habit, day: date) -> _Place:
        age = (self.as_of - day).days
        weights: Sequence[float] = self.liveliness.weights
        if age <= QUIET_DAYS:
            weights = self._fresh_weights if age <= SETTLED_DAYS else self._lately_weights
        grid = self.territory.town.grids[self.rng.choices(range(len(weights)), weights)[0]]
        if self.rng.random() >= habit.wide:
            return _Place(self.territory.grid_ids[grid.index], grid.community, grid.index)
        if self.rng.random() < 0.3:
            return _Place(self.territory.street_id, None, None)
        return _Place(self.territory.community_ids[grid.community], grid.community, None)

    @cached_property
    def _crews(self) -> dict[tuple[ServiceKind, int | None], Crew]:
        return {(crew.kind, crew.community): crew for crew in self.people.crews}

    @cached_property
    def _neighbours(self) -> dict[int | None, Pool]:
        volunteers, grids = self.people.volunteers, self.territory.town.grids
        pools: dict[int | None, Pool] = {None: Pool(volunteers)}
        for community in self.territory.town.communities:
            pools[community.index] = Pool(
                m for m in volunteers if grids[m.grid].community == community.index
            )
        return pools

    def _persons(self, event: _Event, crew: Crew | None) -> list[int]:
        """Who served: the team's members mostly, with neighbours or in their stead."""
        habit, community = HABITS[event.kind], event.place.community
        count = self.rng.randint(*habit.hands)
        pools = [self._neighbours[community], self._neighbours[None]]
        if crew and self.rng.random() < 0.75:
            pools.insert(0, crew.pool)
        persons: dict[int, None] = {}
        if event.place.grid == self.stage.grid and self.rng.random() < 0.22:
            member = self.stage.volunteer
            if member.since <= event.day:
                persons[member.person_id] = None
        for pool in pools:
            persons |= dict.fromkeys(pool.draw(self.rng, event.day, count))
            if len(persons) >= count:
                break
        return list(persons)[:count]

    def _unit(self, event: _Event) -> Unit | None:
        habit = HABITS[event.kind]
        if not habit.partners or self.rng.random() >= BY_UNIT:
            return None
        if event.place.community == self.stage.community and self.rng.random() < 0.5:
            return self.stage.unit
        fitting = [u for u in self.units if u.kind in habit.partners]
        near = [u for u in fitting if u.community == event.place.community]
        return self.rng.choice(near or fitting)

    def _add_service(self, event: _Event) -> None:
        rng = self.rng
        crew = self._crews.get((event.kind, event.place.community)) or self._crews.get(
            (event.kind, None)
        )
        as_team = crew is not None and rng.random() < BY_TEAM
        persons = [] if as_team else self._persons(event, crew)
        unit = self._unit(event)
        if self.stage.volunteer.person_id in persons and rng.random() < ALONE:
            persons, unit = [self.stage.volunteer.person_id], None
        recorder = self._recorder(event, persons, unit)
        course = draw_course(rng, event.ended, self.as_of)
        team = crew.id if crew and as_team else None
        self._write(event, course, recorder, _Participants(persons, team, unit))

    def _add_staged(
        self, kind: ServiceKind, day: date, role: Role | None, actions: tuple[ServiceAction, ...]
    ) -> None:
        stage = self.stage
        grid_id = self.territory.grid_ids[stage.grid]
        event = self._event(kind, day, _Place(grid_id, stage.community, stage.grid))
        participants = _Participants(
            self._neighbours[stage.community].draw(self.rng, day, HABITS[kind].hands[0])
        )
        if role is Role.VOLUNTEER:
            participants = _Participants([stage.volunteer.person_id])
        elif role is Role.UNIT_LIAISON:
            participants = _Participants(unit=stage.unit)
        account = self.accounts.roles[role] if role else self.accounts.recorders[stage.community]
        course = draw_course(self.rng, event.ended, self.as_of, actions)
        self._write(event, course, account, participants)

    def _recorder(self, event: _Event, persons: Sequence[int], unit: Unit | None) -> int:
        """Who recorded it; the accounts that are entered record some of their own."""
        roles, rng, stage = self.accounts.roles, self.rng, self.stage
        if stage.volunteer.person_id in persons and len(persons) == 1:
            return roles[Role.VOLUNTEER]
        if unit == stage.unit and rng.random() < 0.6:
            return roles[Role.UNIT_LIAISON]
        if event.place.grid == stage.grid and rng.random() < 0.4:
            return roles[Role.GRID_SECRETARY]
        return self.accounts.recorders[event.place.community]

    def _write(
        self, event: _Event, course: Course, recorder: int, participants: _Participants
    ) -> None:
        rng, habit, kind = self.rng, HABITS[event.kind], event.kind
        decider = self.accounts.deciders[event.place.community]
        by = {"record": recorder, "correct": recorder}
        decided = [step for step in course.steps if step[0] not in by]
        last = decided[-1] if decided and len(course.steps) > 1 else None
        festive = feast(event.day)
        goods, money_fen = _gifts(rng, kind, festive)
        service_id = self.rows.add(
            Service,
            kind=kind,
            area_id=event.place.area_id,
            place=self._place_words(event),
            day=event.day,
            starts_at=None if rng.random() < EMPTY_START else event.clock,
            people_served=rng.randint(*habit.served),
            beneficiary=_beneficiary(rng, habit, festive),
            goods=goods,
            money_fen=money_fen,
            note=_note(rng, kind, festive),
            state=course.state,
            reason=course.steps[-1][2],
            recorded_by_id=recorder,
            recorded_at=course.steps[0][1],
            decided_by_id=decider if last else None,
            decided_at=last[1] if last else None,
            confirmed_by=ConfirmedBy.SECRETARY if course.state is ServiceState.CONFIRMED else None,
            satisfaction=None,
            satisfaction_word="",
            request_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            version=len(course.steps),
        )
        for action, source, target, at, reason in moves(course):
            self.rows.add(
                ServiceStep,
                service_id=service_id,
                action=action,
                source=source,
                target=target,
                account_id=by.get(action, decider),
                at=at,
                reason=reason,
            )
        self._take_part(service_id, event, course.trust, participants)

    def _place_words(self, event: _Event) -> str:
        town, community = self.territory.town, event.place.community
        named = town.name if community is None else town.communities[community].name
        return self.rng.choice(demonstration_names().places[event.kind]).format(name=named.zh)

    def _take_part(
        self, service_id: int, event: _Event, trust: Trust, participants: _Participants
    ) -> None:
        entries: list[tuple[int | None, int | None, int | None]] = [
            (person_id, None, None) for person_id in participants.persons
        ]
        if participants.team is not None:
            entries.append((None, participants.team, None))
        if participants.unit is not None:
            entries.append((None, None, participants.unit.id))
        for person_id, team, organisation_id in entries:
            short = self.rng.random() < 0.12
            self.rows.add(
                Participation,
                service_id=service_id,
                person_id=person_id,
                team_id=team,
                organisation_id=organisation_id,
                minutes=max(20, event.minutes - 30) if short else event.minutes,
                trust=trust,
            )


def _poisson(rng: Random, mean: float) -> int:
    """A Poisson draw by multiplication; `mean` is small."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _gifts(rng: Random, kind: ServiceKind, festive: str | None) -> tuple[int, int]:
    """Goods given and money in fen: relief at the feasts, else now and then."""
    if kind is not ServiceKind.VISIT:
        return (rng.randint(10, 80), 0) if rng.random() < 0.03 else (0, 0)
    relief = festive in ("spring", "double_ninth", "july")
    goods = rng.randint(2, 12) if rng.random() < (0.8 if relief else 0.12) else 0
    money = rng.randint(2, 20) * 100_00 if rng.random() < (0.25 if relief else 0.02) else 0
    return goods, money


def _beneficiary(rng: Random, habit: Habit, festive: str | None) -> Beneficiary:
    if festive == "double_ninth" and Beneficiary.ELDER_ALONE in habit.beneficiaries:
        return Beneficiary.ELDER_ALONE
    return rng.choice(habit.beneficiaries)


def _note(rng: Random, kind: ServiceKind, festive: str | None) -> str:
    names = demonstration_names()
    if festive and rng.random() < 0.5:
        return names.feasts[festive]
    return rng.choice(names.notes[kind]) if rng.random() < 0.6 else ""
