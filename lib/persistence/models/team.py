"""The way into a team with its steps, and the events that a team holds.

Who belongs to a team, and since when, is `lib.persistence.models.people.Membership`.
"""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.teams import HEADS_MAX
from lib.domain.vocab import MembershipAction, MembershipState, ServiceKind
from lib.persistence.models.base import Name, Requested, Row, Versioned, vocabulary

_UNANSWERED = text("state in ('asked', 'invited')")


class MembershipRequest(Requested, Versioned, Row):
    """Somebody's way into a team: joined at once, asked or invited, and what became of it.

    Whoever came in names the membership that began; who came by a ledger has no request.
    """

    __tablename__ = "membership_request"
    __table_args__ = (
        CheckConstraint(
            "(state in ('member', 'left')) = (membership_id is not null)", name="member_since"
        ),
        Index(
            "uq_membership_request_unanswered",
            "team_id",
            "person_id",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
    )

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[MembershipState] = mapped_column(vocabulary(MembershipState))
    reason: Mapped[str | None] = mapped_column(Text)
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), unique=True)
    made_at: Mapped[datetime]


class MembershipStep(Row):
    """One step on the way into a team; the last explains its state.

    `account_id` is null where a person was forgotten and nobody decided.
    """

    __tablename__ = "membership_step"
    __table_args__ = (Index("ix_membership_step_membership_request_id", "membership_request_id"),)

    membership_request_id: Mapped[int] = mapped_column(ForeignKey("membership_request.id"))
    action: Mapped[MembershipAction] = mapped_column(vocabulary(MembershipAction))
    source: Mapped[MembershipState | None] = mapped_column(
        vocabulary(MembershipState, name="source")
    )
    target: Mapped[MembershipState] = mapped_column(vocabulary(MembershipState, name="target"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)


class TeamEvent(Requested, Versioned, Row):
    """What a team does together on a local day: planned, then held or called off.

    `planned_heads` and `actual` count heads; `actual` is null until it was held, `reason` until it
    was called off. An event that was held may name the service that was recorded of it.
    """

    __tablename__ = "team_event"
    __table_args__ = (
        CheckConstraint(f"planned_heads between 1 and {HEADS_MAX}", name="planned_heads"),
        CheckConstraint(f"actual is null or actual between 1 and {HEADS_MAX}", name="actual"),
        CheckConstraint("actual is null or reason is null", name="held_or_called_off"),
        CheckConstraint("service_id is null or actual is not null", name="recorded_when_held"),
        CheckConstraint(
            "(starts_at is null) = (ends_at is null)"
            " and (starts_at is null or starts_at < ends_at)",
            name="hours",
        ),
        Index("ix_team_event_team_id_day", "team_id", "day"),
        Index("ix_team_event_area_id", "area_id"),
    )

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    kind: Mapped[ServiceKind] = mapped_column(vocabulary(ServiceKind))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    place: Mapped[str] = mapped_column(Name, default="")
    day: Mapped[date]
    starts_at: Mapped[time | None]
    ends_at: Mapped[time | None]
    planned_heads: Mapped[int]
    actual: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str | None] = mapped_column(Text)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), unique=True)
    planned_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
