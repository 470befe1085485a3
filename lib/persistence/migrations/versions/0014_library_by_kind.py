"""The library by kind: a page begins where the last one ended, however many projects there are."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index(
        "ix_project_state_kind_last_day_id", "project", ["state", "kind", "last_day", "id"]
    )
