"""What a web session is: whose browser, what is kept of its token, how demo accounts are named.

Opening and closing one stands in `lib.services.sessions`, asking whose it is in
`lib.queries.sessions`.
"""

import hashlib

from lib.domain.permissions import Role

TOKEN_BYTES = 32

PENDING_MINUTES = 5
"""How long the door waits for the second factor after the password."""

PREPARED_ONLY = frozenset({Role.UNIT_LIAISON, Role.TEAM_LEADER, Role.VOLUNTEER, Role.AUDITOR})
"""Roles that need a unit, team or person, or no place: entered as prepared, never made for one."""


def digest(token: str) -> str:
    """The SHA-256 of a session's token, the only trace of it in the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def demonstration_account(role: Role, area_code: str | None = None) -> str:
    """Name of the account that one click enters as `role`, prepared or made for one area."""
    return f"demo-{role}" if area_code is None else f"demo-{role}-{area_code}"
