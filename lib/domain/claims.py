"""The lease of a claim: which states hold a place, and what the clock says of the promised day.

Only the rules stand here; who claims what and when a place is given on stands in
`lib.services.claim`.
"""

from collections.abc import Collection
from datetime import date, time

from lib.domain.vocab import ClaimAction, ClaimState, ServiceState, StatusToken

CAPACITY_MAX = 500
"""More people than that are not served by one project; it is a typing slip."""

_S = ClaimState

HOLDING = frozenset({_S.ACTIVE, _S.IN_SERVICE, _S.SERVED, _S.RETURNED, _S.CONFIRMED})
"""States that take one of the project's places."""

STANDING = HOLDING | {_S.WAITING}
"""States in which the same claimant cannot claim the project once more."""

LEASED = frozenset({_S.WAITING, _S.ACTIVE})
"""States that end with the promised day: nobody has begun. What was begun does not lapse."""

SERVICEABLE = frozenset({_S.ACTIVE, _S.IN_SERVICE, _S.SERVED})
"""States in which a service may be recorded on the claim; it may need several."""

FOLLOWING = frozenset({_S.ACTIVE, _S.IN_SERVICE, _S.SERVED, _S.RETURNED, _S.CONFIRMED})
"""States that follow the claim's services; what has ended stays ended."""


def has_lapsed(state: ClaimState, promised_on: date, day: date) -> bool:
    """Whether on `day` the claim's place is free again, whatever is still written down."""
    return state in LEASED and promised_on < day


def reminder(
    state: ClaimState, promised_on: date, day: date, days_before: int
) -> StatusToken | None:
    """How near the promised day of an unbegun or begun claim is on `day`; None when far or done.

    It is near from `days_before` on, as the street has set it. Begun work that was not recorded
    by its day is overdue; unbegun work has lapsed.
    """
    if state not in LEASED | {_S.IN_SERVICE}:
        return None
    left = (promised_on - day).days
    if left < 0:
        return StatusToken.OVERDUE
    return StatusToken.SOON if left <= days_before else None


def served_state(services: Collection[ServiceState]) -> ClaimState:
    """Where a claim stands by the states of its services: the least settled one decides."""
    standing = set(services) - {ServiceState.VOIDED}
    if not standing:
        return _S.IN_SERVICE
    if ServiceState.RETURNED in standing:
        return _S.RETURNED
    return _S.SERVED if ServiceState.RECORDED in standing else _S.CONFIRMED


FOLLOWED_BY = {
    _S.IN_SERVICE: ClaimAction.REOPEN,
    _S.SERVED: ClaimAction.SERVE,
    _S.RETURNED: ClaimAction.RETURN,
    _S.CONFIRMED: ClaimAction.CONFIRM,
}
"""The action that takes a claim to where its services say it stands."""


def overlap(one: tuple[time | None, time | None], other: tuple[time | None, time | None]) -> bool:
    """Whether two windows of one day share time; a window without both ends binds nobody."""
    (start, end), (begin, finish) = one, other
    if start is None or end is None or begin is None or finish is None:
        return False
    return start < finish and begin < end
