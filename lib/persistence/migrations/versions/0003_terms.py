"""Terms of offices, and versions of what two people may edit."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_VERSIONED = ("branch", "building", "estate")
_HOLDERS = """
    insert into appointment (office, office_id, area_id, person_id, since)
    select 'post', id, area_id, person_id, since from post where person_id is not null
    union all
    select 'branch', id, area_id, secretary_id, null from branch where secretary_id is not null
    union all
    select 'building_group', building_group.id, area_id, leader_id, null
    from building_group join branch on branch.id = branch_id
    where leader_id is not null
    union all
    select 'centre_household', centre_household.id, area_id, person_id, null
    from centre_household
    join building_group on building_group.id = building_group_id
    join branch on branch.id = branch_id
    where person_id is not null
"""


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column(
            "office",
            sa.Enum(
                "post",
                "branch",
                "building_group",
                "centre_household",
                name="office",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            'since is null or "until" is null or "until" >= since',
            name=op.f("ck_appointment_term"),
        ),
        sa.CheckConstraint(
            "since is null or ended_on is null or ended_on >= since",
            name=op.f("ck_appointment_ended"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_appointment_area_id_area")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_appointment_held",
            ["office", "office_id"],
            unique=True,
            sqlite_where=sa.text("ended_on is null"),
            postgresql_where=sa.text("ended_on is null"),
        )
    op.execute(_HOLDERS)
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_column("since")
    for table in _VERSIONED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("version", sa.Integer(), nullable=False, server_default="1")
            )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("version", server_default=None)
