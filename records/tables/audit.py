"""The audit chain: who did what to whose data and why. Rows are added, never changed or removed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, String, Table, event

from records.tables.columns import METADATA, Counter, Document, UtcDateTime

audit = Table(
    "audit",
    METADATA,
    Column("sequence", Counter, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("role", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject_token", String, index=True, doc="Stands for the subject until its key is destroyed."),
    Column("purpose", String),
    Column("detail", Document, nullable=False),
    Column("previous_hash", String, nullable=False, unique=True, doc="One successor a row: no forks."),
    Column("hash", String, nullable=False, unique=True),
)


_SQLITE = (
    "CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$",
    "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)


@event.listens_for(audit, "after_create")
def _append_only(_table: Table, connection: Connection, **_options: Any) -> None:
    """The database itself refuses to change or remove a row of the chain."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
