"""Every form adds once, however often it is sent; open units of one area differ in name."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ADDED_BY_FORMS = (
    "area",
    "estate",
    "building",
    "post",
    "branch",
    "building_group",
    "centre_household",
    "appointment",
)
# Two that were saved at one moment: the later one is told apart by its number.
_NAMESAKES = """
    update organisation set name_zh = substr(name_zh, 1, 180) || ' #' || id
    where closed_on is null and exists (
        select 1 from organisation as first
        where first.area_id = organisation.area_id and first.name_zh = organisation.name_zh
        and first.closed_on is null and first.id < organisation.id
    )
"""


def upgrade() -> None:
    for table in _ADDED_BY_FORMS:
        op.add_column(table, sa.Column("request_id", sa.String(length=36), nullable=True))
        op.create_index(op.f(f"ix_{table}_request_id"), table, ["request_id"], unique=True)
    op.execute(_NAMESAKES)
    op.create_index(
        "uq_organisation_open_name",
        "organisation",
        ["area_id", "name_zh"],
        unique=True,
        sqlite_where=sa.text("closed_on is null"),
        postgresql_where=sa.text("closed_on is null"),
    )
