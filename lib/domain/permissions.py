"""Who may do what: one table from permission to roles, and the actor who is asked about.

Navigation, buttons, queries and services read this table; scope is decided by
`lib.persistence.scope` from the actor's grants.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from lib.domain.vocab import Language, Level


class Role(StrEnum):
    """Roles an account can hold, each within a scope; the strongest first."""

    ADMINISTRATOR = "administrator"
    STREET_COMMITTEE = "street_committee"
    STREET_STAFF = "street_staff"
    COMMUNITY_SECRETARY = "community_secretary"
    GRID_SECRETARY = "grid_secretary"
    GRID_WORKER = "grid_worker"
    UNIT_LIAISON = "unit_liaison"
    TEAM_LEADER = "team_leader"
    VOLUNTEER = "volunteer"
    AUDITOR = "auditor"
    VISITOR = "visitor"


class Permission(StrEnum):
    """What can be permitted, named subject:verb, in alphabetical order."""

    ACCOUNT_EDIT = "account:edit"
    AREA_EDIT = "area:edit"
    AREA_VIEW = "area:view"
    AUDIT_READ = "audit:read"
    CERTIFICATE_ISSUE = "certificate:issue"
    CHECKIN_LEDGER = "checkin:ledger"
    CHECKIN_REGISTER = "checkin:register"
    CLAIM_TAKE = "claim:take"
    COUNT_EXACT = "count:exact"
    DEMONSTRATION_REMOVE = "demonstration:remove"
    GRANT_DELEGATE = "grant:delegate"
    LEDGER_IMPORT = "ledger:import"
    MATRIX_VIEW = "matrix:view"
    NEED_COLLECT = "need:collect"
    NEED_SETTLE = "need:settle"
    PERSON_KEEP = "person:keep"
    PERSON_MASKED = "person:masked"
    PERSON_NAME = "person:name"
    PERSON_REGISTER = "person:register"
    PERSON_REVEAL = "person:reveal"
    PROJECT_EDIT = "project:edit"
    PROJECT_VIEW = "project:view"
    SERVICE_CONFIRM = "service:confirm"
    SERVICE_RECORD = "service:record"
    SERVICE_RECORD_OTHERS = "service:record_others"
    SERVICE_REVIEW = "service:review"
    SERVICE_VIEW = "service:view"
    SERVICE_VOID = "service:void"
    SETTINGS_EDIT = "settings:edit"
    STRUCTURE_EDIT = "structure:edit"
    TEAM_EDIT = "team:edit"
    TEAM_JOIN = "team:join"
    UNIT_CONTACT = "unit:contact"
    UNIT_EDIT = "unit:edit"
    UNIT_VIEW = "unit:view"


_R = Role
_SECRETARIES = frozenset(
    {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.COMMUNITY_SECRETARY, _R.GRID_SECRETARY}
)
_OFFICES = _SECRETARIES | {_R.STREET_STAFF}
"""Who settles the daily work: staff prepare and confirm, only a secretary voids for good."""
_WALKING = _OFFICES | {_R.GRID_WORKER}
_SERVING = _WALKING | {_R.UNIT_LIAISON, _R.TEAM_LEADER, _R.VOLUNTEER}
_EVERYBODY = frozenset(Role) - {_R.AUDITOR}
"""Everybody who looks at the street; an auditor reads the log and nothing else."""

GRANTED: Mapping[Permission, frozenset[Role]] = {
    Permission.ACCOUNT_EDIT: frozenset(
        {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.COMMUNITY_SECRETARY}
    ),
    Permission.AREA_EDIT: frozenset({_R.ADMINISTRATOR, _R.STREET_COMMITTEE}),
    Permission.AREA_VIEW: _EVERYBODY,
    Permission.AUDIT_READ: frozenset({_R.ADMINISTRATOR, _R.AUDITOR}),
    Permission.CHECKIN_LEDGER: frozenset(
        {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.STREET_STAFF, _R.UNIT_LIAISON}
    ),
    Permission.CHECKIN_REGISTER: _OFFICES,
    Permission.CERTIFICATE_ISSUE: frozenset(
        {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.COMMUNITY_SECRETARY}
    ),
    Permission.CLAIM_TAKE: _SERVING,
    Permission.COUNT_EXACT: _SERVING,
    Permission.DEMONSTRATION_REMOVE: frozenset({_R.ADMINISTRATOR}),
    Permission.GRANT_DELEGATE: _OFFICES - {_R.ADMINISTRATOR},
    Permission.LEDGER_IMPORT: frozenset(
        {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.STREET_STAFF, _R.COMMUNITY_SECRETARY}
    ),
    Permission.MATRIX_VIEW: frozenset({_R.ADMINISTRATOR, _R.AUDITOR}),
    Permission.NEED_COLLECT: _WALKING,
    Permission.NEED_SETTLE: _OFFICES,
    Permission.PERSON_KEEP: frozenset(
        {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.COMMUNITY_SECRETARY}
    ),
    Permission.PERSON_MASKED: _SERVING,
    Permission.PERSON_NAME: _SERVING - {_R.VOLUNTEER},
    Permission.PERSON_REGISTER: _WALKING,
    Permission.PERSON_REVEAL: _SERVING - {_R.VOLUNTEER},
    Permission.PROJECT_EDIT: _OFFICES,
    Permission.PROJECT_VIEW: _SERVING,
    Permission.SERVICE_CONFIRM: _OFFICES,
    Permission.SERVICE_RECORD: _SERVING,
    Permission.SERVICE_RECORD_OTHERS: _SERVING - {_R.VOLUNTEER},
    Permission.SERVICE_REVIEW: _SECRETARIES,
    Permission.SERVICE_VIEW: _SERVING,
    Permission.SERVICE_VOID: _SECRETARIES,
    Permission.SETTINGS_EDIT: frozenset({_R.ADMINISTRATOR, _R.STREET_COMMITTEE}),
    Permission.STRUCTURE_EDIT: _OFFICES,
    Permission.TEAM_EDIT: _OFFICES | {_R.TEAM_LEADER},
    Permission.TEAM_JOIN: _SERVING,
    Permission.UNIT_CONTACT: _WALKING | {_R.UNIT_LIAISON},
    Permission.UNIT_EDIT: frozenset(
        {
            _R.ADMINISTRATOR,
            _R.STREET_COMMITTEE,
            _R.STREET_STAFF,
            _R.COMMUNITY_SECRETARY,
            _R.UNIT_LIAISON,
        }
    ),
    Permission.UNIT_VIEW: _EVERYBODY,
}

BOUND = frozenset(
    {
        Permission.CHECKIN_LEDGER,
        Permission.PERSON_NAME,
        Permission.SERVICE_RECORD_OTHERS,
        Permission.TEAM_EDIT,
        Permission.UNIT_EDIT,
    }
)
"""What a grant on a unit or team carries for that unit or team alone, not for its area."""

GIVES: Mapping[Role, frozenset[Role]] = {
    _R.ADMINISTRATOR: frozenset(Role),
    _R.STREET_COMMITTEE: frozenset(Role) - {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.AUDITOR},
    _R.COMMUNITY_SECRETARY: frozenset(
        {_R.GRID_WORKER, _R.UNIT_LIAISON, _R.TEAM_LEADER, _R.VOLUNTEER}
    ),
}
"""Who gives which roles, within the own area: never the own rank, save the administrator.

