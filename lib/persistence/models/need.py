"""Needs of residents, and the steps each went through until it was answered.

What is wished for, by which group of people and where, is enough to act on. Who asked stands
apart, where they told it, and goes after a time.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import (
    Beneficiary,
    NeedAction,
    NeedSource,
    NeedState,
    ServiceKind,
    Urgency,
)
from lib.persistence.models.base import Base, Name, Requested, Row, Versioned, vocabulary


class Need(Requested, Versioned, Row):
    """What somebody in an area wishes for; `wished_on` is the day they wish it for.

    An adopted need names the project that answers it, a merged one the need it went into.
    `micro_wish` marks the small individual kind (微心愿). `collected_by_id` is null where the
    resident filled in the public form.
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
    collected_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    collected_at: Mapped[datetime]


class NeedFiling(Base):
    """What came with a need by the public form: who asked, if they said so, and their consent.

    `text_version` is `lib.domain.retention.ASKING_TEXT` of that day; name and phone are emptied
    when their time is over.
    """

    __tablename__ = "need_filing"

    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    text_version: Mapped[str] = mapped_column(String(16))
    filed_at: Mapped[datetime]


class ResidentLink(Row):
    """A link to where a need or a service stands, for whoever is served; it needs no account.

    Only the SHA-256 of its token is kept. `made_by_id` is the account that handed it out, null
    where it came with the public form.
    """

    __tablename__ = "resident_link"
    __table_args__ = (
        CheckConstraint("(need_id is null) <> (service_id is null)", name="of_one"),
        CheckConstraint("expires_at > made_at", name="term"),
    )

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class NeedStep(Row):
    """One step of a need; the last explains its state.

    `account_id` is null where the resident took it.
    """

    __tablename__ = "need_step"
    __table_args__ = (Index("ix_need_step_need_id", "need_id"),)

    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    action: Mapped[NeedAction] = mapped_column(vocabulary(NeedAction))
    source: Mapped[NeedState | None] = mapped_column(vocabulary(NeedState, name="source"))
    target: Mapped[NeedState] = mapped_column(vocabulary(NeedState, name="target"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
