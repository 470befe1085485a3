"""Check-ins with their steps, what volunteers can do and when, and deadlines of units."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_STATES = ("registered", "paused", "moved", "left")
_ACTIONS = ("register", "pause", "resume", "return_slip", "move", "leave")
_SKILLS = (
    "repair",
    "electrics",
    "hairdressing",
    "nursing",
    "first_aid",
    "counselling",
    "law",
    "mediation",
    "teaching",
    "calligraphy",
    "music_dance",
    "sport",
    "computers",
    "photography",
    "cooking",
    "gardening",
    "driving",
    "sign_language",
    "languages",
    "organising",
)
_PARTS = ("morning", "afternoon", "evening")
_DUTIES = (
    "publicist",
    "adviser",
    "model",
    "charity_promoter",
    "helper",
    "tutor",
    "information_liaison",
    "safety_officer",
    "yard_chief",
    "building_chief",
    "household_chief",
)
_OPEN = "state in ('paused', 'registered')"


def upgrade() -> None:
    _check_ins()
    _requests()
    _volunteers()
    _deadlines()
    _carry_over()


def _check_ins() -> None:
    op.create_table(
        "check_in",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("certificate_number", sa.String(length=40), nullable=True),
        sa.Column("state", _words("checkinstate", _STATES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("checked_in_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("pledge_version", sa.String(length=16), nullable=False),
        sa.Column("pledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slip_returned_on", sa.Date(), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state in ('moved', 'left')) = (ended_on is not null)", name=op.f("ck_check_in_ended")
        ),
        sa.CheckConstraint(
            "ended_on is null or ended_on >= checked_in_on", name=op.f("ck_check_in_term")
        ),
        sa.CheckConstraint(
            "organisation_id is not null"
            " or (certificate_number is null and slip_returned_on is null)",
            name=op.f("ck_check_in_of_a_unit"),
        ),
        _refers("check_in", "person_id", "person"),
        _refers("check_in", "area_id", "area"),
        _refers("check_in", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
    )
    _unique("uq_check_in_person", "check_in", ["person_id"], _OPEN)
    _unique(
        "uq_check_in_certificate",
        "check_in",
        ["organisation_id", "certificate_number"],
        f"{_OPEN} and certificate_number is not null",
    )
    op.create_index("ix_check_in_person_id", "check_in", ["person_id"])
    op.create_index("ix_check_in_area_id_state", "check_in", ["area_id", "state"])
    op.create_index("ix_check_in_organisation_id_state", "check_in", ["organisation_id", "state"])
    op.create_index(op.f("ix_check_in_request_id"), "check_in", ["request_id"], unique=True)
    op.create_table(
        "check_in_step",
        sa.Column("check_in_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("checkinaction", _ACTIONS), nullable=False),
        sa.Column("source", _words("source", _STATES), nullable=True),
        sa.Column("target", _words("target", _STATES), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _refers("check_in_step", "check_in_id", "check_in"),
        _refers("check_in_step", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_step")),
    )
    op.create_index("ix_check_in_step_check_in_id", "check_in_step", ["check_in_id"])


def _requests() -> None:
    op.create_table(
        "check_in_request",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("home_area_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("certificate_number", sa.String(length=40), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("text_version", sa.String(length=16), nullable=False),
        sa.Column("pledge_version", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _refers("check_in_request", "area_id", "area"),
        _refers("check_in_request", "home_area_id", "area"),
        _refers("check_in_request", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_request")),
    )
    op.create_index(op.f("ix_check_in_request_area_id"), "check_in_request", ["area_id"])
    op.create_index(op.f("ix_check_in_request_asked_at"), "check_in_request", ["asked_at"])
    op.create_index(
        op.f("ix_check_in_request_request_id"), "check_in_request", ["request_id"], unique=True
    )


def _volunteers() -> None:
    op.create_table(
        "volunteer_profile",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("home_area_id", sa.Integer(), nullable=True),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "radius_m between 200 and 20000", name=op.f("ck_volunteer_profile_radius")
        ),
        _refers("volunteer_profile", "person_id", "person"),
        _refers("volunteer_profile", "home_area_id", "area"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_volunteer_profile")),
    )
    op.create_index(
        op.f("ix_volunteer_profile_home_area_id"), "volunteer_profile", ["home_area_id"]
    )
    op.create_table(
        "volunteer_skill",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("skill", _words("skill", _SKILLS), nullable=False),
        _refers("volunteer_skill", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", "skill", name=op.f("pk_volunteer_skill")),
    )
    op.create_table(
        "volunteer_time",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weekday", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("part", _words("daypart", _PARTS), nullable=False),
        sa.CheckConstraint("weekday between 0 and 6", name=op.f("ck_volunteer_time_weekday")),
        _refers("volunteer_time", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", "weekday", "part", name=op.f("pk_volunteer_time")),
    )
    op.create_table(
        "volunteer_role",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", _words("volunteerduty", _DUTIES), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            '"until" is null or "until" >= since', name=op.f("ck_volunteer_role_term")
        ),
        _refers("volunteer_role", "person_id", "person"),
        _refers("volunteer_role", "area_id", "area"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_role")),
    )
    _unique("uq_volunteer_role_held", "volunteer_role", ["person_id", "role"], '"until" is null')
    op.create_index("ix_volunteer_role_person_id", "volunteer_role", ["person_id"])
    op.create_index(op.f("ix_volunteer_role_area_id"), "volunteer_role", ["area_id"])


def _deadlines() -> None:
    op.create_table(
        "unit_deadline",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("expected >= 0", name=op.f("ck_unit_deadline_expected")),
        _refers("unit_deadline", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_deadline")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_unit_deadline_organisation_id")),
    )


def _carry_over() -> None:
    """Who was said to have checked in has a check-in now, with the community of their area."""
    op.execute(
        "insert into check_in (person_id, area_id, organisation_id, state, checked_in_on,"
        " pledge_version, version)"
        " select p.id, coalesce((select min(a.id) from area a join area_link l"
        " on l.ancestor_id = a.id where l.descendant_id = p.area_id and a.level = 'community'),"
        " p.area_id), p.organisation_id, 'registered', p.checked_in_on, '', 1"
        " from person p where p.checked_in_on is not null order by p.id"
    )
    op.execute(
        "insert into check_in_step (check_in_id, action, target, at)"
        " select id, 'register', state, current_timestamp from check_in order by id"
    )


def _words(name: str, members: Sequence[str]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=24)


def _refers(table: str, column: str, goal: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{goal}.id"], name=op.f(f"fk_{table}_{column}_{goal}")
    )


def _unique(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
