"""Ways into a team with their steps, events of teams, and how a team takes people in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_KINDS = (
    "patrol",
    "visit",
    "mediation",
    "opinion_talk",
    "counselling",
    "lecture",
    "culture_sport",
    "civility",
    "tutoring",
    "clean_up",
    "health",
    "repair",
    "other",
)
_STATES = ("asked", "invited", "member", "declined", "withdrawn", "left")
_ACTIONS = ("join", "ask", "invite", "accept", "decline", "withdraw", "leave")
_JOINING = ("open", "approved", "invited")
_UNANSWERED = sa.text("state in ('asked', 'invited')")


def upgrade() -> None:
    words = ", ".join(f"'{one}'" for one in _JOINING)
    # Added and not recreated: SQLite's batch forgets the checks that the table has.
    op.add_column(
        "team",
        sa.Column(
            "joining",
            sa.String(length=24),
            sa.CheckConstraint(f"joining in ({words})", name=op.f("ck_team_teamjoining")),
            nullable=False,
            server_default="approved",
        ),
    )
    op.add_column("team", sa.Column("request_id", sa.String(length=36), nullable=True))
    op.add_column("team", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_index(op.f("ix_team_request_id"), "team", ["request_id"], unique=True)
    _requests()
    _events()


def _requests() -> None:
    op.create_table(
        "membership_request",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", _words("membershipstate", _STATES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("membership_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "(state in ('member', 'left')) = (membership_id is not null)",
            name=op.f("ck_membership_request_member_since"),
        ),
        _refers("membership_request", "team"),
        _refers("membership_request", "person"),
        _refers("membership_request", "membership"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_request")),
        sa.UniqueConstraint("membership_id", name=op.f("uq_membership_request_membership_id")),
    )
    op.create_index(op.f("ix_membership_request_person_id"), "membership_request", ["person_id"])
    op.create_index(
        op.f("ix_membership_request_request_id"),
        "membership_request",
        ["request_id"],
        unique=True,
    )
    op.create_index(
        "uq_membership_request_unanswered",
        "membership_request",
        ["team_id", "person_id"],
        unique=True,
        sqlite_where=_UNANSWERED,
        postgresql_where=_UNANSWERED,
    )
    op.create_table(
        "membership_step",
        sa.Column("membership_request_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("membershipaction", _ACTIONS), nullable=False),
        sa.Column("source", _words("source", _STATES), nullable=True),
        sa.Column("target", _words("target", _STATES), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _refers("membership_step", "membership_request"),
        _refers("membership_step", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_step")),
    )
    op.create_index(
        "ix_membership_step_membership_request_id", "membership_step", ["membership_request_id"]
    )


def _events() -> None:
    op.create_table(
        "team_event",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("servicekind", _KINDS), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("ends_at", sa.Time(), nullable=True),
        sa.Column("planned_heads", sa.Integer(), nullable=False),
        sa.Column("actual", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("planned_by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_team_event_{name}"))
            for name, rule in (
                ("planned_heads", "planned_heads between 1 and 2000"),
                ("actual", "actual is null or actual between 1 and 2000"),
                ("held_or_called_off", "actual is null or reason is null"),
                ("recorded_when_held", "service_id is null or actual is not null"),
                (
                    "hours",
                    "(starts_at is null) = (ends_at is null)"
                    " and (starts_at is null or starts_at < ends_at)",
                ),
            )
        ),
        _refers("team_event", "team"),
        _refers("team_event", "area"),
        _refers("team_event", "service"),
        _refers("team_event", "account", "planned_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_event")),
        sa.UniqueConstraint("service_id", name=op.f("uq_team_event_service_id")),
    )
    op.create_index("ix_team_event_team_id_day", "team_event", ["team_id", "day"])
    op.create_index("ix_team_event_area_id", "team_event", ["area_id"])
    op.create_index(op.f("ix_team_event_request_id"), "team_event", ["request_id"], unique=True)


def _refers(table: str, goal: str, column: str | None = None) -> sa.ForeignKeyConstraint:
    name = column or f"{goal}_id"
    return sa.ForeignKeyConstraint([name], [f"{goal}.id"], name=op.f(f"fk_{table}_{name}_{goal}"))


def _words(name: str, members: Sequence[str]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=24)
