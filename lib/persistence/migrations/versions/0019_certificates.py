"""Certificates of voluntary service; hours that no certificate counts are certified no more."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_STATES = ("asked", "issued", "declined", "revoked")
_ACTIONS = ("ask", "issue", "decline", "revoke")


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", _words("certificatestate", _STATES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=True),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("responsible", sa.String(length=200), nullable=False),
        sa.Column("handler", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("services", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_certificate_days")),
        sa.CheckConstraint(
            "(state in ('issued', 'revoked')) = (number is not null)",
            name=op.f("ck_certificate_numbered"),
        ),
        sa.CheckConstraint(
            "number is null or (issued_on is not null and issued_by_id is not null and minutes > 0 and services > 0 and length(issuer) > 0)",
            name=op.f("ck_certificate_complete"),
        ),
        sa.CheckConstraint(
            "state not in ('declined', 'revoked') or reason is not null",
            name=op.f("ck_certificate_reason_given"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_certificate_area_id_area")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["account.id"], name=op.f("fk_certificate_asked_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["account.id"], name=op.f("fk_certificate_issued_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    op.create_index("ix_certificate_area_id_state", "certificate", ["area_id", "state"])
    op.create_index(op.f("ix_certificate_asked_by_id"), "certificate", ["asked_by_id"])
    op.create_index(op.f("ix_certificate_issued_by_id"), "certificate", ["issued_by_id"])
    op.create_index(op.f("ix_certificate_person_id"), "certificate", ["person_id"])
    op.create_index(op.f("ix_certificate_request_id"), "certificate", ["request_id"], unique=True)
    op.create_table(
        "certificate_service",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "minutes between 1 and 960", name=op.f("ck_certificate_service_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_service_certificate_id_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_certificate_service_service_id_service")
        ),
        sa.PrimaryKeyConstraint(
            "certificate_id", "service_id", name=op.f("pk_certificate_service")
        ),
    )
    op.create_index(
        op.f("ix_certificate_service_service_id"), "certificate_service", ["service_id"]
    )
    op.create_table(
        "certificate_step",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("certificateaction", _ACTIONS), nullable=False),
        sa.Column("source", _words("source", _STATES), nullable=True),
        sa.Column("target", _words("target", _STATES), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_certificate_step_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_step_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_step")),
    )
    op.create_index("ix_certificate_step_certificate_id", "certificate_step", ["certificate_id"])
    op.execute("update participation set trust = 'confirmed' where trust = 'certified'")
    op.execute("update day_summary set confirmed = confirmed + certified, certified = 0")


def _words(name: str, members: Sequence[str]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=24)
