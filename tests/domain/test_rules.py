from datetime import date

import pytest

from lib.domain.rules import amount_problems, day_problems

TODAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2026, 3, 5), []),
        (date(2026, 3, 6), ["problem.future_day"]),
        (date(9999, 12, 31), ["problem.future_day"]),
        (date(2016, 1, 1), []),
        (date(2015, 12, 31), ["problem.too_old"]),
        (date(1, 1, 1), ["problem.too_old"]),
    ],
)
def test_day_problems(day: date, codes: list[str]) -> None:
    assert [problem.code for problem in day_problems(day, TODAY)] == codes


@pytest.mark.parametrize(
    ("amount", "refused"),
    [(1, False), (960, False), (0, True), (-1, True), (961, True), (10**30, True)],
)
def test_amount_problems(amount: int, refused: bool) -> None:
    found = amount_problems("minutes", amount, 960, 1)
    assert [problem.code for problem in found] == ["problem.out_of_range"] * refused
    assert all(problem.values == {"least": 1, "limit": "960"} for problem in found)
