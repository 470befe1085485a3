"""Entries of the audit trail that no command leaves by itself."""

from lib.domain.permissions import Actor, Permission
from lib.persistence.transaction import enter_refused


def refuse_page(actor: Actor, permission: Permission, *, page: str) -> None:
    """Enter that the actor opened a page, by its path, without the permission it asks for."""
    enter_refused(actor, permission, page=page or "/")
