"""Requests of volunteers to correct what is recorded of them, and the steps of each request."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.rules import MINUTES_MAX
from lib.domain.vocab import CorrectionAction, CorrectionState
from lib.persistence.models.base import Requested, Row, Versioned, vocabulary


class CorrectionRequest(Requested, Versioned, Row):
    """What one person says of their part in a service: so many minutes, not those recorded.

    `minutes_before` is null for somebody who is not listed; `minutes_wanted` 0 says that they took
    no part. `words` are emptied when the person is forgotten.
    """

    __tablename__ = "correction_request"
    __table_args__ = (
        CheckConstraint(f"minutes_wanted between 0 and {MINUTES_MAX}", name="minutes"),
        CheckConstraint("minutes_wanted <> coalesce(minutes_before, 0)", name="differs"),
        CheckConstraint("state <> 'declined' or reason is not null", name="reason_given"),
        Index("ix_correction_request_person_id_service_id", "person_id", "service_id"),
        Index(
            "uq_correction_request_asked",
            "service_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    minutes_before: Mapped[int | None]
    minutes_wanted: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[CorrectionState] = mapped_column(vocabulary(CorrectionState))
    reason: Mapped[str | None] = mapped_column(Text)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[datetime]


class CorrectionStep(Row):
    """One step of a request for a correction; the last explains its state."""

    __tablename__ = "correction_step"
    __table_args__ = (Index("ix_correction_step_correction_id", "correction_id"),)

    correction_id: Mapped[int] = mapped_column(ForeignKey("correction_request.id"))
    action: Mapped[CorrectionAction] = mapped_column(vocabulary(CorrectionAction))
    source: Mapped[CorrectionState | None] = mapped_column(
        vocabulary(CorrectionState, name="source")
    )
    target: Mapped[CorrectionState] = mapped_column(vocabulary(CorrectionState, name="target"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
