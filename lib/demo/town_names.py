"""The invented names of the demonstration town, read from its TOML file.

It reads and hands out names; which thing gets which name is decided by its callers.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PLACES_FILE = Path(__file__).resolve().parents[2] / "data" / "demo" / "places.toml"


@dataclass(frozen=True, slots=True)
class Name:
    """An invented name in both languages, without a level word where the level is known."""

    zh: str
    en: str

    def inside(self, template: "Name") -> "Name":
        """Put this name into the ``{name}`` of a template, language by language."""
        return Name(template.zh.format(name=self.zh), template.en.format(name=self.en))


@dataclass(frozen=True, slots=True)
class TownNames:
    """All names of ``data/demo/places.toml``.

    ``single`` holds street, river, creek, island, park, square, station and railway;
    ``roads`` holds riverside, trunk, bridge and diagonal; ``places`` maps a place kind to its
    templates; ``city`` and ``districts`` name what lies above, ``streets`` a hundred more streets.
    """

    single: dict[str, Name]
    communities: tuple[Name, ...]
    roads: dict[str, Name]
    across: tuple[Name, ...]
    along: tuple[Name, ...]
    estates: tuple[Name, ...]
    places: dict[str, tuple[Name, ...]]
    city: Name
    districts: tuple[Name, ...]
    streets: tuple[Name, ...]


def _names(pairs: list[list[str]]) -> tuple[Name, ...]:
    return tuple(Name(zh, en) for zh, en in pairs)


@cache
def town_names() -> TownNames:
    """Read the names once; raises ``FileNotFoundError`` when the file is missing."""
    data = tomllib.loads(PLACES_FILE.read_text("utf-8"))
    roads = data["roads"]
    first, last = _names(data["estates"]["first"]), _names(data["estates"]["last"])
    city = data["city"]
    heads, tails = _names(city["first"]), _names(city["last"])
    return TownNames(
        single={k: Name(*v) for k, v in data.items() if isinstance(v, list) and k != "communities"},
        communities=_names(data["communities"]),
        roads={k: Name(*v) for k, v in roads.items() if k not in ("across", "along")},
        across=_names(roads["across"]),
        along=_names(roads["along"]),
        estates=tuple(Name(a.zh + b.zh, f"{a.en} {b.en}") for b in last for a in first),
        places={kind: _names(pairs) for kind, pairs in data["places"].items()},
        city=Name(*city["name"]),
        districts=_names(city["districts"]),
        # District by district, and beside each other no two that begin alike.
        streets=tuple(
            Name(heads[(d + s) % len(heads)].zh + tail.zh, heads[(d + s) % len(heads)].en + tail.en)
            for d in range(len(city["districts"]))
            for s, tail in enumerate(tails)
        ),
    )
