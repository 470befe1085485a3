"""What was done in one area on one day, added up beside the services that it sums."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import ServiceKind
from lib.persistence.models.base import Base, vocabulary


class DaySummary(Base):
    """The services of one kind held in an area itself, not below it, on one local day.

    `waiting` counts recorded services, `services` confirmed ones; `people_served`, `goods`,
    `money_fen` (fen), `participations` and `minutes` are of confirmed services,
    `waiting_minutes` of recorded ones. The minutes of both stand once more by trust level. What
    was returned or voided counts nowhere.
    """

    __tablename__ = "day_summary"
    __table_args__ = (
        CheckConstraint(
            "minutes + waiting_minutes = self_reported + checked_in + confirmed + certified",
            name="minutes_by_trust",
        ),
    )

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[ServiceKind] = mapped_column(vocabulary(ServiceKind), primary_key=True)
    waiting: Mapped[int]
    services: Mapped[int]
    people_served: Mapped[int]
    goods: Mapped[int]
    money_fen: Mapped[int] = mapped_column(BigInteger)
    participations: Mapped[int]
    minutes: Mapped[int]
    waiting_minutes: Mapped[int]
    self_reported: Mapped[int]
    checked_in: Mapped[int]
    confirmed: Mapped[int]
    certified: Mapped[int]
