"""What a resident's link reaches, as SQL: the need, the project that answers it, its services."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lib.domain.sessions import digest
from lib.persistence.models import Claim, ClaimService, Need, ResidentLink, Service

_MERGED_MOST = 50
"""A chain of merged needs is no longer than this."""


def link_of(session: Session, token: str, at: datetime) -> ResidentLink | None:
    """The link of the token while it is good; None once it expired, was revoked, or never was."""
    return session.scalar(
        select(ResidentLink).where(
            ResidentLink.token_hash == digest(token),
            ResidentLink.revoked_at.is_(None),
            ResidentLink.expires_at > at,
        )
    )


def answered_with(session: Session, need: Need) -> Need:
    """The need that is answered in the place of this one: where it was merged into, else itself."""
    for _ in range(_MERGED_MOST):
        if need.merged_into_id is None:
            return need
        need = session.get_one(Need, need.merged_into_id)
    return need


def services_reached(session: Session, link: ResidentLink) -> ColumnElement[bool]:
    """Whether a service is one that the link's holder may confirm, or say was not given."""
    if link.need_id is None:
        return Service.id == link.service_id
    need = answered_with(session, session.get_one(Need, link.need_id))
    of_project = (
        select(ClaimService.service_id)
        .join(Claim, Claim.id == ClaimService.claim_id)
        .where(Claim.project_id == need.project_id)
    )
    return Service.id.in_(of_project)
