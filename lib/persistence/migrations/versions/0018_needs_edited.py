"""A need may be changed until it is answered: its history knows one step more."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_STATES = ("collected", "adopted", "merged", "declined")
_ACTIONS = ("collect", "edit", "adopt", "merge", "decline")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        with op.batch_alter_table("need_step", recreate="always", copy_from=_table()):
            return
    name = op.f("ck_need_step_needaction")
    op.drop_constraint(name, "need_step")
    op.create_check_constraint(name, "need_step", sa.column("action").in_(_ACTIONS))


def _table() -> sa.Table:
    return sa.Table(
        "need_step",
        sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("needaction", _ACTIONS), nullable=False),
        sa.Column("source", _words("source", _STATES), nullable=True),
        sa.Column("target", _words("target", _STATES), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_need_step_account_id_account")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_step_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_step")),
        sa.Index("ix_need_step_need_id", "need_id"),
    )


def _words(name: str, members: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=24)
