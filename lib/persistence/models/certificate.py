"""Certificates of voluntary service, the services that each counts, and the steps of each."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.rules import MINUTES_MAX
from lib.domain.vocab import CertificateAction, CertificateState
from lib.persistence.models.base import Base, Name, Requested, Row, Versioned, vocabulary


class Certificate(Requested, Versioned, Row):
    """What a person's confirmed hours of some days amount to, as the issuer vouches for it.

    `area_id` is whose matter it is. From `number` to `services` everything is null or 0 until it
    is issued, and is never changed afterwards. Nobody issues their own.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("(state in ('issued', 'revoked')) = (number is not null)", name="numbered"),
        CheckConstraint(
            "number is null or (issued_on is not null and issued_by_id is not null"
            " and minutes > 0 and services > 0 and length(issuer) > 0)",
            name="complete",
        ),
        CheckConstraint(
            "state not in ('declined', 'revoked') or reason is not null", name="reason_given"
        ),
        Index("ix_certificate_area_id_state", "area_id", "state"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    state: Mapped[CertificateState] = mapped_column(vocabulary(CertificateState))
    reason: Mapped[str | None] = mapped_column(Text)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[datetime | None]
    number: Mapped[str | None] = mapped_column(String(24), unique=True)
    issuer: Mapped[str] = mapped_column(Name, default="")
    responsible: Mapped[str] = mapped_column(Name, default="")
    handler: Mapped[str] = mapped_column(Name, default="")
    contact: Mapped[str] = mapped_column(Name, default="")
    issued_on: Mapped[date | None]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    minutes: Mapped[int] = mapped_column(default=0)
    services: Mapped[int] = mapped_column(default=0)


class CertificateService(Base):
    """A service that a certificate counts, and the minutes of its person in it."""

    __tablename__ = "certificate_service"
    __table_args__ = (CheckConstraint(f"minutes between 1 and {MINUTES_MAX}", name="minutes"),)

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True, index=True)
    minutes: Mapped[int]


class CertificateStep(Row):
    """One step of a certificate; the last explains its state."""

    __tablename__ = "certificate_step"
    __table_args__ = (Index("ix_certificate_step_certificate_id", "certificate_id"),)

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    action: Mapped[CertificateAction] = mapped_column(vocabulary(CertificateAction))
    source: Mapped[CertificateState | None] = mapped_column(
        vocabulary(CertificateState, name="source")
    )
    target: Mapped[CertificateState] = mapped_column(vocabulary(CertificateState, name="target"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
