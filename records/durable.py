"""Transactions whose end is a promise: what they wrote is on disk when they return."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from records.database import writing


@contextmanager
def writing_durably(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; once it has ended, neither a crash nor a power cut takes it back.

    SQLite syncs its log at every commit (`synchronous=FULL`, records.database). PostgreSQL does unless a
    role or a database says otherwise, so the transaction says it for itself.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
        yield connection
