"""Needs of residents, and the steps each went through until it was answered.

Nobody is named: what is wished for, by which group of people and where, is enough to act on.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import (
    Beneficiary,
    NeedAction,
    NeedSource,
    NeedState,
    ServiceKind,
    Urgency,
)
from lib.persistence.models.base import Name, Requested, Row, Versioned, vocabulary


class Need(Requested, Versioned, Row):
    """What somebody in an area wishes for; `wished_on` is the day they wish it for.

    An adopted need names the project that answers it, a merged one the need it went into.
    `micro_wish` marks the small individual kind (微心愿).
    """

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint("length(words) > 0", name="words"),
        CheckConstraint(
            "(state = 'adopted') = (project_id is not null)", name="adopted_by_a_project"
        ),
        CheckConstraint(
            "(state = 'merged') = (merged_into_id is not null)", name="merged_into_another"
        ),
        CheckConstraint("merged_into_id is null or merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("state <> 'declined' or reason is not null", name="reason_given"),
        Index("ix_need_state_id", "state", "id"),
        Index("ix_need_area_id_kind", "area_id", "kind"),
    )

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[ServiceKind] = mapped_column(vocabulary(ServiceKind))
    beneficiary: Mapped[Beneficiary] = mapped_column(vocabulary(Beneficiary))
    words: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Name, default="")
    wished_on: Mapped[date | None]
    urgency: Mapped[Urgency] = mapped_column(vocabulary(Urgency))
    micro_wish: Mapped[bool] = mapped_column(default=False)
    source: Mapped[NeedSource] = mapped_column(vocabulary(NeedSource))
    state: Mapped[NeedState] = mapped_column(vocabulary(NeedState))
    reason: Mapped[str | None] = mapped_column(Text)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    collected_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    collected_at: Mapped[datetime]


class NeedStep(Row):
    """One step of a need; the last explains its state."""

    __tablename__ = "need_step"
    __table_args__ = (Index("ix_need_step_need_id", "need_id"),)

    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    action: Mapped[NeedAction] = mapped_column(vocabulary(NeedAction))
    source: Mapped[NeedState | None] = mapped_column(vocabulary(NeedState, name="source"))
    target: Mapped[NeedState] = mapped_column(vocabulary(NeedState, name="target"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
