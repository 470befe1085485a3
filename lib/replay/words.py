"""The invented words of a replayed account, read from ``data/replay/``.

Who is called what is decided by `lib.replay.zhongshan`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lib.domain.vocab import Beneficiary, ServiceKind, UnitKind
from lib.settings import ROOT

WORDS_FILE = ROOT / "data" / "replay" / "zhongshan.toml"

Pair = tuple[str, str]
"""A pattern in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wished for, of which kind, and the title of the project that answers it."""

    kind: ServiceKind
    words: str
    title: str


@dataclass(frozen=True, slots=True)
class Words:
    """Patterns of names, and what each group of people wishes for."""

    administrator: Pair
    district: Pair
    street: Pair
    level_label: Pair
    committee: Pair
    committee_first: tuple[Pair, ...]
    committee_second: tuple[Pair, ...]
    recorder: Pair
    decider: Pair
    member_units: Mapping[UnitKind, str]
    firms: Mapping[UnitKind, str]
    wishes: Mapping[Beneficiary, tuple[Wish, ...]]


@cache
def words() -> Words:
    """Read the words once.

    Raises:
        FileNotFoundError: the file is missing.
    """
    data = tomllib.loads(WORDS_FILE.read_text("utf-8"))
    pairs = (
        *("administrator", "district", "street", "level_label", "committee"),
        *("recorder", "decider"),
    )
    return Words(
        **{name: _pair(data[name]) for name in pairs},
        committee_first=tuple(_pair(pair) for pair in data["committee_first"]),
        committee_second=tuple(_pair(pair) for pair in data["committee_second"]),
        member_units={UnitKind(kind): name for kind, name in data["members_of"].items()},
        firms={UnitKind(kind): name for kind, name in data["firms"].items()},
        wishes={
            Beneficiary(who): tuple(Wish(ServiceKind(kind), *texts) for kind, *texts in rows)
            for who, rows in data["wishes"].items()
        },
    )


def _pair(texts: list[str]) -> Pair:
    chinese, english = texts
    return chinese, english
