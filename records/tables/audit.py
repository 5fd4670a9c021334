"""The audit chain: who did what to whose data and why. Rows are added, never changed or removed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, ForeignKey, Integer, LargeBinary, String, Table
from sqlalchemy import event as events

from records.tables.columns import METADATA, Counter, Document, UtcDateTime

NOTHING_YET = "0" * 64
"""What the first row of the chain follows."""

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

audit_head = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Counter, nullable=False, doc="Of the latest row; 0 before the first."),
    Column("hash", String, nullable=False),
    Column("key_version", Integer, nullable=False, doc="Of the key it is sealed with; 0 before the first."),
    Column("seal", String, nullable=False, doc="HMAC-SM3 by a key the database does not hold."),
    CheckConstraint("id = 1", name="one"),
)

audit_view = Table(
    "audit_view",
    METADATA,
    Column("batch", ForeignKey("audit.sequence"), primary_key=True, doc="The row that seals it."),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("role", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject_token", String, index=True),
    Column("purpose", String),
    Column("detail", Document, nullable=False),
)

audit_key = Table(
    "audit_key",
    METADATA,
    Column("subject", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False, doc="The key of the subject's tokens, encrypted."),
)


def _refusals(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_refuses_{deed.lower()} BEFORE {deed} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        for deed in ("UPDATE", "DELETE")
    )


_FUNCTION = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
)


def _refusal(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )


@events.listens_for(audit, "after_create")
@events.listens_for(audit_view, "after_create")
def _append_only(table: Table, connection: Connection, **_options: Any) -> None:
    """The database itself refuses to change or remove a row of the chain."""
    if connection.dialect.name == "sqlite":
        statements = _refusals(table.name)
    else:
        function = (_FUNCTION,) if table is audit else ()
        statements = (*function, _refusal(table.name))
    for statement in statements:
        connection.exec_driver_sql(statement)


@events.listens_for(audit_head, "after_create")
def _begin(_table: Table, connection: Connection, **_options: Any) -> None:
    """There is a head from the start, so that the first two who append wait for each other."""
    connection.execute(audit_head.insert().values(id=1, sequence=0, hash=NOTHING_YET, key_version=0, seal=""))
