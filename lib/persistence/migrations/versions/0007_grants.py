"""Four more roles; grants on teams, delegated grants, and that a grant names what its role needs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ROLES = (
    "'administrator', 'street_committee', 'street_staff', 'community_secretary', 'grid_secretary',"
    " 'grid_worker', 'unit_liaison', 'team_leader', 'volunteer', 'auditor', 'visitor'"
)
_GRANT = {
    "role": f"role in ({_ROLES})",
    "scope": "area_id is not null or role in ('administrator', 'auditor', 'visitor')",
    "auditor": "area_id is null or role <> 'auditor'",
    "unit": "(organisation_id is not null) = (role = 'unit_liaison')",
    "team": "(team_id is not null) = (role = 'team_leader')",
    "delegated": 'origin_id is null or "until" is not null',
    "origin": "origin_id is null or origin_id <> id",
    "term": '"until" is null or "until" >= since',
}


def upgrade() -> None:
    # SQLite makes the tables anew, without the checks: all of them are given again on both engines.
    for name in ("role", "scope", "term"):
        _drop_check("account_grant", name)
    _drop_check("audit_entry", "role")
    with op.batch_alter_table("account_grant", schema=None, recreate="auto") as batch_op:
        for column, table, ondelete in (
            ("team_id", "team", None),
            ("origin_id", "account_grant", "CASCADE"),
        ):
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                op.f(f"fk_account_grant_{column}_{table}"),
                table,
                [column],
                ["id"],
                ondelete=ondelete,
            )
            batch_op.create_index(op.f(f"ix_account_grant_{column}"), [column], unique=False)
        for name, rule in _GRANT.items():
            batch_op.create_check_constraint(op.f(f"ck_account_grant_{name}"), rule)
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_check_constraint(op.f("ck_audit_entry_role"), f"role in ({_ROLES})")


def _drop_check(table: str, name: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
