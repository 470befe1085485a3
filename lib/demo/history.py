"""The course of one service record: its state, its steps and when each was taken.

Every state is explained by the last step; all instants derive from the day of the service and
the day the demonstration stands at.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from lib.demo.names import demonstration_names
from lib.domain.calendar import STREET_TIME
from lib.domain.vocab import ServiceAction, ServiceState, Trust

SETTLED_DAYS = 10
"""Older records are decided; younger ones partly wait."""

RETURNED = 0.02
VOIDED = 0.01
CORRECTED = 0.02
CORRECTED_WITHIN_DAYS = 30
"""A returned record is put right within a month; what is older was corrected and confirmed."""
LAST_MOMENT = time(9, 30)
"""No step is later on the last day, so that hardly anybody sees a record from the future."""

_A, _S = ServiceAction, ServiceState
_TARGETS: dict[ServiceAction, ServiceState] = {
    _A.RECORD: _S.RECORDED,
    _A.CONFIRM: _S.CONFIRMED,
    _A.RETURN: _S.RETURNED,
    _A.CORRECT: _S.RECORDED,
    _A.VOID: _S.VOIDED,
}


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of a record as (action, at, reason), in order; the first records it."""

    steps: tuple[tuple[ServiceAction, datetime, str | None], ...]

    @property
    def state(self) -> ServiceState:
        """The state that the last step left."""
        return _TARGETS[self.steps[-1][0]]

    @property
    def trust(self) -> Trust:
        """How far the state vouches for the participations."""
        confirmed = self.state is ServiceState.CONFIRMED
        return Trust.CONFIRMED if confirmed else Trust.SELF_REPORTED


def moves(
    course: Course,
) -> list[tuple[ServiceAction, ServiceState | None, ServiceState, datetime, str | None]]:
    """The steps with the states they lead from and to."""
    source: ServiceState | None = None
    found = []
    for action, at, reason in course.steps:
        found.append((action, source, _TARGETS[action], at, reason))
        source = _TARGETS[action]
    return found


def _actions(rng: Random, age: int) -> tuple[ServiceAction, ...]:
    """What happened to a record so many days after the service."""
    luck = rng.random()
    if age <= SETTLED_DAYS:
        waiting = 0.6 if age < 3 else 0.3 if age < 7 else 0.15
        if luck < waiting:
            return (_A.RECORD,)
        if luck > 1 - RETURNED:
            return (_A.RECORD, _A.RETURN)
        return (_A.RECORD, _A.CONFIRM)
    if luck < RETURNED and age <= CORRECTED_WITHIN_DAYS:
        return (_A.RECORD, _A.RETURN)
    if RETURNED <= luck < RETURNED + VOIDED:
        return (_A.RECORD, _A.VOID)
    if luck < RETURNED + VOIDED + CORRECTED:
        return (_A.RECORD, _A.RETURN, _A.CORRECT, _A.CONFIRM)
    return (_A.RECORD, _A.CONFIRM)


def _recorded(rng: Random, ended: datetime, last: datetime) -> datetime:
    """When a service was recorded: soon after it, or in the office a day or two later."""
    lag = rng.choice((0, 0, 0, 1, 1, 2))
    at = ended + timedelta(minutes=rng.randint(5, 50))
    if lag:
        office = time(8 + rng.randrange(10), rng.randrange(60))
        at = datetime.combine(ended.date() + timedelta(days=lag), office, STREET_TIME)
    return min(at, max(ended, last - timedelta(minutes=rng.randint(25, 60))))


def _later(rng: Random, at: datetime, last: datetime) -> datetime:
    """The next step: in the office within four days, or else on the last morning."""
    day = at.date() + timedelta(days=rng.choice((0, 1, 1, 1, 2, 2, 3, 4)))
    wanted = datetime.combine(day, time(8 + rng.randrange(10), rng.randrange(60)), STREET_TIME)
    if wanted <= at:
        wanted += timedelta(days=1)
    if wanted <= last:
        return wanted
    morning = max(at, datetime.combine(last.date(), time(8), STREET_TIME))
    return morning + (last - morning) * rng.uniform(0.1, 0.9)


def draw_course(
    rng: Random, ended: datetime, as_of: date, actions: tuple[ServiceAction, ...] | None = None
) -> Course:
    """Draw what became of the record of a service that ended at a local instant.

    The `actions` are drawn too unless they are given. No step lies after half past nine of
    `as_of`.
    """
    last = datetime.combine(as_of, LAST_MOMENT, STREET_TIME)
    age = (as_of - ended.date()).days
    reasons = demonstration_names().reasons
    at = _recorded(rng, ended, last)
    steps: list[tuple[ServiceAction, datetime, str | None]] = []
    for action in actions or _actions(rng, age):
        if steps:
            at = _later(rng, at, last)
        key = {_A.RETURN: "returned", _A.VOID: "voided"}.get(action)
        steps.append((action, at.replace(microsecond=0), rng.choice(reasons[key]) if key else None))
    return Course(tuple(steps))
