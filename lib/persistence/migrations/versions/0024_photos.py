"""Photos of services before and after, faces blurred."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    moment = sa.Enum(
        "before",
        "after",
        name="photomoment",
        native_enum=False,
        create_constraint=True,
        length=24,
    )
    op.create_table(
        "photo",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("moment", moment, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("blurred", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("likeness", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "width between 1 and 1600 and height between 1 and 1600", name=op.f("ck_photo_size")
        ),
        sa.CheckConstraint("blurred >= 0", name=op.f("ck_photo_blurred")),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["account.id"], name=op.f("fk_photo_added_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_photo_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    for column in ("added_by_id", "likeness", "service_id", "sha256"):
        op.create_index(op.f(f"ix_photo_{column}"), "photo", [column])
    op.create_index(op.f("ix_photo_request_id"), "photo", ["request_id"], unique=True)
