"""Resident units of the demonstration: at the town's named places, and a few every town has.

It gives each its kind, net, offers and an invented liaison officer; what units gave to services
is drawn in `lib.demo.activity`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from lib.demo.names import StandingUnit, demonstration_names
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.demo.town import PlaceKind, Position
from lib.domain.vocab import Net, UnitKind
from lib.i18n.pinyin import initials
from lib.persistence.models import Organisation

UNITS = 60
WITHOUT_ENGLISH = 7

PLACE_UNITS: dict[PlaceKind, tuple[UnitKind, Net]] = {
    "government": (UnitKind.GOVERNMENT, Net.ADMINISTRATIVE),
    "school": (UnitKind.SCHOOL, Net.COORDINATION),
    "kindergarten": (UnitKind.SCHOOL, Net.COORDINATION),
    "hospital": (UnitKind.HOSPITAL, Net.COORDINATION),
    "clinic": (UnitKind.HOSPITAL, Net.RESIDENTIAL),
    "office": (UnitKind.PRIVATE_FIRM, Net.COMPREHENSIVE),
    "bank": (UnitKind.STATE_FIRM, Net.CIRCLE),
    "shop_centre": (UnitKind.BUSINESS_CIRCLE, Net.CIRCLE),
    "market": (UnitKind.PRIVATE_FIRM, Net.COMPREHENSIVE),
    "works": (UnitKind.STATE_FIRM, Net.COORDINATION),
    "museum": (UnitKind.GOVERNMENT, Net.COORDINATION),
    "library": (UnitKind.GOVERNMENT, Net.ADMINISTRATIVE),
    "theatre": (UnitKind.STATE_FIRM, Net.COORDINATION),
    "station": (UnitKind.STATE_FIRM, Net.COORDINATION),
}
"""Which kind and net suit the organisation at a place."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that can take part in services."""

    id: int
    kind: UnitKind
    community: int


@dataclass(frozen=True, slots=True)
class _Site:
    zh: str
    en: str
    kind: UnitKind
    net: Net
    grid: int
    estate: int | None
    at: Position


def _at_places(territory: Territory, count: int, rng: Random) -> list[_Site]:
    """Sites at named places, every kind of place before a second of the same kind."""
    turn: dict[PlaceKind, int] = {}
    order = []
    for place in rng.sample(territory.town.places, len(territory.town.places)):
        turn[place.kind] = turn.get(place.kind, -1) + 1
        order.append((turn[place.kind], place.index, place))
    chosen = sorted(place.index for _, _, place in sorted(order, key=lambda o: o[:2])[:count])
    places = [territory.town.places[index] for index in chosen]
    return [
        _Site(p.name.zh, p.name.en, *PLACE_UNITS[p.kind], p.grid, None, p.label) for p in places
    ]


def _standing(unit: StandingUnit, turn: int, territory: Territory, rng: Random) -> _Site:
    town = territory.town
    community = town.communities[turn % len(town.communities)]
    estates = [e for e in town.estates if e.community == community.index]
    estate = rng.choice(estates) if estates else None
    grids = [g for g in town.grids if g.community == community.index]
    grid = estate.grids[0] if estate else rng.choice(grids).index
    words = {"zh": (community.name.zh, town.name.zh), "en": (community.name.en, town.name.en)}
    return _Site(
        zh=unit.pattern.zh.format(name=words["zh"][0], street=words["zh"][1]),
        en=unit.pattern.en.format(name=words["en"][0], street=words["en"][1]),
        kind=UnitKind(unit.kind),
        net=Net(unit.net),
        grid=grid,
        estate=estate.index if estate else None,
        at=estate.label if estate else town.grids[grid].label,
    )


def _sites(territory: Territory, rng: Random) -> list[_Site]:
    patterns = demonstration_names().units
    # The first two patterns name the street itself: one of each.
    least = 2 * len(patterns) - 2
    sites = _at_places(territory, UNITS - least, rng)
    offset = rng.randrange(len(territory.town.communities))
    for turn in range(UNITS - len(sites)):
        pattern = patterns[turn] if turn < 2 else patterns[2 + (turn - 2) % (len(patterns) - 2)]
        sites.append(_standing(pattern, offset + turn, territory, rng))
    return sites


def add_units(rows: Rows, territory: Territory, people: Iterator[str], rng: Random) -> list[Unit]:
    """Add about sixty units of all kinds and nets; a few have no English name."""
    offers = demonstration_names().offers
    sites = _sites(territory, rng)
    silent = set(rng.sample(range(len(sites)), WITHOUT_ENGLISH))
    units = []
    for number, site in enumerate(sites):
        grid = territory.town.grids[site.grid]
        community = territory.town.communities[grid.community]
        unit_id = rows.add(
            Organisation,
            name_zh=site.zh,
            name_en=None if number in silent else site.en,
            initials=initials(site.zh),
            kind=site.kind,
            net=site.net,
            area_id=territory.grid_ids[site.grid],
            estate_id=None if site.estate is None else territory.estate_ids[site.estate],
            address=f"{community.name.zh}路{rng.randint(2, 240)}号",
            lon=site.at[0],
            lat=site.at[1],
            offers="、".join(rng.sample(offers[site.kind], rng.randint(1, 3))),
            liaison_name=next(people),
            liaison_phone=f"1{rng.randint(30, 99)} 0000 {rng.randint(0, 9999):04d}",
        )
        units.append(Unit(unit_id, site.kind, grid.community))
    return units
