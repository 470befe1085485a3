"""Who checked in (报到) with which community, for which unit, and what they can do and when.

Where somebody lives is told by a grid and never by a point; a request from a phone is kept apart
until somebody answers it.
"""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.check_in import CERTIFICATE_MAX, OPEN, RADII
from lib.domain.vocab import CheckInAction, CheckInState, DayPart, Skill, VolunteerDuty
from lib.persistence.models.base import Base, Requested, Row, Versioned, vocabulary

_OPEN = f"state in ({', '.join(repr(state.value) for state in sorted(OPEN))})"


class CheckIn(Requested, Versioned, Row):
    """Somebody's time with the community where they live, `area_id`.

    `organisation_id` is the unit whose branch certificate was brought, null for volunteers without
    a unit; `due_on` the day that the unit had set. `pledge_version` is empty for a pledge given on
    paper. One person is checked in once at a time, and so is one certificate.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        CheckConstraint("(state in ('moved', 'left')) = (ended_on is not null)", name="ended"),
        CheckConstraint("ended_on is null or ended_on >= checked_in_on", name="term"),
        CheckConstraint(
            "organisation_id is not null"
            " or (certificate_number is null and slip_returned_on is null)",
            name="of_a_unit",
        ),
        Index(
            "uq_check_in_person",
            "person_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "uq_check_in_certificate",
            "organisation_id",
            "certificate_number",
            unique=True,
            sqlite_where=text(f"{_OPEN} and certificate_number is not null"),
            postgresql_where=text(f"{_OPEN} and certificate_number is not null"),
        ),
        Index("ix_check_in_person_id", "person_id"),
        Index("ix_check_in_area_id_state", "area_id", "state"),
        Index("ix_check_in_organisation_id_state", "organisation_id", "state"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    certificate_number: Mapped[str | None] = mapped_column(String(CERTIFICATE_MAX))
    state: Mapped[CheckInState] = mapped_column(vocabulary(CheckInState))
    reason: Mapped[str | None] = mapped_column(Text)
    checked_in_on: Mapped[date]
    due_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    pledge_version: Mapped[str] = mapped_column(String(16))
    pledged_at: Mapped[datetime | None]
    slip_returned_on: Mapped[date | None]


class CheckInStep(Row):
    """One step of a check-in; the last explains its state.

    `account_id` is null where a ledger or the end of the retention time took the step.
    """

    __tablename__ = "check_in_step"
    __table_args__ = (Index("ix_check_in_step_check_in_id", "check_in_id"),)

    check_in_id: Mapped[int] = mapped_column(ForeignKey("check_in.id"))
    action: Mapped[CheckInAction] = mapped_column(vocabulary(CheckInAction))
    source: Mapped[CheckInState | None] = mapped_column(vocabulary(CheckInState, name="source"))
    target: Mapped[CheckInState] = mapped_column(vocabulary(CheckInState, name="target"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)


class CheckInRequest(Requested, Row):
    """What somebody sent from a phone, until it is accepted or declined; then the row goes.

    `area_id` is where the code hangs, `home_area_id` the grid they say they live in. `skills` are
    values of `Skill`, with a space between.
    """

    __tablename__ = "check_in_request"

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    home_area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(60))
    certificate_number: Mapped[str] = mapped_column(String(CERTIFICATE_MAX), default="")
    skills: Mapped[str] = mapped_column(Text)
    text_version: Mapped[str] = mapped_column(String(16))
    pledge_version: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(index=True)


class VolunteerProfile(Versioned, Base):
    """From where and how far somebody helps: the centre of the grid stands for their home."""

    __tablename__ = "volunteer_profile"
    __table_args__ = (
        CheckConstraint(f"radius_m between {RADII[0]} and {RADII[-1]}", name="radius"),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    home_area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    radius_m: Mapped[int | None]


class VolunteerSkill(Base):
    """What somebody says they can do."""

    __tablename__ = "volunteer_skill"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    skill: Mapped[Skill] = mapped_column(vocabulary(Skill), primary_key=True)


class VolunteerTime(Base):
    """When somebody is free: a part of a day of the week, Monday being 0."""

    __tablename__ = "volunteer_time"
    __table_args__ = (CheckConstraint("weekday between 0 and 6", name="weekday"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    part: Mapped[DayPart] = mapped_column(vocabulary(DayPart), primary_key=True)


class VolunteerRole(Row):
    """One of the eight roles (八员) or three chiefs (三长) that somebody took on in an area."""

    __tablename__ = "volunteer_role"
    __table_args__ = (
        CheckConstraint('"until" is null or "until" >= since', name="term"),
        Index(
            "uq_volunteer_role_held",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text('"until" is null'),
            postgresql_where=text('"until" is null'),
        ),
        Index("ix_volunteer_role_person_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[VolunteerDuty] = mapped_column(vocabulary(VolunteerDuty))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    since: Mapped[date]
    until: Mapped[date | None]


class UnitDeadline(Versioned, Row):
    """The day by which a unit's members are to check in, and how many they are."""

    __tablename__ = "unit_deadline"
    __table_args__ = (CheckConstraint("expected >= 0", name="expected"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    due_on: Mapped[date]
    expected: Mapped[int]
