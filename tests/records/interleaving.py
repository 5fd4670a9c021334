"""Somebody else's deed in the midst of ours, in a transaction of its own on a real PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from sqlalchemy import Connection, Engine, text

from records.database import reading, writing

PATIENCE: Final = 60.0
"""Seconds; a machine that is busy is no failure."""
_WAITING: Final = text(
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


class Meanwhile:
    """One deed: begun when told to, and done when nobody is in its way."""

    def __init__(self, engine: Engine, deed: Callable[[Connection], object]) -> None:
        self._engine, self._deed = engine, deed
        self._doing: Future[object] | None = None

    def begin(self) -> bool:
        """Begin it; whether it has to wait for somebody, known when it waits or is done."""
        pool = ThreadPoolExecutor(1)
        self._doing = pool.submit(self._do)
        pool.shutdown(wait=False)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self._doing.done():
            with reading(self._engine) as connection:
                if connection.execute(_WAITING).scalar_one():
                    return True
            time.sleep(0.01)
        return False

    def end(self) -> object:
        """What came of it; raises what it raised."""
        assert self._doing is not None, "it was never begun"
        return self._doing.result(PATIENCE)

    def _do(self) -> object:
        with writing(self._engine) as connection:
            return self._deed(connection)
