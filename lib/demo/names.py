"""The invented words of the demonstration's people, units, teams and notes, read from TOML.

It reads and hands out words; who gets which is decided by its callers.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

NAMES_FILE = Path(__file__).resolve().parents[2] / "data" / "demo" / "names.toml"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name in both languages with places for ``{name}``, ``{street}`` or ``{number}``."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class StandingUnit:
    """A unit that every town has, with its kind and net as values of the vocabularies."""

    pattern: Pattern
    kind: str
    net: str


@dataclass(frozen=True, slots=True)
class Names:
    """Everything in ``data/demo/names.toml``; keys of the mappings are vocabulary values."""

    surnames: str
    given_first: str
    given_second: str
    areas: Mapping[str, Pattern]
    buildings: Mapping[str, str]
    teams: Mapping[str, Pattern]
    units: tuple[StandingUnit, ...]
    offers: Mapping[str, list[str]]
    places: Mapping[str, list[str]]
    notes: Mapping[str, list[str]]
    feasts: Mapping[str, str]
    reasons: Mapping[str, list[str]]
    accounts: Mapping[str, Pattern]
    needs: Mapping[str, list[list[str]]]
    rare: list[tuple[str, str, str, str, list[str]]]


@cache
def demonstration_names() -> Names:
    """Read the words once; raises ``FileNotFoundError`` when the file is missing."""
    data = tomllib.loads(NAMES_FILE.read_text("utf-8"))
    return Names(
        surnames=data["surnames"],
        given_first=data["given_first"],
        given_second=data["given_second"],
        areas={key: Pattern(*pair) for key, pair in data["areas"].items()},
        buildings=data["buildings"],
        teams={key: Pattern(*pair) for key, pair in data["teams"].items()},
        units=tuple(
            StandingUnit(Pattern(zh, en), kind, net)
            for zh, en, kind, net in data["units"]["standing"]
        ),
        offers=data["units"]["offers"],
        places=data["places"],
        notes=data["notes"],
        feasts=data["feasts"],
        reasons=data["reasons"],
        accounts={key: Pattern(*pair) for key, pair in data["accounts"].items()},
        needs=data["needs"],
        rare=data["rare"]["projects"],
    )


def person_names(rng: Random) -> Iterator[str]:
    """Invented full names without end, no two alike; a fifth of them are short."""
    names = demonstration_names()
    given: set[str] = set()
    while True:
        first = rng.choice(names.given_first) if rng.random() < 0.8 else ""
        name = rng.choice(names.surnames) + first + rng.choice(names.given_second)
        if name not in given and len(set(name)) == len(name):
            given.add(name)
            yield name
