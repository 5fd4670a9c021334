"""Notes each accepted letter at once, so that a crash repeats no more than the one under way."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from records.database import engine_for
from records.deliveries import note_accepted
from serving.delivery.parcel import Parcel

logger = logging.getLogger("qianmian.delivery")


class Noting:
    """Commits one row a letter over a connection of its own for each thread.

    The commits need not reach the disk at once: what they protect from is the end of this process, not of
    the machine. What a batch comes to is marked durably at its end.
    """

    def __init__(self, url: str, clock: Callable[[], dt.datetime]) -> None:
        self._engine, self._clock = _engine(url), clock
        # On PostgreSQL each statement is its own transaction, and one round trip.
        at_once = self._engine.dialect.name == "postgresql"
        self._options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if at_once else {"writes": True}
        self._own = threading.local()

    def __call__(self, parcel: Parcel, receipt: str) -> bool:
        """Whether it could be noted; where not, no further letter may go before it is marked."""
        attempts = [(piece.id, piece.attempt) for piece in parcel.pieces]
        try:
            connection = self._connection()
            with connection.begin():
                note_accepted(connection, attempts, receipt, self._clock())
        except SQLAlchemyError as error:
            logger.error("an accepted letter is not noted yet", extra={"error": type(error).__name__})
            self._drop()
            return False
        return True

    def close(self) -> None:
        """Let go of the connections."""
        self._drop()
        self._engine.dispose()

    def _connection(self) -> Connection:
        held: Connection | None = getattr(self._own, "connection", None)
        if held is None or held.invalidated:
            held = self._own.connection = self._engine.connect().execution_options(**self._options)
        return held

    def _drop(self) -> None:
        held: Connection | None = getattr(self._own, "connection", None)
        self._own.connection = None
        if held is not None:
            held.invalidate()
            held.close()


def _engine(url: str) -> Engine:
    engine = engine_for(url)
    relax = "PRAGMA synchronous=NORMAL" if engine.dialect.name == "sqlite" else "SET synchronous_commit = off"

    def relaxed(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.execute(relax)
        if engine.dialect.name == "postgresql":
            dbapi_connection.commit()

    event.listen(engine, "connect", relaxed)
    return engine