A grid secretary is named by the street, as the head who answers for a grid; those who walk it,
liaisons, leaders and volunteers of a community are known to its secretary.
"""

WITHOUT_AREA = frozenset({_R.ADMINISTRATOR, _R.AUDITOR, _R.VISITOR})
"""Roles that may be held over the whole tree; the auditor's only so."""

WIDEST: Mapping[Role, Level] = {
    _R.STREET_COMMITTEE: Level.STREET,
    _R.STREET_STAFF: Level.STREET,
    _R.COMMUNITY_SECRETARY: Level.COMMUNITY,
    _R.GRID_SECRETARY: Level.GRID,
    _R.GRID_WORKER: Level.GRID,
}
"""The widest area each office is given for; other roles take any."""


@dataclass(frozen=True)
class Grant:
    """A role held within a scope.

    `area_id` None means the whole tree. A unit liaison's grant names the unit and a team
    leader's the team; their area is what they see around it. `on_behalf_of` is the account whose
    delegated grant this is.
    """

    role: Role
    area_id: int | None
    organisation_id: int | None = None
    team_id: int | None = None
    on_behalf_of: int | None = None


@dataclass(frozen=True)
class Scope:
    """What a permission reaches: all, or what is below the areas or belongs to a unit or team."""

    whole_tree: bool
    area_ids: frozenset[int]
    unit_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()

    @property
    def has_area(self) -> bool:
        """Whether it reaches any area at all, beside single units and teams."""
        return self.whole_tree or bool(self.area_ids)


@dataclass(frozen=True)
class Actor:
    """Somebody signed in: the account, its person if it has one, and its grants."""

    account_id: int
    name_zh: str
    name_en: str
    language: Language
    person_id: int | None
    grants: tuple[Grant, ...]

    def may(self, permission: Permission) -> bool:
        """Whether any grant carries the permission, somewhere."""
        return any(grant.role in GRANTED[permission] for grant in self.grants)

    def scope(self, permission: Permission) -> Scope:
        """Where the permission reaches for this actor: the union of all grants that carry it."""
        areas: set[int | None] = set()
        units: set[int] = set()
        teams: set[int] = set()
        for grant in self.grants:
            if grant.role not in GRANTED[permission]:
                continue
            if permission in BOUND and grant.organisation_id is not None:
                units.add(grant.organisation_id)
            elif permission in BOUND and grant.team_id is not None:
                teams.add(grant.team_id)
            else:
                areas.add(grant.area_id)
        return Scope(
            None in areas,
            frozenset(a for a in areas if a is not None),
            frozenset(units),
            frozenset(teams),
        )

    def in_own_name(self) -> "Actor":
        """The same actor without what was delegated to it."""
        return replace(self, grants=tuple(g for g in self.grants if g.on_behalf_of is None))

    @property
    def role(self) -> Role:
        """The strongest role, for the audit entry and the screen."""
        return min((g.role for g in self.grants), key=list(Role).index, default=Role.VISITOR)
