"""Needs by the public form, residents' links, who confirmed a service and how content they are."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_CONFIRMED = ("resident_link", "on_behalf_by_phone", "centre_household", "secretary")
_LEDGERS = ("units", "people", "teams", "services", "needs")


def upgrade() -> None:
    _nullable("need", "collected_by_id")
    _nullable("need_step", "account_id")
    _nullable("service_step", "account_id")
    _services()
    kinds = ", ".join(f"'{kind}'" for kind in _LEDGERS)
    with op.batch_alter_table("import_batch") as batch:
        batch.drop_constraint(op.f("ck_import_batch_ledgerkind"), type_="check")
        batch.create_check_constraint(op.f("ck_import_batch_ledgerkind"), f"kind in ({kinds})")
    op.create_table(
        "need_filing",
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("text_version", sa.String(length=16), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_filing_need_id_need")),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_need_filing")),
    )
    _links()
    _place_check_ins()


def _nullable(table: str, column: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.alter_column(column, existing_type=sa.Integer(), nullable=True)


def _services() -> None:
    how = sa.Enum(
        *_CONFIRMED, name="confirmedby", native_enum=False, create_constraint=True, length=24
    )
    with op.batch_alter_table("service") as batch:
        batch.add_column(sa.Column("confirmed_by", how, nullable=True))
        batch.add_column(sa.Column("satisfaction", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("satisfaction_word", sa.String(length=200), nullable=False, server_default="")
        )
        batch.drop_constraint(op.f("ck_service_confirmed_by_another"), type_="check")
    op.execute("update service set confirmed_by = 'secretary' where state = 'confirmed'")
    with op.batch_alter_table("service") as batch:
        batch.alter_column(
            "satisfaction_word", existing_type=sa.String(length=200), server_default=None
        )
        batch.create_check_constraint(
            op.f("ck_service_confirmed_by_another"),
            "state <> 'confirmed'"
            " or (confirmed_by = 'resident_link') = (decided_by_id is null)"
            " and (decided_by_id is null or decided_by_id <> recorded_by_id)",
        )
        batch.create_check_constraint(
            op.f("ck_service_confirmed_how"),
            "(state = 'confirmed') = (confirmed_by is not null)",
        )
        batch.create_check_constraint(
            op.f("ck_service_satisfaction"), "satisfaction between 1 and 5"
        )


def _links() -> None:
    references = (("need_id", "need"), ("service_id", "service"), ("made_by_id", "account"))
    op.create_table(
        "resident_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=True) for column, _ in references),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(need_id is null) <> (service_id is null)", name=op.f("ck_resident_link_of_one")
        ),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_resident_link_term")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_resident_link_{column}_{table}")
            )
            for column, table in references
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_resident_link_token_hash")),
    )
    for column, _ in references:
        op.create_index(op.f(f"ix_resident_link_{column}"), "resident_link", [column], unique=False)


def _place_check_ins() -> None:
    references = ("claim", "person")
    op.create_table(
        "place_check_in",
        *(sa.Column(f"{table}_id", sa.Integer(), nullable=False) for table in references),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_place_check_in_{table}_id_{table}")
            )
            for table in references
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_check_in")),
        sa.UniqueConstraint(
            "claim_id", "person_id", "day", name=op.f("uq_place_check_in_claim_id_person_id_day")
        ),
    )
    op.create_index(
        op.f("ix_place_check_in_person_id"), "place_check_in", ["person_id"], unique=False
    )
