"""What stands behind every confirmed claim, from the need to somebody else's confirmation.

Counted for whoever checks the data; what is missing where it must not be is told by
`lib.queries.check`.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from lib.domain.vocab import ClaimState, ConfirmedBy, NeedState, ServiceState
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    Claim,
    ClaimService,
    Membership,
    Need,
    Participation,
    Person,
    Service,
)


@dataclass(frozen=True)
class Proof:
    """How many claims are confirmed, and how many of them have each thing behind them.

    `needs` have a need that their project answers (a project may also be made without one),
    `services` a confirmed service, `participations` one in which the claimant took part, and
    `confirmers` one confirmed by an account that neither recorded it nor served in it, or by the
    person served through their own link.
    """

    claims: int
    needs: int
    services: int
    participations: int
    confirmers: int


def proof() -> Proof:
    """What stands behind the confirmed claims of the whole database."""
    need = exists().where(Need.project_id == Claim.project_id, Need.state == NeedState.ADOPTED)
    parts = (
        need,
        _confirmed(),
        _confirmed(
            exists()
            .where(Participation.service_id == Service.id, of_claimant())
            .correlate_except(Participation)
        ),
        _confirmed(_by_another()),
    )
    counts = (func.coalesce(func.sum(case((part, 1), else_=0)), 0) for part in parts)
    statement = select(func.count(), *counts).where(Claim.state == ClaimState.CONFIRMED)
    with Reads() as session:
        return Proof(*map(int, session.execute(statement).one()))


def of_claimant() -> ColumnElement[bool]:
    """Whether the claimant, or the team's or unit's people, took part in a participation."""
    members = select(Membership.person_id).where(Membership.team_id == Claim.team_id)
    staff = select(Person.id).where(Person.organisation_id == Claim.organisation_id)
    return or_(
        Participation.person_id == Claim.person_id,
        Participation.team_id == Claim.team_id,
        Participation.organisation_id == Claim.organisation_id,
        Participation.person_id.in_(members),
        Participation.person_id.in_(staff),
    )


def _confirmed(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a confirmed service of the claim meets the conditions."""
    return (
        exists()
        .where(
            and_(
                ClaimService.claim_id == Claim.id,
                Service.id == ClaimService.service_id,
                Service.state == ServiceState.CONFIRMED,
                *conditions,
            )
        )
        .correlate(Claim)
    )


def _by_another() -> ColumnElement[bool]:
    others = and_(Service.decided_by_id != Service.recorded_by_id, ~_served_by_decider())
    return or_(others, Service.confirmed_by == ConfirmedBy.RESIDENT_LINK)


def _served_by_decider() -> ColumnElement[bool]:
    return (
        exists()
        .where(
            Participation.service_id == Service.id,
            Account.person_id == Participation.person_id,
            Account.id == Service.decided_by_id,
        )
        .correlate(Service)
    )
