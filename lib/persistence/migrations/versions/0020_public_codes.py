"""Codes that stand on paper and open a form."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    purposes = sa.Enum(
        *("need", "check_in", "service"),
        name="codefor",
        native_enum=False,
        create_constraint=True,
        length=24,
    )
    places = ("area", "project")
    op.create_table(
        "public_code",
        sa.Column("purpose", purposes, nullable=False),
        *(sa.Column(f"{place}_id", sa.Integer(), nullable=True) for place in places),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(area_id is null) <> (project_id is null)", name=op.f("ck_public_code_one_place")
        ),
        sa.CheckConstraint(
            "(purpose = 'service') = (project_id is not null)",
            name=op.f("ck_public_code_of_its_kind"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{place}_id"], [f"{place}.id"], name=op.f(f"fk_public_code_{place}_id_{place}")
            )
            for place in places
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_public_code_made_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_code")),
        sa.UniqueConstraint("code", name=op.f("uq_public_code_code")),
        *(
            sa.UniqueConstraint(
                "purpose", f"{place}_id", name=op.f(f"uq_public_code_purpose_{place}_id")
            )
            for place in places
        ),
    )
    for column in ("area_id", "made_by_id", "project_id"):
        op.create_index(op.f(f"ix_public_code_{column}"), "public_code", [column], unique=False)
