"""What units offer, and which suspicious records somebody has looked at."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

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
_RULES = ("at_once", "long_day", "two_places", "same_note")


def upgrade() -> None:
    op.create_table(
        "unit_offer",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("servicekind", _KINDS), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(words) > 0", name=op.f("ck_unit_offer_words")),
        sa.CheckConstraint("capacity between 1 and 10000", name=op.f("ck_unit_offer_capacity")),
        sa.CheckConstraint(
            "last_day is null or last_day >= first_day", name=op.f("ck_unit_offer_days")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_unit_offer_area_id_area")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_unit_offer_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_offer")),
    )
    op.create_index("ix_unit_offer_area_id_kind", "unit_offer", ["area_id", "kind"])
    op.create_index(op.f("ix_unit_offer_organisation_id"), "unit_offer", ["organisation_id"])
    op.create_index(op.f("ix_unit_offer_request_id"), "unit_offer", ["request_id"], unique=True)
    op.create_table(
        "record_review",
        sa.Column("rule", _words("rule", _RULES), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(words) > 0", name=op.f("ck_record_review_words")),
        sa.CheckConstraint(
            "(undone_at is null) = (undone_by_id is null)", name=op.f("ck_record_review_undone")
        ),
        sa.ForeignKeyConstraint(
            ["area_id"], ["area.id"], name=op.f("fk_record_review_area_id_area")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"],
            ["account.id"],
            name=op.f("fk_record_review_reviewed_by_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["account.id"], name=op.f("fk_record_review_undone_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_review")),
    )
    op.create_index(op.f("ix_record_review_area_id"), "record_review", ["area_id"])
    op.create_index(op.f("ix_record_review_reviewed_by_id"), "record_review", ["reviewed_by_id"])
    op.create_index(
        op.f("ix_record_review_request_id"), "record_review", ["request_id"], unique=True
    )
    op.create_index(
        "uq_record_review_standing",
        "record_review",
        ["digest"],
        unique=True,
        sqlite_where=sa.text("undone_at is null"),
        postgresql_where=sa.text("undone_at is null"),
    )


def _words(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
