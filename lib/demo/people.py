"""Volunteers, office holders, teams and the three-tier structure of the demonstration.

It decides who belongs where since when; what they did is drawn in `lib.demo.activity`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from lib.demo.names import demonstration_names
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.demo.units import Unit
from lib.domain.vocab import ServiceKind, TeamJoining
from lib.i18n.pinyin import initials
from lib.persistence.models import Consent, Membership, Person, Team

VOLUNTEERS = 1500
CHECKED_IN = 0.25
STREET_TEAMS = (
    ServiceKind.LECTURE,
    ServiceKind.HEALTH,
    ServiceKind.REPAIR,
    ServiceKind.CULTURE_SPORT,
    ServiceKind.MEDIATION,
    ServiceKind.COUNSELLING,
    ServiceKind.TUTORING,
    ServiceKind.OTHER,
)
COMMUNITY_TEAMS = (
    ServiceKind.CLEAN_UP,
    ServiceKind.CIVILITY,
    ServiceKind.TUTORING,
    ServiceKind.OPINION_TALK,
    ServiceKind.CULTURE_SPORT,
)
LEFT_TEAM = 0.06


@dataclass(frozen=True, slots=True)
class Member:
    """A person who serves: from `since` to `until`, more often the higher `energy`."""

    person_id: int
    grid: int
    since: date
    energy: float
    checked_in: bool = False
    until: date | None = None


class Pool:
    """Members to draw participants from, as they were on a day."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.members: Sequence[Member] = sorted(members, key=lambda m: (m.since, m.person_id))
        self._since = [m.since for m in self.members]
        self._reach = list(accumulate(m.energy for m in self.members))

    def draw(self, rng: Random, day: date, count: int) -> list[int]:
        """Up to `count` different persons who belonged on `day`."""
        known = bisect_right(self._since, day)
        if not known:
            return []
        drawn = rng.choices(self.members[:known], cum_weights=self._reach[:known], k=count * 3 + 4)
        here = (m.person_id for m in drawn if m.until is None or m.until >= day)
        return list(dict.fromkeys(here))[:count]


