"""Many scores at once are what the formula says of each pair."""

from datetime import date, timedelta
from random import Random

import numpy as np

from lib.domain.matching import Opening, Volunteer, Wanted, occasions, score, shares
from lib.domain.vocab import ServiceKind, Skill
from lib.queries.candidates import Distances
from lib.queries.suited import scores

DAY = date(2026, 11, 20)
CENTRES = {n: (121.48 + n * 0.004, 31.27 + n % 3 * 0.005) for n in range(1, 8)}


def some(values, chance: Random, most: int = 3):
    return frozenset(chance.sample(list(values), chance.randint(0, most)))


def test_scores__as_the_formula_for_every_pair() -> None:
    chance = Random(3)  # noqa: S311 - invented
    openings = [
        Opening(
            Wanted.PROJECT,
            n,
            chance.randint(1, 8),
            chance.choice(list(ServiceKind)),
            some(Skill, chance, 1),
            occasions(DAY, DAY + timedelta(days=chance.randint(0, 2))) if n % 3 else (),
        )
        for n in range(40)
    ]
    volunteers = [
        Volunteer(
            n,
            chance.randint(1, 8),
            chance.choice((None, 500, 1500)),
            some(Skill, chance, 4),
            chance.getrandbits(21) if n % 2 else 0,
            some(ServiceKind, chance),
            some(ServiceKind, chance),
            chance.randint(0, 3),
            chance.choice((None, DAY - timedelta(days=chance.randint(0, 300)))),
        )
        for n in range(60)
    ]
    apart = Distances(CENTRES, frozenset({(8, 1), (8, 2)}))
    found = scores(openings, volunteers, apart, DAY)
    expected = [
        [score(shares(one, who, apart.metres(who.home_id, one.area_id), DAY)) for who in volunteers]
        for one in openings
    ]
    np.testing.assert_allclose(found, np.array(expected, float))
    assert 0 < np.isnan(found).sum() < found.size


def test_scores__what_teams_carry_is_for_nobody_alone() -> None:
    together = Opening(Wanted.PROJECT, 1, 1, ServiceKind.VISIT, collective=True)
    apart = Distances(CENTRES, frozenset())
    assert np.isnan(scores([together], [Volunteer(1, 1)], apart, DAY)).all()


def test_distances__an_area_that_holds_home_is_no_way_at_all() -> None:
    apart = Distances({1: (121.48, 31.27), 2: (121.48, 31.28)}, frozenset({(9, 1)}))
    assert apart.metres(1, 9) == 0
    assert apart.metres(2, 9) is None
    metres = apart.metres(1, 2)
    assert metres is not None
    assert round(metres) == 1112
