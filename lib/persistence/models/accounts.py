"""Accounts: what they may do where, how they prove who they are, the web sessions they opened."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.calendar import now
from lib.domain.credentials import NAME_MOST, appearance
from lib.domain.permissions import Role
from lib.domain.vocab import Language
from lib.persistence.models.base import Base, Row, vocabulary


def _appearance(context: DefaultExecutionContext) -> str:
    values: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return str(values["name"]) if values["demonstration"] else appearance(values["name"])


class Account(Row):
    """Somebody who can sign in; `demonstration` accounts are entered by one click.

    `appearance` is what the name looks like: two names that look the same are one. `subject` is
    who it is at the provider of single sign-on, led by the provider's address.
    """

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(String(NAME_MOST), unique=True)
    appearance: Mapped[str] = mapped_column(String(NAME_MOST), unique=True, default=_appearance)
    display_zh: Mapped[str] = mapped_column(String(60))
    display_en: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    subject: Mapped[str | None] = mapped_column(String(512), unique=True)
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


class ChangeOfPost(Row):
    """That everything open with one account went to another, and what its holder left in words."""

    __tablename__ = "change_of_post"
    __table_args__ = (CheckConstraint("predecessor_id <> successor_id", name="two_accounts"),)

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    day: Mapped[date]
    note: Mapped[str] = mapped_column(String(1000))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]


class OneTimeCode(Base):
    """The one open code of an account, with which it sets a password; only its SHA-256 is kept."""

    __tablename__ = "one_time_code"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    code_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class SecondFactor(Base):
    """The secret of an account's authenticator; asked for once `confirmed_at` is set.

    `last_step` is the time step of the last code that was accepted: none is taken twice.
    """

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    secret: Mapped[str] = mapped_column(String(255))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that stands in for the authenticator once; only its SHA-256 is kept."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )


class SignInTry(Base):
    """How often something was tried lately by one name or address; `key` is a SHA-256 of which."""

    __tablename__ = "sign_in_try"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)


class SingleSignOn(Base):
    """A browser on its way to the provider of single sign-on and back; good once.

    `account_id` is set when somebody signed in connects the own account.
    """

    __tablename__ = "single_sign_on"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    wanted: Mapped[str] = mapped_column(String(2000))
    language: Mapped[Language | None] = mapped_column(vocabulary(Language, 2))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)


class WebSession(Base):
    """A signed-in browser; only the SHA-256 of its token is kept.

    While `pending` it has shown the password and not yet the second factor, and opens nothing.
    `seen_at` is when somebody last did something in it, `device` what the browser calls itself.
    """

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    language: Mapped[Language] = mapped_column(vocabulary(Language, 2))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(default=now)
    pending: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
