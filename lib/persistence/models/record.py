"""What the installation is, what was done in it, and what changed since somebody looked."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.permissions import Role
from lib.domain.vocab import Language, Topic
from lib.persistence.models.base import Base, Name, Row, vocabulary


class Installation(Base):
    """The one row that says what this database is; `started_on` is null while it is empty.

    `last_seal` is the number of the newest `AuditSeal`: a seal taken away from the end is missed.
    """

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    demonstration: Mapped[bool]
    started_on: Mapped[date | None]
    last_seal: Mapped[int] = mapped_column(default=0)


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
    """Who did what to what, from where, and what it said before and after; only ever added to.

    `changes` is ``{field: [before, after]}``; a personal field is named without its values.
    `refused` entries tell of an attempt: `action` is then the permission that was lacking.
    `area_id` is the area concerned, or the street where several of one street are; it is no
    foreign key, for the trail outlives what it speaks of. `address` and `agent` say from where.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_kind_subject_id", "subject_kind", "subject_id"),
        Index("ix_audit_entry_account_id_at", "account_id", "at"),
        Index("ix_audit_entry_action_id", "action", "id"),
        Index("ix_audit_entry_area_id_id", "area_id", "id"),
        Index(
            "ix_audit_entry_refused",
            "id",
            sqlite_where=text("refused"),
            postgresql_where=text("refused"),
        ),
    )

    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role | None] = mapped_column(vocabulary(Role))
    action: Mapped[str] = mapped_column(String(64))
    refused: Mapped[bool] = mapped_column(default=False)
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    subject_label: Mapped[str] = mapped_column(Name, default="")
    area_id: Mapped[int | None]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    address: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(40), default="")


class AuditSeal(Base):
    """A batch of audit entries, closed by a hash over them and over the seal before.

    The batch is the numbers `first_id` to `last_id` without the ranges of `missing`, and those of
    `late`: numbers of earlier ranges whose transactions ended only after their seal was made.
    `digest` is described in `lib.persistence.chain`.
    """

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_id: Mapped[int]
    last_id: Mapped[int]
    missing: Mapped[list[list[int]]] = mapped_column(JSON)
    late: Mapped[list[int]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(index=True)


class ChangeCounter(Base):
    """How often a topic changed within a street; roots above streets count for themselves."""

    __tablename__ = "change_counter"

    topic: Mapped[Topic] = mapped_column(vocabulary(Topic), primary_key=True)
    street_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]
