"""Alembic revisions of the records."""
