"""Coverage and health of a grid: the measures, and from which value on each is good.

There is no score: measures stand beside each other, each with its own formula, and none of them is
about a person. All thresholds are ours; streets have published none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.vocab import StatusToken

REACH_METRES = 500
"""How far a volunteer is within reach: some seven minutes on foot (our default)."""

REACHES_METRES = (300, 500, 800, 1200)
"""The distances offered."""


class Measure(StrEnum):
    """What is looked at in every grid; at most six, so that a card shows them all."""

    SERVICE = "service"
    BRANCH = "branch"
    HEAD = "head"
    CENTRES = "centres"
    REACH = "reach"
    VACANCIES = "vacancies"


@dataclass(frozen=True)
class Scale:
    """The values from which a measure is done, in progress, and only to be watched.

    With `low_is_good` they are upper limits instead. What reaches none of them is a gap.
    """

    done: float
    progress: float
    soon: float
    low_is_good: bool = False

    def status(self, value: float | None) -> StatusToken:
        """The status of a value; None, nothing known, is neutral."""
        if value is None:
            return StatusToken.NEUTRAL
        sign = -1 if self.low_is_good else 1
        for status, limit in (
            (StatusToken.DONE, self.done),
            (StatusToken.PROGRESS, self.progress),
            (StatusToken.SOON, self.soon),
        ):
            if sign * value >= sign * limit:
                return status
        return StatusToken.OVERDUE


SCALES: Mapping[Measure, Scale] = {
    # Services in the days looked at; one is enough, as for the share of grids with a service.
    Measure.SERVICE: Scale(1, 1, 1),
    # 2 with a secretary, 1 without one, 0 without a branch.
    Measure.BRANCH: Scale(2, 2, 1),
    # 1 held, 0 not.
    Measure.HEAD: Scale(1, 1, 1),
    # Share of households in a building with a centre household that somebody holds.
    Measure.CENTRES: Scale(0.8, 0.5, 0.25),
    # Share of households with a volunteer within reach.
    Measure.REACH: Scale(0.95, 0.8, 0.5),
    # Offices nobody holds.
    Measure.VACANCIES: Scale(0, 1, 3, low_is_good=True),
}
