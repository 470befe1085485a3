"""Services, who took part in them, and the steps each record went through.

People served, goods and money belong to the service, hours to the participation.
"""

from datetime import date, datetime, time

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.rules import MINUTES_MAX
from lib.domain.vocab import (
    Beneficiary,
    ConfirmedBy,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Trust,
)
from lib.persistence.models.base import Name, Row, Versioned, vocabulary


class Service(Versioned, Row):
    """One service on one local day in one area; money is in fen.

    `confirmed_by` says who vouched for it, `satisfaction` (1 to 5) and its word what the person
    served thinks of it. `decided_by_id` is null where they said so by their own link.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("people_served >= 0 and goods >= 0 and money_fen >= 0", name="amounts"),
        CheckConstraint(
            "state <> 'confirmed'"
            " or (confirmed_by = 'resident_link') = (decided_by_id is null)"
            " and (decided_by_id is null or decided_by_id <> recorded_by_id)",
            name="confirmed_by_another",
        ),
        CheckConstraint("(state = 'confirmed') = (confirmed_by is not null)", name="confirmed_how"),
        CheckConstraint("satisfaction between 1 and 5", name="satisfaction"),
        CheckConstraint(
            "state not in ('returned', 'voided') or reason is not null", name="reason_given"
        ),
        Index("ix_service_area_id_day", "area_id", "day"),
        Index("ix_service_day_area_id_state", "day", "area_id", "state"),
        Index("ix_service_state_area_id", "state", "area_id"),
    )

    kind: Mapped[ServiceKind] = mapped_column(vocabulary(ServiceKind))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    place: Mapped[str] = mapped_column(Name, default="")
    day: Mapped[date]
    starts_at: Mapped[time | None]
    people_served: Mapped[int]
    beneficiary: Mapped[Beneficiary] = mapped_column(vocabulary(Beneficiary))
    goods: Mapped[int] = mapped_column(default=0)
    money_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[ServiceState] = mapped_column(vocabulary(ServiceState))
    reason: Mapped[str | None] = mapped_column(Text)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    recorded_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    confirmed_by: Mapped[ConfirmedBy | None] = mapped_column(vocabulary(ConfirmedBy))
    satisfaction: Mapped[int | None]
    satisfaction_word: Mapped[str] = mapped_column(Name, default="")
    request_id: Mapped[str] = mapped_column(String(36), unique=True)


class Participation(Row):
    """The minutes one person, team or unit gave to a service, and how they are vouched for."""

    __tablename__ = "participation"
    __table_args__ = (
        CheckConstraint(f"minutes between 1 and {MINUTES_MAX}", name="minutes"),
        CheckConstraint(
            "(case when person_id is null then 0 else 1 end)"
            " + (case when team_id is null then 0 else 1 end)"
            " + (case when organisation_id is null then 0 else 1 end) = 1",
            name="one_participant",
        ),
        UniqueConstraint("service_id", "person_id"),
        UniqueConstraint("service_id", "team_id"),
        UniqueConstraint("service_id", "organisation_id"),
        Index("ix_participation_service_id_minutes", "service_id", "minutes"),
        Index("ix_participation_person_id_service_id", "person_id", "service_id"),
        Index("ix_participation_team_id_service_id", "team_id", "service_id"),
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    minutes: Mapped[int]
    trust: Mapped[Trust] = mapped_column(vocabulary(Trust))


class ServiceStep(Row):
    """One step of a service record, as people read its history; the last explains its state.

    `account_id` is null where the person served took it by their own link.
    """

    __tablename__ = "service_step"
    __table_args__ = (Index("ix_service_step_service_id", "service_id"),)

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    action: Mapped[ServiceAction] = mapped_column(vocabulary(ServiceAction))
    source: Mapped[ServiceState | None] = mapped_column(vocabulary(ServiceState, name="source"))
    target: Mapped[ServiceState] = mapped_column(vocabulary(ServiceState, name="target"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
