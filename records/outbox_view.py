"""The outbox for an operator: what waits or has failed, by key and never by address, and trying it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, select, update

from records.tables import delivery, outbox
from records.tables.vocabulary import AddressChannel


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row, without a word of what it says or to whom."""

    key: str
    channel: AddressChannel
    attempts: int
    created_at: dt.datetime
    next_attempt_at: dt.datetime | None
    error: str | None
    """The code of the last attempt that failed."""


def waiting(connection: Connection, most: int) -> tuple[Waiting, ...]:
    """Rows that are not yet sent, longest waiting first."""
    unfinished = outbox.c.state.in_(("pending", "sending"))
    return _read(connection, select(*_columns()).where(unfinished).order_by(outbox.c.next_attempt_at), most)


def failed(connection: Connection, most: int) -> tuple[Waiting, ...]:
    """Rows that were given up, oldest first."""
    given_up = outbox.c.state == "failed"
    return _read(connection, select(*_columns()).where(given_up).order_by(outbox.c.id), most)


def retry(
    connection: Connection, keys: Collection[str], channel: AddressChannel | None, at: dt.datetime
) -> int:
    """Let failed rows, by key or all of a channel, wait again with nothing counted against them; how many."""
    chosen = [outbox.c.state == "failed"]
    if keys:
        chosen.append(outbox.c.key.in_(keys))
    if channel is not None:
        chosen.append(outbox.c.channel == channel)
    fresh = {"state": "pending", "failures": 0, "next_attempt_at": at, "finished_at": None}
    return connection.execute(update(outbox).where(*chosen).values(fresh)).rowcount


def _columns() -> tuple[Any, ...]:
    o = outbox.c
    return o.key, o.channel, o.attempts, o.created_at, o.next_attempt_at, delivery.c.error_code, o.state


def _read(connection: Connection, statement: Select[Any], most: int) -> tuple[Waiting, ...]:
    last = and_(delivery.c.outbox == outbox.c.id, delivery.c.attempt == outbox.c.attempts)
    rows = connection.execute(statement.outerjoin(delivery, last).limit(most))
    return tuple(
        Waiting(
            row.key,
            row.channel,
            row.attempts,
            row.created_at,
            None if row.state == "failed" else row.next_attempt_at,
            row.error_code,
        )
        for row in rows
    )
