"""Deadlines by the clock and the working days, against days worked out by hand."""

from datetime import date, timedelta

import pytest

from lib.domain.deadlines import LIMITS, USUAL_DAYS, Clock, Deadline
from lib.domain.local_settings import LocalSettings
from lib.domain.vocab import StatusToken
from lib.domain.workdays import USUAL_WEEK, WorkCalendar

OVERDUE, SOON = StatusToken.OVERDUE, StatusToken.SOON


def clock(month: int, day: int, answer: int = 3) -> Clock:
    days = {**USUAL_DAYS, Deadline.ANSWER: answer}
    return Clock(date(2026, month, day), days, WorkCalendar(USUAL_WEEK, {}))


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        (9, 30, None),
        (10, 1, None),  # the holiday does not count
        (10, 8, None),
        (10, 9, SOON),  # 10 October is worked instead, and the last day
        (10, 10, SOON),
        (10, 11, OVERDUE),
        (10, 12, OVERDUE),
    ],
)
def test_answer__collected_before_the_holiday(
    month: int, day: int, expected: StatusToken | None
) -> None:
    asked = clock(month, day)
    assert asked.answer_due(date(2026, 9, 30)) == date(2026, 10, 10)
    assert asked.answer(date(2026, 9, 30)) is expected


@pytest.mark.parametrize("answer", [1, 2, 5, 20])
def test_days_for_the_query__agree_with_the_status_of_each_day(answer: int) -> None:
    for n in range(40):
        day = date(2026, 9, 15) + timedelta(days=n)
        now = clock(day.month, day.day, answer)
        for back in range(50):
            collected = day - timedelta(days=back)
            status = now.answer(collected)
            assert (collected <= now.answers_over) is (status is OVERDUE)
            assert (collected <= now.answers_soon) is (status is not None)


def test_clock__of_the_settings() -> None:
    settings = LocalSettings(work_week=tuple(range(7)), deadlines={**USUAL_DAYS, Deadline.DRAFT: 3})
    now = settings.clock(date(2027, 3, 10))
    assert now.answer_due(date(2027, 3, 10)) == date(2027, 3, 15)
    assert now.confirmed_before == date(2027, 3, 3)
    assert now.drafts_before == date(2027, 3, 7)


def test_usual_days__lie_within_the_limits() -> None:
    assert all(USUAL_DAYS[one] in LIMITS[one] for one in Deadline)
