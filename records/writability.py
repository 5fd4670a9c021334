"""Whether the records take writes, found out before a person's decision depends on it."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from records.database import writing
from records.failures import Failure, failure_of

_ROOM = 1 << 16
"""Bytes that must still fit; nothing of the trial reaches the disk."""


def why_not_writable(engine: Engine, thoroughly: bool) -> Failure | None:
    """What stands in the way of a write; None where nothing does. Leaves nothing behind.

    `thoroughly` also writes: dearer, and only then is a full disk found out.
    """
    try:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                return _try_postgresql(connection, thoroughly)
            _try_room(connection, _ROOM if thoroughly else 1)
        if thoroughly and engine.dialect.name == "sqlite":
            with writing(engine) as connection:
                version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
                connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")
    except SQLAlchemyError as error:
        return failure_of(error)
    return None


def _try_postgresql(connection: Connection, thoroughly: bool) -> Failure | None:
    if connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
        return "records_read_only"
    if thoroughly:
        # Takes a transaction number, so that the commit is written to the log.
        connection.execute(text("SELECT pg_current_xact_id()"))
    return None


def _try_room(connection: Connection, size: int) -> None:
    trial = connection.begin_nested()
    connection.exec_driver_sql("CREATE TABLE room_is_left (filling BLOB)")
    connection.exec_driver_sql("INSERT INTO room_is_left VALUES (zeroblob(?))", (size,))
    trial.rollback()
