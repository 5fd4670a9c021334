"""Whether this process may trust its clock: held against that of the records, or against its own past."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, text

MOST: Final = dt.timedelta(seconds=60)
"""Beyond this nothing is pushed: what is due, expired or quiet cannot be told."""


def steady_clock() -> float:
    """Seconds since the machine started, sleep included; nobody sets this clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockWatch:
    """Compares the wall clock with that of the records.

    The embedded records have no clock of their own: there it is compared with how much time has truly
    passed since the watch began, so that a jump is seen.
    """

    def __init__(
        self,
        wall: Callable[[], dt.datetime],
        steady: Callable[[], float] = steady_clock,
        most: dt.timedelta = MOST,
    ) -> None:
        """`wall` says the (aware) instant, `steady` counts seconds and never goes back."""
        self._wall, self._steady, self._most = wall, steady, most
        self._began, self._steady_began = wall(), steady()

    def skew(self, connection: Connection) -> dt.timedelta:
        """How far ahead the wall clock is: of the records' clock, else of where it should have got to."""
        now = self._wall()
        passed = now - self._began - dt.timedelta(seconds=self._steady() - self._steady_began)
        theirs = _records_clock(connection)
        return passed if theirs is None else now - theirs

    def pushing_may_go(self, connection: Connection) -> bool:
        """Whether the clocks agree well enough to send, expire or postpone anything."""
        return abs(self.skew(connection)) <= self._most


def _records_clock(connection: Connection) -> dt.datetime | None:
    if connection.dialect.name != "postgresql":
        return None
    now: dt.datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now
