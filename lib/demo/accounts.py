"""The accounts of the demonstration: one to enter for each role, and those behind the history.

None has a password; that they may be entered by one click holds only while the installation is
marked as a demonstration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lib.demo.names import demonstration_names
from lib.demo.people import Crew, Member
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.demo.units import Unit
from lib.domain.permissions import Role
from lib.domain.sessions import demonstration_account
from lib.domain.vocab import Language
from lib.i18n.glossary import word
from lib.persistence.models import Account, AccountGrant


@dataclass(frozen=True, slots=True)
class Stage:
    """Who is entered: a lively grid, its community, a volunteer, a unit and a team there.

    `grid` and `community` are indexes of the town.
    """

    grid: int
    community: int
    volunteer: Member
    unit: Unit
    team: Crew


@dataclass(frozen=True, slots=True)
class Accounts:
    """Numbers of accounts: of the roles, and who records and decides where.

    `recorders` and `deciders` are by community; the key None is the street.
    """

    roles: Mapping[Role, int]
    recorders: Mapping[int | None, int]
    deciders: Mapping[int | None, int]


def choose_stage(
    territory: Territory,
    volunteers: Sequence[Member],
    units: Sequence[Unit],
    crews: Sequence[Crew],
    lively: int,
) -> Stage:
    """The liveliest grid, its most eager volunteer of old, a unit and a team of its community."""
    community = territory.town.grids[lively].community
    there = sorted((m for m in volunteers if m.grid == lively), key=lambda m: m.since)
    volunteer = max(there[: max(1, len(there) // 2)], key=lambda m: m.energy)
    unit = min(units, key=lambda u: (u.community != community, u.id))
    team = min(crews, key=lambda c: (c.community != community, c.id))
    return Stage(lively, community, volunteer, unit, team)


def _add(
    rows: Rows,
    name: str,
    display: tuple[str, str],
    grant: tuple[Role, int | None],
    since: date,
    *,
    person_id: int | None = None,
    organisation_id: int | None = None,
    team_id: int | None = None,
) -> int:
    account_id = rows.add(
        Account,
        name=name,
        display_zh=display[0],
        display_en=display[1],
        password_hash=None,
        person_id=person_id,
        language=Language.ZH,
        demonstration=True,
        closed_on=None,
    )
    rows.add(
        AccountGrant,
        account_id=account_id,
        role=grant[0],
        area_id=grant[1],
        organisation_id=organisation_id,
        team_id=team_id,
        origin_id=None,
        since=since,
        until=None,
    )
    return account_id


def _roles(rows: Rows, territory: Territory, stage: Stage, since: date) -> dict[Role, int]:
    community_id = territory.community_ids[stage.community]
    areas: dict[Role, int | None] = {
        Role.ADMINISTRATOR: None,
        Role.STREET_COMMITTEE: territory.street_id,
        Role.STREET_STAFF: territory.street_id,
        Role.COMMUNITY_SECRETARY: community_id,
        Role.GRID_SECRETARY: territory.grid_ids[stage.grid],
        Role.GRID_WORKER: territory.grid_ids[stage.grid],
        Role.UNIT_LIAISON: territory.street_id,
        Role.TEAM_LEADER: community_id,
        Role.VOLUNTEER: community_id,
        Role.AUDITOR: None,
        Role.VISITOR: None,
    }
    persons = {
        Role.VOLUNTEER: stage.volunteer.person_id,
        Role.TEAM_LEADER: stage.team.leader_id,
    }
    return {
        role: _add(
            rows,
            demonstration_account(role, _code(territory, stage, role)),
            (word(role, Language.ZH), word(role, Language.EN)),
            (role, area_id),
            since,
            person_id=persons.get(role),
            organisation_id=stage.unit.id if role is Role.UNIT_LIAISON else None,
            team_id=stage.team.id if role is Role.TEAM_LEADER else None,
        )
        for role, area_id in areas.items()
        if area_id is not None or territory.site.single
    }


def _code(territory: Territory, stage: Stage, role: Role) -> str | None:
    """The code in the name of a role's account: of the area that it holds, else of the street."""
    if territory.site.single:
        return None
    community = territory.community_codes[stage.community]
    grid = f"{community}{territory.town.grids[stage.grid].number:03d}"
    held = {
        Role.COMMUNITY_SECRETARY: community,
        Role.GRID_SECRETARY: grid,
        Role.GRID_WORKER: grid,
    }
    return held.get(role, territory.site.code)


def add_accounts(rows: Rows, territory: Territory, stage: Stage, *, since: date) -> Accounts:
    """Add an account for each role, and recorders and secretaries by area code.

    Those of the one street that every demonstration has are the prepared ones, ``demo-<role>``;
    other streets' carry the street's code and none is of the whole tree.

    The stage's community is decided by the role's own account; nobody decides what they record.
    """
    roles = _roles(rows, territory, stage, since)
    patterns = demonstration_names().accounts
    town = territory.town

    def staff(key: str, code: str, named: tuple[str, str], grant: tuple[Role, int]) -> int:
        zh, en = patterns[key].zh.format(name=named[0]), patterns[key].en.format(name=named[1])
        return _add(rows, f"demo-{key}-{code}", (zh, en), grant, since)

    street = (town.name.zh, town.name.en)
    committee = (Role.STREET_COMMITTEE, territory.street_id)
    recorders: dict[int | None, int] = {
        None: staff("recorder", territory.site.code, street, committee)
    }
    deciders: dict[int | None, int] = {None: roles[Role.STREET_COMMITTEE]}
    for c in town.communities:
        area_id, code = territory.community_ids[c.index], territory.community_codes[c.index]
        named = (c.name.zh, c.name.en)
        recorders[c.index] = staff("recorder", code, named, (Role.GRID_SECRETARY, area_id))
        deciders[c.index] = (
            roles[Role.COMMUNITY_SECRETARY]
            if c.index == stage.community
            else staff("secretary", code, named, (Role.COMMUNITY_SECRETARY, area_id))
        )
    return Accounts(roles, recorders, deciders)
