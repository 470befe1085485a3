"""Stars: earned by confirmed minutes, each level asks for more than the one before."""

import pytest

from lib.domain.stars import USUAL_STARS, missing, stars


@pytest.mark.parametrize(
    ("minutes", "earned", "left"),
    [
        (0, 0, 6000),
        (5999, 0, 1),
        (6000, 1, 12000),
        (89_999, 4, 1),
        (90_000, 5, None),
        (500_000, 5, None),
    ],
)
def test_stars__of_the_usual_levels(minutes: int, earned: int, left: int | None) -> None:
    assert stars(minutes, USUAL_STARS) == earned
    assert missing(minutes, USUAL_STARS) == left


def test_usual_levels__as_one_rule_has_them() -> None:
    assert USUAL_STARS == (100, 300, 600, 1000, 1500)
