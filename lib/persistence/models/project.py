"""Projects of the library: what can be claimed, how often, where and when.

How far a project has come is not kept here: it is read from its claims.
"""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.claims import CAPACITY_MAX
from lib.domain.vocab import (
    Beneficiary,
    Bringing,
    Entry,
    ProjectAction,
    ProjectState,
    ServiceKind,
    Skill,
)
from lib.persistence.models.base import Base, Name, Requested, Row, Versioned, vocabulary


class Project(Requested, Versioned, Row):
    """Something to be done for residents, with `capacity` places to claim.

    It is done on a local day from `first_day` to `last_day`, between `starts_at` and `ends_at`
    where these are given; it can be claimed from `opens_on`. A `collective` one is carried by
    teams and units alone (集体认领). `entry` and `brings` are the four entries (四进四送).
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint(f"capacity between 1 and {CAPACITY_MAX}", name="capacity"),
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("opens_on is null or opens_on <= last_day", name="opens"),
        CheckConstraint(
            "(starts_at is null) = (ends_at is null)"
            " and (starts_at is null or starts_at < ends_at)",
            name="hours",
        ),
        CheckConstraint("state <> 'withdrawn' or reason is not null", name="reason_given"),
        Index("ix_project_state_last_day_id", "state", "last_day", "id"),
        Index("ix_project_state_kind_last_day_id", "state", "kind", "last_day", "id"),
        Index("ix_project_area_id_state", "area_id", "state"),
        Index("ix_project_state_id", "state", "id"),
    )

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[ServiceKind] = mapped_column(vocabulary(ServiceKind))
    beneficiary: Mapped[Beneficiary] = mapped_column(vocabulary(Beneficiary))
    title: Mapped[str] = mapped_column(Name)
    words: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Name, default="")
    entry: Mapped[Entry] = mapped_column(vocabulary(Entry))
    brings: Mapped[Bringing] = mapped_column(vocabulary(Bringing))
    collective: Mapped[bool] = mapped_column(default=False)
    capacity: Mapped[int]
    opens_on: Mapped[date | None]
    first_day: Mapped[date]
    last_day: Mapped[date]
    starts_at: Mapped[time | None]
    ends_at: Mapped[time | None]
    state: Mapped[ProjectState] = mapped_column(vocabulary(ProjectState))
    reason: Mapped[str | None] = mapped_column(Text)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class ProjectSkill(Base):
    """What whoever claims the project must be able to do."""

    __tablename__ = "project_skill"
    __table_args__ = (Index("ix_project_skill_skill_project_id", "skill", "project_id"),)

    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id"), primary_key=True, autoincrement=False
    )
    skill: Mapped[Skill] = mapped_column(vocabulary(Skill), primary_key=True)


class ProjectStep(Row):
    """One step of a project; the last explains its state."""

    __tablename__ = "project_step"
    __table_args__ = (Index("ix_project_step_project_id", "project_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    action: Mapped[ProjectAction] = mapped_column(vocabulary(ProjectAction))
    source: Mapped[ProjectState | None] = mapped_column(vocabulary(ProjectState, name="source"))
    target: Mapped[ProjectState] = mapped_column(vocabulary(ProjectState, name="target"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
