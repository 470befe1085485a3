"""How each kind of service is usually held: share, days, hours, hands and people reached.

Plain figures, in proportions that published accounts of streets report; nothing is drawn here.
"""

from dataclasses import dataclass

from lib.domain.vocab import Beneficiary, ServiceKind, UnitKind

_B = Beneficiary


@dataclass(frozen=True, slots=True)
class Habit:
    """The usual course of one kind of service.

    `share` is its part of all services, `week` the weight of Monday to Sunday, `start` the
    earliest and latest minute of the day, `minutes`, `hands` and `served` are least and most.
    `wide` is the chance that it is held for a community or the street, not in a grid.
    """

    share: float
    week: tuple[float, float, float, float, float, float, float]
    start: tuple[int, int]
    minutes: tuple[int, int]
    hands: tuple[int, int]
    served: tuple[int, int]
    wide: float
    beneficiaries: tuple[Beneficiary, ...] = (_B.ALL_RESIDENTS,)
    partners: tuple[UnitKind, ...] = ()


_WORKDAYS = (1.2, 1.2, 1.2, 1.2, 1.2, 0.7, 0.3)
_EVEN = (1.0, 0.9, 0.9, 0.9, 1.1, 1.1, 1.1)
_WEEKEND = (0.35, 0.3, 0.4, 0.4, 0.8, 2.8, 1.95)
_SCHOOL = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
_EVENING = (0.9, 0.85, 0.9, 0.9, 1.25, 1.25, 0.95)
_U = UnitKind

HABITS: dict[ServiceKind, Habit] = {
    ServiceKind.PATROL: Habit(
        0.17, _EVENING, (18 * 60 + 30, 20 * 60 + 30), (60, 120), (3, 7), (40, 150), 0.05
    ),
    ServiceKind.VISIT: Habit(
        0.19,
        _WORKDAYS,
        (8 * 60 + 30, 16 * 60),
        (40, 120),
        (1, 4),
        (1, 6),
        0.02,
        (
            _B.ELDER_ALONE,
            _B.ELDER_ALONE,
            _B.FAMILY_IN_DIFFICULTY,
            _B.DISABLED,
            _B.LEFT_BEHIND_CHILD,
            _B.FAMILY_IN_DIFFICULTY,
        ),
        (_U.STATE_FIRM, _U.SOCIAL_ORGANISATION),
    ),
    ServiceKind.MEDIATION: Habit(
        0.07, _WORKDAYS, (9 * 60, 19 * 60), (40, 150), (1, 3), (2, 6), 0.1
    ),
    ServiceKind.OPINION_TALK: Habit(
        0.05, _EVEN, (14 * 60, 19 * 60), (60, 120), (2, 4), (8, 35), 0.2
    ),
    ServiceKind.COUNSELLING: Habit(
        0.03,
        _WORKDAYS,
        (9 * 60, 17 * 60),
        (40, 90),
        (1, 2),
        (1, 3),
        0.05,
        (_B.FAMILY_IN_DIFFICULTY, _B.ELDER_ALONE, _B.LEFT_BEHIND_CHILD),
        (_U.SOCIAL_ORGANISATION,),
    ),
    ServiceKind.LECTURE: Habit(
        0.04,
        _EVEN,
        (9 * 60, 19 * 60),
        (60, 120),
        (2, 4),
        (20, 90),
        0.45,
        partners=(_U.GOVERNMENT, _U.SCHOOL),
    ),
    ServiceKind.CULTURE_SPORT: Habit(
        0.05,
        _WEEKEND,
        (9 * 60, 19 * 60),
        (90, 180),
        (5, 12),
        (40, 220),
        0.4,
        partners=(_U.BUSINESS_CIRCLE, _U.PRIVATE_FIRM),
    ),
    ServiceKind.CIVILITY: Habit(0.13, _EVEN, (7 * 60, 17 * 60), (60, 120), (3, 6), (20, 90), 0.08),
    ServiceKind.TUTORING: Habit(
        0.08,
        _SCHOOL,
        (16 * 60 + 30, 16 * 60 + 30),
        (90, 90),
        (2, 4),
        (6, 22),
        0.15,
        (_B.LEFT_BEHIND_CHILD, _B.ALL_RESIDENTS),
        (_U.SCHOOL,),
    ),
    ServiceKind.CLEAN_UP: Habit(
        0.11, _WEEKEND, (8 * 60, 10 * 60), (60, 150), (4, 12), (30, 160), 0.1
    ),
    ServiceKind.HEALTH: Habit(
        0.04,
        _WEEKEND,
        (8 * 60 + 30, 10 * 60),
        (120, 180),
        (3, 6),
        (20, 90),
        0.3,
        (_B.ALL_RESIDENTS, _B.ELDER_ALONE),
        (_U.HOSPITAL,),
    ),
    ServiceKind.REPAIR: Habit(
        0.03,
        _WEEKEND,
        (9 * 60, 14 * 60),
        (120, 180),
        (2, 5),
        (10, 45),
        0.15,
        (_B.ALL_RESIDENTS, _B.ELDER_ALONE),
        (_U.STATE_FIRM, _U.PRIVATE_FIRM),
    ),
    ServiceKind.OTHER: Habit(0.01, _EVEN, (8 * 60, 17 * 60), (60, 180), (2, 6), (5, 40), 0.3),
}
"""The habit of every kind; the shares add up to 1."""

MORNING_KINDS = (
    ServiceKind.CIVILITY,
    ServiceKind.PATROL,
    ServiceKind.CLEAN_UP,
    ServiceKind.VISIT,
)
"""What is held before the working day begins."""
