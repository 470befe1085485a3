"""Counts of people as somebody is told them who may not know single neighbours by counting.

The rule and its limits stand in ``docs/privacy.md``; who is told so is `lib.queries.few`.
"""

STEP = 5
"""From here on counts are told in steps of as many; below it nothing but that there are some."""

FEW = 2.0**-20
"""What stands for 1 to 4: no count, yet more than none, so that order and `> 0` stay true."""

_NO_COUNT = 0.01
"""Nothing that is counted lies between none and this; sums of `FEW` alone stay below it."""


def told(n: float) -> float:
    """The count as it is told: 0 as 0, 1 to 4 as `FEW`, others as the step they reached."""
    if not n:
        return 0
    return FEW if n < STEP else n // STEP * STEP


def is_few(value: float) -> bool:
    """Whether a told count, or a sum of told counts, says no more than that there are some."""
    return 0 < value < _NO_COUNT
