"""Who may do what: one table from permission to roles, and the actor who is asked about.

Navigation, buttons, queries and services read this table; scope is decided by
`lib.persistence.scope` from the actor's grants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.vocab import Language


class Role(StrEnum):
    """Roles an account can hold, each within a scope."""

    ADMINISTRATOR = "administrator"
    STREET_COMMITTEE = "street_committee"
    COMMUNITY_SECRETARY = "community_secretary"
    GRID_SECRETARY = "grid_secretary"
    UNIT_LIAISON = "unit_liaison"
    VOLUNTEER = "volunteer"
    VISITOR = "visitor"


class Permission(StrEnum):
    """What can be permitted, named subject:verb, in alphabetical order."""

    AREA_EDIT = "area:edit"
    AREA_VIEW = "area:view"
    LEDGER_IMPORT = "ledger:import"
    PERSON_NAME = "person:name"
    PERSON_REGISTER = "person:register"
    SERVICE_CONFIRM = "service:confirm"
    SERVICE_RECORD = "service:record"
    SERVICE_RECORD_OTHERS = "service:record_others"
    SERVICE_VIEW = "service:view"
    SERVICE_VOID = "service:void"
    SETTINGS_EDIT = "settings:edit"
    STRUCTURE_EDIT = "structure:edit"
    UNIT_CONTACT = "unit:contact"
    UNIT_EDIT = "unit:edit"
    UNIT_VIEW = "unit:view"


_R = Role
_SECRETARIES = frozenset(
    {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.COMMUNITY_SECRETARY, _R.GRID_SECRETARY}
)
_EVERYBODY = frozenset(Role)

GRANTED: Mapping[Permission, frozenset[Role]] = {
    Permission.AREA_EDIT: frozenset({_R.ADMINISTRATOR, _R.STREET_COMMITTEE}),
    Permission.AREA_VIEW: _EVERYBODY,
    Permission.LEDGER_IMPORT: frozenset(
        {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.COMMUNITY_SECRETARY}
    ),
    Permission.PERSON_NAME: _SECRETARIES | {_R.UNIT_LIAISON, _R.VOLUNTEER},
    Permission.PERSON_REGISTER: _SECRETARIES,
    Permission.SERVICE_CONFIRM: _SECRETARIES,
    Permission.SERVICE_RECORD: _SECRETARIES | {_R.UNIT_LIAISON, _R.VOLUNTEER},
    Permission.SERVICE_RECORD_OTHERS: _SECRETARIES | {_R.UNIT_LIAISON},
    Permission.SERVICE_VIEW: _SECRETARIES | {_R.UNIT_LIAISON, _R.VOLUNTEER},
    Permission.SERVICE_VOID: _SECRETARIES,
    Permission.SETTINGS_EDIT: frozenset({_R.ADMINISTRATOR, _R.STREET_COMMITTEE}),
    Permission.STRUCTURE_EDIT: _SECRETARIES,
    Permission.UNIT_CONTACT: _SECRETARIES | {_R.UNIT_LIAISON},
    Permission.UNIT_EDIT: frozenset(
        {_R.ADMINISTRATOR, _R.STREET_COMMITTEE, _R.COMMUNITY_SECRETARY, _R.UNIT_LIAISON}
    ),
    Permission.UNIT_VIEW: _EVERYBODY,
}


@dataclass(frozen=True)
class Grant:
    """A role held within a scope.

    `area_id` None means the whole tree; a unit liaison's grant names the unit, and the area
    is what the liaison sees around it.
    """

    role: Role
    area_id: int | None
    organisation_id: int | None = None


@dataclass(frozen=True)
class Scope:
    """The areas a permission reaches: the whole tree, or everything below `area_ids`."""

    whole_tree: bool
    area_ids: frozenset[int]


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
        """Where the permission reaches for this actor."""
        areas = [g.area_id for g in self.grants if g.role in GRANTED[permission]]
        return Scope(None in areas, frozenset(a for a in areas if a is not None))

    def only_unit(self, permission: Permission) -> int | None:
        """The one unit this actor's permission is bound to, None when areas decide."""
        held = [g for g in self.grants if g.role in GRANTED[permission]]
        if held and all(g.role is Role.UNIT_LIAISON for g in held):
            return held[0].organisation_id
        return None

    @property
    def role(self) -> Role:
        """The strongest role, for the audit entry and the screen."""
        return min((g.role for g in self.grants), key=list(Role).index, default=Role.VISITOR)
