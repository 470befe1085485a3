"""The library newest first: a page begins where the last one ended."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_index("ix_project_state_id", "project", ["state", "id"])
