"""Changes of post: who took over from whom, and the note that was left."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    accounts = ("predecessor_id", "successor_id", "made_by_id")
    op.create_table(
        "change_of_post",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "predecessor_id <> successor_id", name=op.f("ck_change_of_post_two_accounts")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["account.id"], name=op.f(f"fk_change_of_post_{column}_account")
            )
            for column in accounts
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_of_post")),
    )
    for column in accounts[:2]:
        op.create_index(op.f(f"ix_change_of_post_{column}"), "change_of_post", [column])
