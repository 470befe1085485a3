"""Accounts, what they may do where, and the web sessions they opened."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.permissions import Role
from lib.domain.vocab import Language
from lib.persistence.models.base import Base, Row, vocabulary


class Account(Row):
    """Somebody who can sign in; `demonstration` accounts are entered by one click."""

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_zh: Mapped[str] = mapped_column(String(60))
    display_en: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    language: Mapped[Language] = mapped_column(vocabulary(Language, 2))
    demonstration: Mapped[bool]
    closed_on: Mapped[date | None]


class AccountGrant(Row):
    """A role within a scope, from a first to a last local day, both included.

    `area_id` null is the whole tree. A delegated grant names its `origin_id`, the grant of
    somebody who is away, and always an end.
    """

    __tablename__ = "account_grant"
    __table_args__ = (
        CheckConstraint(
            "area_id is not null or role in ('administrator', 'auditor', 'visitor')", name="scope"
        ),
        CheckConstraint("area_id is null or role <> 'auditor'", name="auditor"),
        CheckConstraint("(organisation_id is not null) = (role = 'unit_liaison')", name="unit"),
        CheckConstraint("(team_id is not null) = (role = 'team_leader')", name="team"),
        CheckConstraint('origin_id is null or "until" is not null', name="delegated"),
        CheckConstraint("origin_id is null or origin_id <> id", name="origin"),
        CheckConstraint('"until" is null or "until" >= since', name="term"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role] = mapped_column(vocabulary(Role))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    origin_id: Mapped[int | None] = mapped_column(
        ForeignKey("account_grant.id", ondelete="CASCADE"), index=True
    )
    since: Mapped[date]
    until: Mapped[date | None]


class WebSession(Base):
    """A signed-in browser; only the SHA-256 of its token is kept."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    language: Mapped[Language] = mapped_column(vocabulary(Language, 2))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
