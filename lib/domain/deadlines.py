"""How long things may wait: days that a street may set, and what the clock makes of them.

Nothing here is stored but the numbers; who is late is computed at each look, never written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lib.domain.vocab import StatusToken
from lib.domain.workdays import WorkCalendar


class Deadline(StrEnum):
    """What has a time of its own; each with its usual days and its limits."""

    ANSWER = "answer"
    REMIND = "remind"
    CONFIRM = "confirm"
    DRAFT = "draft"


USUAL_DAYS: Mapping[Deadline, int] = {
    Deadline.ANSWER: 5,
    Deadline.REMIND: 2,
    Deadline.CONFIRM: 7,
    Deadline.DRAFT: 14,
}
"""Where a street sets no other (ours). Working days for an answer; days before the promised day
for a reminder; days for confirming a record and for a draft."""

LIMITS: Mapping[Deadline, range] = {
    Deadline.ANSWER: range(1, 61),
    Deadline.REMIND: range(15),
    Deadline.CONFIRM: range(1, 61),
    Deadline.DRAFT: range(1, 181),
}


@dataclass(frozen=True)
class Clock:
    """The street's clock on one day: its deadlines in days, and its working days."""

    day: date
    days: Mapping[Deadline, int]
    calendar: WorkCalendar

    def answer_due(self, collected_on: date) -> date:
        """The last day on which a need collected then is answered in time."""
        return self.calendar.after(collected_on, self.days[Deadline.ANSWER])

    def answer(self, collected_on: date) -> StatusToken | None:
        """Overdue after the last day, soon on it and on the working day before; else None."""
        due = self.answer_due(collected_on)
        if self.day > due:
            return StatusToken.OVERDUE
        return StatusToken.SOON if self.calendar.after(self.day, 1) >= due else None

    @property
    def answers_over(self) -> date:
        """Needs collected up to this day, and not answered, are overdue."""
        return self.calendar.passed(self.day, self.days[Deadline.ANSWER])

    @property
    def answers_soon(self) -> date:
        """Needs collected up to this day are due soon, or overdue."""
        # Due by the next working day is overdue on the day after it.
        following = self.calendar.after(self.day, 1) + timedelta(days=1)
        return self.calendar.passed(following, self.days[Deadline.ANSWER])

    @property
    def confirmed_before(self) -> date:
        """Services before this day that nobody confirmed are overdue."""
        return self.day - timedelta(days=self.days[Deadline.CONFIRM])

    @property
    def drafts_before(self) -> date:
        """Drafts made before this day have waited too long."""
        return self.day - timedelta(days=self.days[Deadline.DRAFT])
