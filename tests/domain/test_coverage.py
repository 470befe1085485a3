"""Thresholds of coverage: their order, their ends, and that nothing known is neutral."""

import pytest

from lib.domain.coverage import REACH_METRES, REACHES_METRES, SCALES, Measure, Scale
from lib.domain.vocab import StatusToken

D, P, S, O, N = (  # noqa: E741 - one letter each keeps the table readable
    StatusToken.DONE,
    StatusToken.PROGRESS,
    StatusToken.SOON,
    StatusToken.OVERDUE,
    StatusToken.NEUTRAL,
)

EXPECTED = {
    Measure.SERVICE: {0: O, 1: D, 9: D},
    Measure.BRANCH: {0: O, 1: S, 2: D},
    Measure.HEAD: {0: O, 1: D},
    Measure.CENTRES: {0: O, 0.249: O, 0.25: S, 0.5: P, 0.799: P, 0.8: D, 1: D},
    Measure.REACH: {0: O, 0.5: S, 0.8: P, 0.95: D, 1: D},
    Measure.VACANCIES: {0: D, 1: P, 2: S, 3: S, 4: O, 99: O},
}


@pytest.mark.parametrize("measure", Measure)
def test_status__by_hand(measure: Measure) -> None:
    found = {value: SCALES[measure].status(value) for value in EXPECTED[measure]}
    assert found == EXPECTED[measure]
    assert SCALES[measure].status(None) is N


def test_measures__at_most_six_each_with_its_scale() -> None:
    assert set(SCALES) == set(Measure)
    assert len(Measure) <= 6
    assert REACH_METRES in REACHES_METRES


@pytest.mark.parametrize("scale", SCALES.values(), ids=list(SCALES))
def test_scale__limits_in_order(scale: Scale) -> None:
    limits = [scale.done, scale.progress, scale.soon]
    assert limits == sorted(limits, reverse=not scale.low_is_good)
