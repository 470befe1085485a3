"""Requests of volunteers to correct what is recorded of them, with their steps."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_STATES = ("asked", "accepted", "declined", "withdrawn")
_ACTIONS = ("ask", "accept", "decline", "withdraw")


def upgrade() -> None:
    op.create_table(
        "correction_request",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=True),
        sa.Column("minutes_wanted", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", _words("correctionstate", _STATES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "minutes_wanted between 0 and 960", name=op.f("ck_correction_request_minutes")
        ),
        sa.CheckConstraint(
            "minutes_wanted <> coalesce(minutes_before, 0)",
            name=op.f("ck_correction_request_differs"),
        ),
        sa.CheckConstraint(
            "state <> 'declined' or reason is not null",
            name=op.f("ck_correction_request_reason_given"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["account.id"], name=op.f("fk_correction_request_asked_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_correction_request_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_correction_request_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_request")),
    )
    op.create_index(
        op.f("ix_correction_request_asked_by_id"), "correction_request", ["asked_by_id"]
    )
    op.create_index(
        "ix_correction_request_person_id_service_id",
        "correction_request",
        ["person_id", "service_id"],
    )
    op.create_index(
        op.f("ix_correction_request_request_id"), "correction_request", ["request_id"], unique=True
    )
    op.create_index(
        "uq_correction_request_asked",
        "correction_request",
        ["service_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "correction_step",
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("correctionaction", _ACTIONS), nullable=False),
        sa.Column("source", _words("source", _STATES), nullable=True),
        sa.Column("target", _words("target", _STATES), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_correction_step_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["correction_request.id"],
            name=op.f("fk_correction_step_correction_id_correction_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_step")),
    )
    op.create_index("ix_correction_step_correction_id", "correction_step", ["correction_id"])


def _words(name: str, members: Sequence[str]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=24)