@dataclass(frozen=True, slots=True)
class Crew:
    """A team with its members; `community` is None when it serves the whole street."""

    id: int
    kind: ServiceKind
    community: int | None
    pool: Pool
    leader_id: int


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who can serve."""

    volunteers: tuple[Member, ...]
    crews: tuple[Crew, ...]


def add_person(rows: Rows, territory: Territory, grid: int, name: str, since: date) -> int:
    """Add an office holder who does not volunteer."""
    person_id = rows.add(
        Person,
        name=name,
        area_id=territory.grid_ids[grid],
        organisation_id=None,
        checked_in_on=None,
        consented_on=since,
        volunteer_since=None,
    )
    rows.add(Consent, person_id=person_id, text_version="", given_on=since)
    return person_id


def _joined(first: date, as_of: date, rng: Random) -> date:
    """Two fifths were there before the records begin; the others came ever more often."""
    if rng.random() < 0.4:
        return first - timedelta(days=rng.randint(10, 900))
    return first + timedelta(days=int((as_of - first).days * rng.random() ** 0.8))


def add_volunteers(
    rows: Rows,
    territory: Territory,
    units: Sequence[Unit],
    names: Iterator[str],
    *,
    first: date,
    as_of: date,
    rng: Random,
) -> tuple[Member, ...]:
    """Add the volunteers of every grid; a quarter are members checked in from a unit."""
    grids = territory.town.grids
    weights = [g.households * rng.uniform(0.6, 1.6) for g in grids]
    homes = [g.index for g in grids for _ in range(6)]
    homes += rng.choices(range(len(grids)), weights, k=VOLUNTEERS - len(homes))
    volunteers = []
    for grid in sorted(homes):
        since = _joined(first, as_of, rng)
        checked_in = rng.random() < CHECKED_IN
        person_id = rows.add(
            Person,
            name=next(names),
            area_id=territory.grid_ids[grid],
            organisation_id=rng.choice(units).id if checked_in else None,
            checked_in_on=since if checked_in else None,
            consented_on=since,
            volunteer_since=since,
        )
        rows.add(Consent, person_id=person_id, text_version="", given_on=since)
        energy = rng.lognormvariate(0, 0.9)
        volunteers.append(Member(person_id, grid, since, energy, checked_in))
    return tuple(volunteers)


class _Teams:
    """The teams in the making, so that each knows who is in none yet."""

    def __init__(self, rows: Rows, territory: Territory, as_of: date, rng: Random) -> None:
        self.rows, self.territory, self.as_of, self.rng = rows, territory, as_of, rng
        self.crews: list[Crew] = []
        self.placed: set[int] = set()

    def found(self, kind: ServiceKind, community: int | None, members: Sequence[Member]) -> None:
        """Found a team of these members; its leader is the one of longest standing."""
        pattern = demonstration_names().teams[kind]
        town, territory = self.territory.town, self.territory
        named = town.name if community is None else town.communities[community].name
        area_id = territory.street_id if community is None else territory.community_ids[community]
        zh = pattern.zh.format(name=named.zh)
        leader = min(members, key=lambda m: (m.since, m.person_id))
        team_id = self.rows.add(
            Team,
            name_zh=zh,
            name_en=pattern.en.format(name=named.en),
            initials=initials(zh),
            kind=kind,
            area_id=area_id,
            leader_id=leader.person_id,
            joining=TeamJoining.APPROVED,
        )
        pool = Pool(self._join(team_id, member, member is leader) for member in members)
        self.crews.append(Crew(team_id, kind, community, pool, leader.person_id))

    def _join(self, team_id: int, member: Member, stays: bool) -> Member:
        since = min(member.since + timedelta(days=self.rng.randint(0, 45)), self.as_of)
        until = None
        if not stays and self.rng.random() < LEFT_TEAM:
            until = since + timedelta(days=self.rng.randint(0, (self.as_of - since).days))
        self.rows.add(
            Membership, team_id=team_id, person_id=member.person_id, since=since, until=until
        )
        self.placed.add(member.person_id)
        return Member(member.person_id, member.grid, since, member.energy, member.checked_in, until)


def _choose(
    local: Sequence[Member], first: Sequence[Member], size: int, rng: Random
) -> list[Member]:
    """The `first` and then others of the place, up to `size` or as many as are first."""
    placed = {m.person_id for m in first}
    others = [m for m in local if m.person_id not in placed]
    missing = max(0, min(size - len(first), len(others)))
    return [*first, *rng.sample(others, missing)]


def add_teams(
    rows: Rows, territory: Territory, volunteers: Sequence[Member], *, as_of: date, rng: Random
) -> tuple[Crew, ...]:
    """Add some sixty teams; every checked-in member joins at least one.

    Each community has a patrol and a visiting team, two of three a third; eight serve the street.
    """
    teams = _Teams(rows, territory, as_of, rng)
    grids = territory.town.grids
    for kind in STREET_TEAMS:
        teams.found(kind, None, rng.sample(volunteers, rng.randint(24, 60)))
    for community in territory.town.communities:
        local = [m for m in volunteers if grids[m.grid].community == community.index]
        kinds = [ServiceKind.PATROL, ServiceKind.VISIT]
        if community.index % 3:
            kinds.append(COMMUNITY_TEAMS[community.index % len(COMMUNITY_TEAMS)])
        for turn, kind in enumerate(kinds):
            size = min(len(local), rng.randint(10, 34))
            waiting = [m for m in local if m.checked_in and m.person_id not in teams.placed]
            last = turn == len(kinds) - 1
            teams.found(
                kind,
                community.index,
                _choose(local, waiting if last else waiting[: size // 2], size, rng),
            )
    return tuple(teams.crews)
