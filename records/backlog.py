"""How much waits: what came in and is not acted on, what is to go out, and what could not be acted on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from records.tables import arrival, dead_letter, outbox


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts, and the instant since when the oldest of each waits (None where nothing does)."""

    arrivals: int
    arrivals_since: dt.datetime | None
    dead_letters: int
    outbox: int
    outbox_since: dt.datetime | None


def backlog(connection: Connection) -> Backlog:
    """What waits at this moment."""
    came = connection.execute(select(func.count(), func.min(arrival.c.received_at))).one()
    waiting = outbox.c.state == "pending"
    goes = connection.execute(select(func.count(), func.min(outbox.c.next_attempt_at)).where(waiting)).one()
    dead = connection.execute(select(func.count()).select_from(dead_letter)).scalar_one()
    return Backlog(came[0], came[1], dead, goes[0], goes[1])
