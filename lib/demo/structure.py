"""The three-tier structure and the holders of every grid, with their terms and some vacancies.

It fills posts from the volunteers and from people of its own; vacancies are exact shares, drawn
over the whole street.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from lib.demo.people import Member, add_person
from lib.demo.rows import Rows
from lib.demo.territory import Territory, area_name
from lib.domain.vocab import Office, PostKind
from lib.persistence.models import Appointment, Branch, BuildingGroup, CentreHousehold, Post

GRIDS_WITHOUT_HEAD = 3
VACANT_WORKERS = 0.10
VACANT_SECRETARIES = 0.03
VACANT_LEADERS = 0.06
VACANT_HOUSEHOLDS = 0.08
WITH_PREDECESSOR = 0.12
TERM_YEARS = 3
LARGE_GRID = 16
"""From so many homes on a grid has four building groups; usual are three."""


class _Holders:
    """People for offices: volunteers of the grid, or residents who hold an office only."""

    def __init__(
        self,
        rows: Rows,
        territory: Territory,
        volunteers: Sequence[Member],
        names: Iterator[str],
        as_of: date,
        rng: Random,
    ) -> None:
        self.rows, self.territory, self.names = rows, territory, names
        self.as_of, self.rng = as_of, rng
        self._free: defaultdict[int, list[Member]] = defaultdict(list)
        for member in rng.sample(volunteers, len(volunteers)):
            self._free[member.grid].append(member)

    def since(self) -> date:
        """A day on which somebody took an office."""
        return self.as_of - timedelta(days=self.rng.randint(40, 1800))

    def resident(self, grid: int) -> int:
        """Somebody of the grid who holds no office yet, a volunteer two times in five."""
        free = self._free[grid]
        if free and self.rng.random() < 0.4:
            return free.pop().person_id
        return self.employed(grid)

    def employed(self, grid: int) -> int:
        """Somebody who comes for the office alone."""
        return add_person(self.rows, self.territory, grid, next(self.names), self.since())

    def appoint(self, office: Office, number: int, grid: int, person: int | None) -> None:
        """Enter the holder's term, at times with the one before; a vacancy has no term."""
        if person is None:
            return
        since = self.since()
        if office in (Office.POST, Office.BRANCH) and self.rng.random() < WITH_PREDECESSOR:
            left = since - timedelta(days=1)
            began = left - timedelta(days=self.rng.randint(200, 1000))
            self._term(office, number, grid, self.employed(grid), began, left)
        self._term(office, number, grid, person, since, None)

    def _term(
        self, office: Office, number: int, grid: int, person: int, since: date, left: date | None
    ) -> None:
        # Who stays after the agreed day stays without one.
        agreed = since + timedelta(days=365 * TERM_YEARS)
        until = agreed if agreed > self.as_of and office is not Office.CENTRE_HOUSEHOLD else None
        self.rows.add(
            Appointment,
            office=office,
            office_id=number,
            area_id=self.territory.grid_ids[grid],
            person_id=person,
            since=since,
            until=until,
            ended_on=left,
        )


def _vacant(count: int, share: float, rng: Random) -> set[int]:
    return set(rng.sample(range(count), round(count * share)))


def _posts(rows: Rows, territory: Territory, holders: _Holders, rng: Random) -> None:
    grids = range(len(territory.grid_ids))
    headless = set(rng.sample(grids, GRIDS_WITHOUT_HEAD))
    workers = [grid for grid in grids for _ in range(rng.choice((1, 2, 2, 2, 3)))]
    offices = [(grid, PostKind.HEAD, grid in headless) for grid in grids]
    vacant = _vacant(len(workers), VACANT_WORKERS, rng)
    offices += [(g, PostKind.WORKER, turn in vacant) for turn, g in enumerate(workers)]
    for grid, kind, empty in offices:
        person = None if empty else holders.employed(grid)
        number = rows.add(Post, area_id=territory.grid_ids[grid], kind=kind, person_id=person)
        holders.appoint(Office.POST, number, grid, person)


def _groups(territory: Territory) -> list[tuple[int, tuple[int, ...]]]:
    """Building groups as (grid, homes): neighbouring homes together, three groups as a rule."""
    groups = []
    for grid, homes in sorted(territory.homes.items()):
        count = min(4 if len(homes) >= LARGE_GRID else 3, len(homes))
        size = len(homes) / count
        groups += [
            (grid, homes[round(turn * size) : round((turn + 1) * size)]) for turn in range(count)
        ]
    return groups


def _branches(rows: Rows, territory: Territory, holders: _Holders, rng: Random) -> dict[int, int]:
    town = territory.town
    vacant = _vacant(len(town.grids), VACANT_SECRETARIES, rng)
    branches = {}
    for grid in town.grids:
        community = town.communities[grid.community].name
        zh, en = area_name("branch", community.zh, community.en, grid.number)
        secretary = None if grid.index in vacant else holders.resident(grid.index)
        branches[grid.index] = rows.add(
            Branch,
            area_id=territory.grid_ids[grid.index],
            name_zh=zh,
            name_en=en,
            secretary_id=secretary,
        )
        holders.appoint(Office.BRANCH, branches[grid.index], grid.index, secretary)
    return branches


def add_structure(
    rows: Rows,
    territory: Territory,
    volunteers: Sequence[Member],
    names: Iterator[str],
    *,
    as_of: date,
    rng: Random,
) -> None:
    """Add grid heads and workers, and in every grid a branch, its groups and centre households.

    A group has two or three centre households, fewer where it has fewer buildings; its leader is
    often the first of them.
    """
    holders = _Holders(rows, territory, volunteers, names, as_of, rng)
    _posts(rows, territory, holders, rng)
    branches = _branches(rows, territory, holders, rng)
    groups = _groups(territory)
    chosen = [
        sorted(rng.sample(homes, min(len(homes), rng.choice((2, 2, 3, 3))))) for _, homes in groups
    ]
    leaderless = _vacant(len(groups), VACANT_LEADERS, rng)
    empty = _vacant(sum(map(len, chosen)), VACANT_HOUSEHOLDS, rng)
    turn = number = 0
    previous = -1
    for index, ((grid, _), buildings) in enumerate(zip(groups, chosen, strict=True)):
        number = number + 1 if grid == previous else 1
        previous = grid
        hosts = []
        for _ in buildings:
            hosts.append(None if turn in empty else holders.resident(grid))
            turn += 1
        first = hosts[0] if hosts and rng.random() < 0.5 else None
        leader = None if index in leaderless else first or holders.resident(grid)
        group_id = rows.add(
            BuildingGroup, branch_id=branches[grid], number=number, leader_id=leader
        )
        holders.appoint(Office.BUILDING_GROUP, group_id, grid, leader)
        for building_id, person_id in zip(buildings, hosts, strict=True):
            home_id = rows.add(
                CentreHousehold,
                building_group_id=group_id,
                building_id=building_id,
                person_id=person_id,
            )
            holders.appoint(Office.CENTRE_HOUSEHOLD, home_id, grid, person_id)
