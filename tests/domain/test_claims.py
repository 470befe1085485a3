"""The lease of a claim and what its services make of it."""

from datetime import date, time

import pytest

from lib.domain.claims import has_lapsed, overlap, reminder, served_state
from lib.domain.vocab import ClaimState, ServiceState, StatusToken

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize("state", list(ClaimState))
def test_lapse__only_what_nobody_began(state: ClaimState) -> None:
    unbegun = state in ("waiting", "active")
    assert has_lapsed(state, date(2026, 3, 9), TODAY) is unbegun
    assert not has_lapsed(state, TODAY, TODAY)
    assert not has_lapsed(state, date(2026, 3, 11), TODAY)


@pytest.mark.parametrize(
    ("state", "day", "expected"),
    [
        ("active", 20, None),
        ("active", 13, None),
        ("active", 12, StatusToken.SOON),
        ("active", 10, StatusToken.SOON),
        ("active", 9, StatusToken.OVERDUE),
        ("in_service", 9, StatusToken.OVERDUE),
        ("waiting", 11, StatusToken.SOON),
        ("served", 9, None),
        ("confirmed", 9, None),
        ("withdrawn", 10, None),
    ],
)
def test_reminder__by_the_clock(state: str, day: int, expected: StatusToken | None) -> None:
    assert reminder(ClaimState(state), date(2026, 3, day), TODAY, 2) == expected


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ("", "in_service"),
        ("voided", "in_service"),
        ("recorded", "served"),
        ("confirmed", "confirmed"),
        ("confirmed recorded", "served"),
        ("confirmed returned", "returned"),
        ("recorded returned", "returned"),
        ("confirmed voided", "confirmed"),
        ("voided returned", "returned"),
    ],
)
def test_served_state__the_least_settled_service_decides(services: str, expected: str) -> None:
    assert served_state([ServiceState(s) for s in services.split()]) == ClaimState(expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((9, 11), (10, 12), True),
        ((9, 11), (11, 12), False),
        ((9, 11), (8, 9), False),
        ((9, 11), (9, 11), True),
        ((9, 11), (None, None), False),
        ((None, None), (None, None), False),
    ],
)
def test_overlap__windows_of_one_day(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None], expected: bool
) -> None:
    def window(hours: tuple[int | None, int | None]) -> tuple[time | None, time | None]:
        start, end = (None if hour is None else time(hour) for hour in hours)
        return start, end

    assert overlap(window(one), window(other)) is expected
    assert overlap(window(other), window(one)) is expected
