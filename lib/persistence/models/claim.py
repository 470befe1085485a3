"""Claims on projects by a person, a team or a unit, their services and their steps.

Whether a place is free is held by the guard ``claim_within_capacity`` beside the service.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.claims import STANDING
from lib.domain.vocab import ClaimAction, ClaimState
from lib.persistence.models.base import Base, Requested, Row, Versioned, vocabulary

_STANDING = text(f"state in ({', '.join(repr(s.value) for s in sorted(STANDING))})")


def _one_standing(column: str) -> Index:
    """No claimant stands twice in one project; whoever left may claim it again."""
    return Index(
        f"uq_claim_standing_{column}",
        "project_id",
        column,
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )


class Claim(Requested, Versioned, Row):
    """The promise of one claimant to do a project on a day, `promised_on`.

    `from_claim_id` is the claim that was handed over to this claimant.
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint(
            "(case when person_id is null then 0 else 1 end)"
            " + (case when team_id is null then 0 else 1 end)"
            " + (case when organisation_id is null then 0 else 1 end) = 1",
            name="one_claimant",
        ),
        CheckConstraint("state <> 'withdrawn' or reason is not null", name="reason_given"),
        Index("ix_claim_project_id_state", "project_id", "state"),
        Index("ix_claim_state_promised_on", "state", "promised_on"),
        *(_one_standing(column) for column in ("person_id", "team_id", "organisation_id")),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    promised_on: Mapped[date]
    state: Mapped[ClaimState] = mapped_column(vocabulary(ClaimState))
    reason: Mapped[str | None] = mapped_column(Text)
    from_claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), index=True)
    claimed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    claimed_at: Mapped[datetime]


class ClaimService(Base):
    """A service given on a claim: a claim may need several, a service keeps one promise."""

    __tablename__ = "claim_service"

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)


class PlaceCheckIn(Row):
    """Somebody was where a claim is kept, on that day: they opened the code that hangs there."""

    __tablename__ = "place_check_in"
    __table_args__ = (UniqueConstraint("claim_id", "person_id", "day"),)

    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    day: Mapped[date]
    at: Mapped[datetime]


class ClaimStep(Row):
    """One step of a claim; the last explains its state.

    `account_id` is null where nobody did: the promised day passed, or a place became free.
    """

    __tablename__ = "claim_step"
    __table_args__ = (Index("ix_claim_step_claim_id", "claim_id"),)

    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    action: Mapped[ClaimAction] = mapped_column(vocabulary(ClaimAction))
    source: Mapped[ClaimState | None] = mapped_column(vocabulary(ClaimState, name="source"))
    target: Mapped[ClaimState] = mapped_column(vocabulary(ClaimState, name="target"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
