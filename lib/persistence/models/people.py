"""People who volunteer or hold an office, and the teams they serve in.

A person stands here only in a relation entered knowingly; `consented_on` is the day of it.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import ServiceKind, TeamJoining
from lib.persistence.models.base import Initials, Name, Requested, Row, Versioned, vocabulary


class Person(Row):
    """A volunteer or office holder; `area_id` is where they live or serve.

    `forgotten_on` is the day everything personal was taken out of the row; what is left keeps the
    participations apart. `checked_in_on` is the day a member brought the certificate to their
    community; it is null for everybody else, and nothing else here tells of membership.
    """

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_area_id_name", "area_id", "name"),)

    name: Mapped[str] = mapped_column(String(60))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    checked_in_on: Mapped[date | None]
    consented_on: Mapped[date]
    volunteer_since: Mapped[date | None]
    forgotten_on: Mapped[date | None]


class Consent(Row):
    """What somebody agreed to: which text, when, and which account noted it.

    `text_version` is `lib.domain.retention.CONSENT_TEXT` of that day, empty for a consent given on
    paper or before texts were numbered; `recorded_at` is when it was noted here.
    """

    __tablename__ = "consent"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    text_version: Mapped[str] = mapped_column(String(16))
    given_on: Mapped[date]
    recorded_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class Team(Requested, Versioned, Row):
    """A service team (志愿服务队) with its leader (队长); it covers the grids of its area.

    Without a leader it may exist and cannot claim (guard ``claim_by_led_team``).
    """

    __tablename__ = "team"

    name_zh: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str | None] = mapped_column(Name)
    initials: Mapped[str] = mapped_column(Initials)
    kind: Mapped[ServiceKind] = mapped_column(vocabulary(ServiceKind))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    joining: Mapped[TeamJoining] = mapped_column(
        vocabulary(TeamJoining), default=TeamJoining.APPROVED
    )


class Membership(Row):
    """A person's time in a team; `until` is open while they belong."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint('"until" is null or "until" >= since', name="term"),
        Index("ix_membership_team_id_person_id", "team_id", "person_id"),
    )

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[date]
    until: Mapped[date | None]
