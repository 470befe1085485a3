"""Counts as those are told them who may not count exactly, by hand and by every small street."""

from hypothesis import given
from hypothesis import strategies as st

from lib.domain.few import FEW, STEP, is_few, told

SHOWN = {0: 0, 1: FEW, 2: FEW, 3: FEW, 4: FEW, 5: 5, 9: 5, 10: 10, 14: 10, 99: 95, 1001: 1000}


def test_told__by_hand() -> None:
    assert {n: told(n) for n in SHOWN} == SHOWN
    assert [n for n, shown in SHOWN.items() if is_few(shown)] == [1, 2, 3, 4]
    assert is_few(sum([FEW] * 1000))
    assert not is_few(1 / 60)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_told__never_one_to_four_and_never_another_order(one: int, other: int) -> None:
    assert told(one) not in (1, 2, 3, 4)
    assert (told(one) <= told(other)) or one > other
    assert (told(one) == 0) == (one == 0)


@given(st.integers(1, 4), st.lists(st.integers(STEP, 60), max_size=3))
def test_one_hidden_count__cannot_be_taken_from_the_total(hidden: int, siblings: list[int]) -> None:
    total = told(hidden + sum(siblings))
    least = sum(map(told, siblings))
    most = int(least) + (STEP - 1) * len(siblings)
    fits = {
        n
        for n in range(1, STEP)
        if any(told(n + others) == total for others in range(int(least), most + 1))
    }
    assert hidden in fits
    assert len(fits) > 1
