"""Refused attempts, where entries come from, and the seals that chain them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Columns are added one by one and in place: nothing rewrites a trail that is only added to.
    for column in (
        sa.Column("refused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False, server_default=""),
        sa.Column("agent", sa.String(length=40), nullable=False, server_default=""),
    ):
        op.add_column("audit_entry", column)
    op.add_column(
        "installation", sa.Column("last_seal", sa.Integer(), nullable=False, server_default="0")
    )
    op.drop_index("ix_audit_entry_account_id", "audit_entry")
    op.create_index("ix_audit_entry_account_id_at", "audit_entry", ["account_id", "at"])
    op.create_index("ix_audit_entry_action_id", "audit_entry", ["action", "id"])
    op.create_index("ix_audit_entry_area_id_id", "audit_entry", ["area_id", "id"])
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"])
    op.create_index(
        "ix_audit_entry_refused",
        "audit_entry",
        ["id"],
        sqlite_where=sa.text("refused"),
        postgresql_where=sa.text("refused"),
    )
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("late", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
    )
    op.create_index(op.f("ix_audit_seal_sealed_at"), "audit_seal", ["sealed_at"])
