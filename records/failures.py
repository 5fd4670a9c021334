"""What it means for a caller that the records failed: whether to wait, to read on, or to give up."""

from __future__ import annotations

import sqlite3
from typing import Final, Literal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Failure = Literal["records_read_only", "records_full", "records_busy", "records_away", "records_refused"]
"""Read-only, full: pages go on, nothing can be written. Busy: another holds the lock. Refused: our fault."""

_SQLITE: Final[dict[int, Failure]] = {
    sqlite3.SQLITE_READONLY: "records_read_only",
    sqlite3.SQLITE_FULL: "records_full",
    sqlite3.SQLITE_BUSY: "records_busy",
    sqlite3.SQLITE_LOCKED: "records_busy",
    sqlite3.SQLITE_IOERR: "records_full",
    sqlite3.SQLITE_CANTOPEN: "records_away",
    sqlite3.SQLITE_NOTADB: "records_away",
    sqlite3.SQLITE_CORRUPT: "records_away",
}
"""By primary result code. A write that fails half-way (IOERR) is a disk that is full or gone."""
_POSTGRESQL: Final[dict[str, Failure]] = {
    "25006": "records_read_only",
    "53100": "records_full",
    "55P03": "records_busy",
    "57014": "records_busy",
    "40001": "records_busy",
    "40P01": "records_busy",
    "53300": "records_busy",
    "57P01": "records_away",
    "57P02": "records_away",
    "57P03": "records_away",
}
"""By SQLSTATE: read-only transaction, disk full, lock and statement timeout, serialisation, shutting down."""


def failure_of(error: SQLAlchemyError) -> Failure:
    """What an error of the records is to whoever met it."""
    if isinstance(error, PoolTimeout):
        return "records_busy"
    if not isinstance(error, DBAPIError):
        return "records_refused"
    original = error.orig
    code = getattr(original, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF, "records_refused")
    state = getattr(original, "sqlstate", None)
    if isinstance(state, str):
        return "records_away" if state.startswith("08") else _POSTGRESQL.get(state, "records_refused")
    # A connection that breaks, or never comes about, has no SQLSTATE.
    gone = error.connection_invalidated or type(original).__name__ == "OperationalError"
    return "records_away" if gone else "records_refused"
