"""What a street sets for itself, and the topic that counts its changes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TOPICS = ("areas", "structure", "units", "people", "service", "settings")


def upgrade() -> None:
    op.create_table(
        "local_setting",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_local_setting_reason")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_local_setting_version")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_local_setting_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_setting")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_local_setting_key_version")),
    )
    with op.batch_alter_table("local_setting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_setting_account_id"), ["account_id"])
    _count_topics()


def _count_topics() -> None:
    """Let the counters count the new topic: the list of topics is a check of the table."""
    words = ", ".join(f"'{topic}'" for topic in _TOPICS)
    check = sa.CheckConstraint(f"topic in ({words})", name=op.f("ck_change_counter_topic"))
    counters = sa.Table(
        "change_counter",
        sa.MetaData(),
        sa.Column("topic", sa.String(length=24), nullable=False),
        sa.Column("street_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "street_id", name=op.f("pk_change_counter")),
        check,
    )
    if op.get_context().dialect.name == "sqlite":
        with op.batch_alter_table("change_counter", recreate="always", copy_from=counters):
            return
    op.drop_constraint(op.f("ck_change_counter_topic"), "change_counter")
    op.create_check_constraint(
        op.f("ck_change_counter_topic"), "change_counter", f"topic in ({words})"
    )
