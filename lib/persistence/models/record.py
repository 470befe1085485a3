"""What the installation is, what was done in it, and what changed since somebody looked."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.permissions import Role
from lib.domain.vocab import Language, Topic
from lib.persistence.models.base import Base, Name, Row, vocabulary


class Installation(Base):
    """The one row that says what this database is; `started_on` is null while it is empty."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    demonstration: Mapped[bool]
    started_on: Mapped[date | None]


class Ground(Base):
    """The picture under the map of an area, one per theme and language, gzip of an SVG."""

    __tablename__ = "ground"

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    theme: Mapped[str] = mapped_column(String(8), primary_key=True)
    language: Mapped[Language] = mapped_column(vocabulary(Language, 2), primary_key=True)
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    digest: Mapped[str] = mapped_column(String(64))
    picture: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEntry(Row):
    """Who did what to what, and what it said before and after; only ever added to.

    `changes` is ``{field: [before, after]}``; a personal field is named without its values.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role | None] = mapped_column(vocabulary(Role))
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    subject_label: Mapped[str] = mapped_column(Name, default="")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class ChangeCounter(Base):
    """How often a topic changed within a street; roots above streets count for themselves."""

    __tablename__ = "change_counter"

    topic: Mapped[Topic] = mapped_column(vocabulary(Topic), primary_key=True)
    street_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]
