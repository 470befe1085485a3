"""Who of the demonstration checked in for which unit, and what volunteers can do and when.

The members themselves were drawn in `lib.demo.people`; what they did is in `lib.demo.activity`.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from lib.demo.accounts import Accounts, Stage
from lib.demo.people import Member
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.domain.calendar import STREET_TIME
from lib.domain.check_in import CHIEFS, PLEDGE_TEXT, RADII
from lib.domain.retention import CONSENT_TEXT
from lib.domain.vocab import CheckInAction, CheckInState, DayPart, Skill, VolunteerDuty
from lib.persistence.models import (
    CheckIn,
    CheckInRequest,
    CheckInStep,
    Person,
    UnitDeadline,
    VolunteerProfile,
    VolunteerRole,
    VolunteerSkill,
    VolunteerTime,
)

WITHOUT_UNIT = 0.06
"""So many of the other volunteers checked in without a unit."""

WITH_PROFILE = 0.6
AT_THE_STAGE = 0.05
"""So many members more belong to the unit whose liaison is entered."""

PAUSED, LEFT = 0.05, 0.03
SLIPS_BACK_DAYS = 45
"""Slips of older check-ins went back to the unit."""

DEADLINES, REQUESTS = 14, 5
CHIEF, ROLE = 0.1, 0.12

_A, _S = CheckInAction, CheckInState
_REASONS = {_S.PAUSED: "外出学习三个月", _S.LEFT: "调往外地工作"}
_ACTIONS = {_S.PAUSED: _A.PAUSE, _S.LEFT: _A.LEAVE}


@dataclass(frozen=True, slots=True)
class CheckIns:
    """The check-ins and profiles of a street in the making."""

    rows: Rows
    territory: Territory
    volunteers: Sequence[Member]
    accounts: Accounts
    stage: Stage
    names: Iterator[str]
    as_of: date
    rng: Random

    def add(self) -> None:
        """Add check-ins with their steps, profiles, duties, deadlines and waiting requests."""
        table = self.rows.tables[Person.__tablename__]
        people: dict[object, dict[str, Any]] = {row["id"]: row for row in table}
        members: defaultdict[int, int] = defaultdict(int)
        for volunteer in self.volunteers:
            person = people[volunteer.person_id]
            if volunteer.checked_in:
                if self.rng.random() < AT_THE_STAGE:
                    person["organisation_id"] = self.stage.unit.id
                unit_id = int(person["organisation_id"])
                members[unit_id] += 1
                state = self._check_in(volunteer, unit_id, members[unit_id])
                if state is _S.LEFT:
                    person["checked_in_on"] = None
            elif self.rng.random() < WITHOUT_UNIT:
                self._check_in(volunteer, None, 0)
            if volunteer.checked_in or self.rng.random() < WITH_PROFILE:
                self._profile(volunteer)
        self._deadlines(members)
        self._requests(sorted(members))

    def _check_in(self, member: Member, unit_id: int | None, number: int) -> CheckInState:
        rng, old = self.rng, (self.as_of - member.since).days
        state = _S.REGISTERED
        stays = member.person_id == self.stage.volunteer.person_id
        if old > 60 and not stays:
            state = rng.choices(
                (_S.REGISTERED, _S.PAUSED, _S.LEFT), (1 - PAUSED - LEFT, PAUSED, LEFT)
            )[0]
        later = self.as_of - timedelta(days=rng.randint(1, 30))
        slip = None
        if unit_id is not None and old > SLIPS_BACK_DAYS:
            slip = member.since + timedelta(days=rng.randint(3, 30))
        community = self.territory.town.grids[member.grid].community
        account = self.accounts.recorders[community]
        steps: list[tuple[CheckInAction, CheckInState | None, CheckInState, date]] = [
            (_A.REGISTER, None, _S.REGISTERED, member.since)
        ]
        if slip is not None:
            steps.append((_A.RETURN_SLIP, _S.REGISTERED, _S.REGISTERED, slip))
        if state in _ACTIONS:
            steps.append((_ACTIONS[state], _S.REGISTERED, state, later))
        check_in_id = self.rows.add(
            CheckIn,
            person_id=member.person_id,
            area_id=self.territory.community_ids[community],
            organisation_id=unit_id,
            certificate_number=None if unit_id is None else f"{unit_id:04d}-{number:03d}",
            state=state,
            reason=_REASONS.get(state),
            checked_in_on=member.since,
            due_on=None,
            ended_on=later if state is _S.LEFT else None,
            pledge_version=PLEDGE_TEXT,
            pledged_at=self._at(member.since),
            slip_returned_on=slip,
            request_id=self._request(),
            version=len(steps),
        )
        for action, source, target, day in steps:
            reason = _REASONS[target] if target in _ACTIONS else None
            self.rows.add(
                CheckInStep,
                check_in_id=check_in_id,
                action=action,
                source=source,
                target=target,
                account_id=account,
                at=self._at(day),
                reason=reason,
            )
        if state is not _S.LEFT:
            self._duty(member, self.territory.community_ids[community])
        return state

    def _duty(self, member: Member, area_id: int) -> None:
        drawn = self.rng.random()
        if drawn >= CHIEF + ROLE:
            return
        chiefs = [one for one in VolunteerDuty if one in CHIEFS]
        others = [one for one in VolunteerDuty if one not in CHIEFS]
        self.rows.add(
            VolunteerRole,
            person_id=member.person_id,
            role=self.rng.choice(chiefs if drawn < CHIEF else others),
            area_id=area_id,
            since=member.since,
            until=None,
        )

    def _profile(self, member: Member) -> None:
        rng = self.rng
        self.rows.link(
            VolunteerProfile,
            person_id=member.person_id,
            home_area_id=self.territory.grid_ids[member.grid],
            radius_m=rng.choice((*RADII[1:4], None)),
            version=1,
        )
        for skill in rng.sample(list(Skill), rng.randint(1, 3)):
            self.rows.link(VolunteerSkill, person_id=member.person_id, skill=skill)
        times = [(weekday, part) for weekday in range(7) for part in DayPart]
        weights = [3 if weekday > 4 or part is DayPart.EVENING else 1 for weekday, part in times]
        for weekday, part in sorted(set(rng.choices(times, weights, k=rng.randint(2, 5)))):
            self.rows.link(VolunteerTime, person_id=member.person_id, weekday=weekday, part=part)

    def _deadlines(self, members: dict[int, int]) -> None:
        """Some units called their members: the first few are late, others still have time."""
        units = sorted(members)
        chosen = {self.stage.unit.id, *self.rng.sample(units, min(DEADLINES, len(units)))}
        for turn, unit_id in enumerate(sorted(chosen)):
            late = turn % 3 == 0
            due = -self.rng.randint(5, 40) if late else self.rng.randint(7, 60)
            self.rows.add(
                UnitDeadline,
                organisation_id=unit_id,
                due_on=self.as_of + timedelta(days=due),
                expected=members.get(unit_id, 0) + (self.rng.randint(1, 4) if turn % 2 == 0 else 0),
                version=1,
            )

    def _requests(self, units: Sequence[int]) -> None:
        """Requests that wait: most in the community of whoever enters."""
        for turn in range(REQUESTS):
            community = self.stage.community if turn < 3 else turn
            grids = [g for g in self.territory.town.grids if g.community == community]
            unit_id = self.rng.choice(units) if turn % 2 == 0 else None
            self.rows.add(
                CheckInRequest,
                area_id=self.territory.community_ids[community],
                home_area_id=self.territory.grid_ids[self.rng.choice(grids).index],
                organisation_id=unit_id,
                name=next(self.names),
                certificate_number="" if unit_id is None else f"{unit_id:04d}-9{turn}0",
                skills=self.rng.choice(list(Skill)).value,
                text_version=CONSENT_TEXT,
                pledge_version=PLEDGE_TEXT,
                asked_at=self._at(self.as_of - timedelta(days=turn)),
                request_id=self._request(),
            )

    def _request(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def _at(self, day: date) -> datetime:
        """Early in the day: on the last one nothing is later than its last moment."""
        return datetime.combine(day, time(8, self.rng.randrange(60)), STREET_TIME)
