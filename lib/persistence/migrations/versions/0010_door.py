"""The door: names that look alike, one-time codes, second factors, tries, and single sign-on."""

import sqlalchemy as sa
from alembic import op

from lib.domain.credentials import account_name, appearance

revision = "0010"
down_revision = "0009"


def _of_account(table: str, *, primary: bool) -> list[sa.schema.SchemaItem]:
    name = op.f(f"fk_{table}_account_id_account")
    items: list[sa.schema.SchemaItem] = [
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete="CASCADE")
    ]
    if primary:
        items.append(sa.PrimaryKeyConstraint("account_id", name=op.f(f"pk_{table}")))
    return items


def upgrade() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_of_account("one_time_code", primary=True),
    )
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        *_of_account("second_factor", primary=True),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        *_of_account("recovery_code", primary=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_try")),
    )
    op.create_table(
        "single_sign_on",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("wanted", sa.String(length=2000), nullable=False),
        sa.Column(
            "language",
            sa.Enum(
                "zh", "en", name="language", native_enum=False, create_constraint=True, length=2
            ),
            nullable=True,
        ),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_of_account("single_sign_on", primary=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_single_sign_on")),
    )
    for table, column in (
        ("recovery_code", "account_id"),
        ("sign_in_try", "since"),
        ("single_sign_on", "account_id"),
        ("single_sign_on", "expires_at"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)
    _sessions()
    _names()


def _sessions() -> None:
    """Whoever is signed in signs in again: nobody knows when they were last seen."""
    op.execute("delete from web_session")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column("pending", sa.Boolean(), nullable=False))
        batch_op.add_column(sa.Column("device", sa.String(length=200), nullable=False))
        batch_op.add_column(sa.Column("address", sa.String(length=64), nullable=False))


def _names() -> None:
    """Names in their one form, and what each looks like; where two look alike, the later gives way."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appearance", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("subject", sa.String(length=512), nullable=True))
    connection = op.get_bind()
    rows = connection.execute(sa.text("select id, name, demonstration from account order by id"))
    taken: set[str] = set()
    for number, name, demonstration in rows.all():
        kept = name if demonstration else account_name(name)[:64]
        looks = kept if demonstration else appearance(kept)
        if looks in taken:
            kept = looks = f"{kept[:50]}~{number}"
        taken.add(looks)
        connection.execute(
            sa.text("update account set name = :name, appearance = :looks where id = :id"),
            {"name": kept, "looks": looks, "id": number},
        )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.alter_column("appearance", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_account_appearance"), ["appearance"])
        batch_op.create_unique_constraint(batch_op.f("uq_account_subject"), ["subject"])
