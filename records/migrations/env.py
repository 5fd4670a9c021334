"""How Alembic runs our revisions: on the connection it is handed, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from records.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
