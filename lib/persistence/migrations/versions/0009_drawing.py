"""Earlier boundaries of areas, and pictures of maps to draw over."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "area_boundary",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"], ["area.id"], name=op.f("fk_area_boundary_area_id_area")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_boundary")),
    )
    with op.batch_alter_table("area_boundary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_boundary_area_id"), ["area_id"], unique=False)
    op.create_table(
        "area_picture",
        sa.Column("area_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("pins", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("west", sa.Double(), nullable=True),
        sa.Column("south", sa.Double(), nullable=True),
        sa.Column("east", sa.Double(), nullable=True),
        sa.Column("north", sa.Double(), nullable=True),
        sa.Column("turned_digest", sa.String(length=64), nullable=True),
        sa.Column("turned", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(turned is null and west is null and south is null and east is null and north is null)"
            " or (turned is not null and west < east and south < north)",
            name=op.f("ck_area_picture_placed_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["area_id"], ["area.id"], name=op.f("fk_area_picture_area_id_area")
        ),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_area_picture")),
    )
