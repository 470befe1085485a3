"""Names for the spots where resident units of the demonstration town can stand.

It chooses a kind and an invented name for each spot; the units themselves are made elsewhere.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lib.demo.town_names import Name, TownNames
from lib.demo.town_uses import BlockUse

Position = tuple[float, float]

PlaceKind = Literal[
    "government",
    "school",
    "kindergarten",
    "hospital",
    "clinic",
    "office",
    "bank",
    "shop_centre",
    "market",
    "works",
    "museum",
    "library",
    "theatre",
    "station",
]

PLACES = 72
# Once each for a town, then the round of everyday kinds.
_ONCE: tuple[PlaceKind, ...] = ("government", "hospital", "museum", "library", "theatre")
_ROUND: tuple[PlaceKind, ...] = (
    "shop_centre", "office", "clinic", "market", "office", "bank", "government", "clinic",
    "office", "shop_centre", "hospital", "museum",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A building, its block's use, its grid and a point on it (lon, lat)."""

    use: BlockUse
    grid: int
    label: Position


@dataclass(frozen=True, slots=True)
class Place:
    """A named spot at a commercial, school or station building where a unit can stand.

    ``kind`` is what sort of organisation suits it; ``label`` is (lon, lat).
    """

    index: int
    kind: PlaceKind
    name: Name
    grid: int
    label: Position


def _kinds(use: BlockUse, turn: int) -> tuple[PlaceKind, ...]:
    """Kinds that fit a block's use, best first."""
    if use == "school":
        return ("kindergarten", "school") if turn % 3 == 2 else ("school", "kindergarten")
    if use == "works":
        return ("works", "office")
    every = _ONCE + _ROUND
    wanted = every[turn] if turn < len(_ONCE) else _ROUND[(turn - len(_ONCE)) % len(_ROUND)]
    return (wanted, *_ROUND)


def _free_name(
    kinds: tuple[PlaceKind, ...], local: Name, names: TownNames, used: set[str], turn: int
) -> tuple[PlaceKind, Name] | None:
    for kind in kinds:
        templates = names.places[kind]
        for k in range(len(templates)):
            name = local.inside(templates[(turn + k) % len(templates)])
            if name.zh not in used:
                return kind, name
    return None


def name_places(
    spots: list[Spot],
    community: tuple[int, ...],
    local: list[Name],
    names: TownNames,
    rng: np.random.Generator,
) -> tuple[Place, ...]:
    """Name about 70 spots, all different; the station first, then the grids in a mixed order.

    ``community`` gives each grid its community, ``local`` each community its name.
    """
    mixed = [spots[i] for i in rng.permutation(len(spots)).tolist()]
    order = sorted(mixed, key=lambda s: s.use != "station")
    first: dict[int, Spot] = {}
    for spot in order:
        first.setdefault(spot.grid, spot)
    second = [s for s in order if first[s.grid] is not s]
    chosen = [*first.values(), *second][:PLACES]
    used: set[str] = set()
    turns: dict[BlockUse, int] = {}
    found: list[tuple[PlaceKind, Name, Spot]] = []
    for spot in chosen:
        turn = turns.get(spot.use, 0)
        turns[spot.use] = turn + 1
        if spot.use == "station":
            named: tuple[PlaceKind, Name] | None = ("station", names.single["station"])
        else:
            kinds = _kinds(spot.use, turn)
            named = _free_name(kinds, local[community[spot.grid]], names, used, turn)
        if named is not None:
            used.add(named[1].zh)
            found.append((*named, spot))
    found.sort(key=lambda f: (f[2].grid, f[1].zh))
    return tuple(
        Place(i, kind, name, spot.grid, spot.label) for i, (kind, name, spot) in enumerate(found)
    )
