"""Alembic's environment: runs the revisions on the connection that `migrate` hands over."""

from alembic import context

from lib.persistence.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)

with context.begin_transaction():
    context.run_migrations()
