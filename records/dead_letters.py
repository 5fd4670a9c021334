"""Arrivals that could not be acted on however often it was tried: kept with the reason, and sent again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from records.arrivals import Arrival, finish
from records.tables import arrival, dead_letter
from records.tables.vocabulary import ArrivalKind

_KEPT: Final = ("id", "subject", "kind", "about", "items", "received_at")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An arrival that was given up, and why; the reason names nobody and quotes nothing."""

    id: int
    subject: str
    kind: ArrivalKind
    received_at: dt.datetime
    attempts: int
    failed_at: dt.datetime
    reason: str


def bury(connection: Connection, given_up: Sequence[Arrival], reason: str, at: dt.datetime) -> None:
    """Take arrivals out of the way of others, with the reason; their last attempt is counted."""
    rows = [
        {
            "id": one.id,
            "subject": one.came.subject,
            "kind": one.came.kind,
            "about": list(one.came.about),
            "items": None if one.came.items is None else sorted(one.came.items),
            "received_at": one.received_at,
            "attempts": one.attempts + 1,
            "failed_at": at,
            "reason": reason,
        }
        for one in given_up
    ]
    if rows:
        connection.execute(insert(dead_letter), rows)
        finish(connection, [one.id for one in given_up])


def dead_letters(connection: Connection, limit: int = 100) -> tuple[DeadLetter, ...]:
    """Up to so many dead letters, the latest first."""
    d = dead_letter.c
    columns = (d.id, d.subject, d.kind, d.received_at, d.attempts, d.failed_at, d.reason)
    ordered = select(*columns).order_by(d.failed_at.desc(), d.id.desc()).limit(limit)
    return tuple(DeadLetter(*row) for row in connection.execute(ordered))


def replay(connection: Connection, ids: Collection[int] | None, at: dt.datetime) -> tuple[int, ...]:
    """Let dead letters (these, or all for None) be acted on again, from the first attempt on.

    Those that are none any more are left out: replaying twice does nothing twice. The ids of the rest.
    """
    found = select(*(dead_letter.c[name] for name in _KEPT)).order_by(dead_letter.c.id).with_for_update()
    if ids is not None:
        found = found.where(dead_letter.c.id.in_(sorted(ids)))
    rows: list[dict[str, Any]] = [dict(row._mapping) for row in connection.execute(found)]
    if rows:
        back = [{**row, "attempts": 0, "next_attempt_at": at} for row in rows]
        connection.execute(insert(arrival), back)
        connection.execute(delete(dead_letter).where(dead_letter.c.id.in_([row["id"] for row in rows])))
    return tuple(row["id"] for row in rows)
