"""A photo that is shown again is a suspicion too."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_RULES = ("at_once", "long_day", "two_places", "same_note", "same_photo")
_STANDS = sa.text("undone_at is null")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        with op.batch_alter_table("record_review", recreate="always", copy_from=_table()):
            return
    name = op.f("ck_record_review_rule")
    op.drop_constraint(name, "record_review")
    op.create_check_constraint(name, "record_review", sa.column("rule").in_(_RULES))


def _table() -> sa.Table:
    rules = sa.Enum(*_RULES, name="rule", native_enum=False, create_constraint=True, length=24)
    return sa.Table(
        "record_review",
        sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}),
        sa.Column("rule", rules, nullable=False),
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
        sa.CheckConstraint("length(words) > 0", name="words"),
        sa.CheckConstraint("(undone_at is null) = (undone_by_id is null)", name="undone"),
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
        sa.Index("ix_record_review_area_id", "area_id"),
        sa.Index("ix_record_review_reviewed_by_id", "reviewed_by_id"),
        sa.Index("ix_record_review_request_id", "request_id", unique=True),
        sa.Index("uq_record_review_standing", "digest", unique=True, sqlite_where=_STANDS),
    )
