"""What came and is still to be acted on: noted with what came, in one transaction, and gone when it is done.

An arrival says of whom, of what kind and where to look; what is to be done follows from the records as they
are by then. So arrivals may be acted on late, twice or out of order: the end is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from records.tables import arrival
from records.tables import subject as subjects
from records.tables.vocabulary import ArrivalKind

_AT_ONCE: Final = 10_000
"""Keys named in one statement, below what either database allows."""


@dataclass(frozen=True, slots=True)
class Came:
    """That something came of a subject: keys of the rows, and the items it may concern (None: all)."""

    subject: str
    kind: ArrivalKind
    about: tuple[str, ...] = ()
    items: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came, as it waits. Ids rise in the order of arrival."""

    id: int
    came: Came
    received_at: dt.datetime
    attempts: int


def note_arrivals(
    connection: Connection, came: Iterable[Came], at: dt.datetime | None = None
) -> tuple[int, ...]:
    """Note what came, in the transaction that keeps it; the arrivals' ids.

    `at` is the time on the wall (None: now), whatever day the run works as of: waits are measured by it.
    """
    at = at or dt.datetime.now(dt.UTC)
    rows = [{**_row(one), "received_at": at, "attempts": 0, "next_attempt_at": at} for one in came]
    if not rows:
        return ()
    return tuple(connection.execute(insert(arrival).returning(arrival.c.id), rows).scalars())


def due_subjects(connection: Connection, at: dt.datetime, limit: int) -> tuple[str, ...]:
    """The subjects of the first so many arrivals that are due, in the order of arrival.

    A subject one of whose arrivals was put off waits with all of them: theirs are acted on in order.
    """
    a, other = arrival.c, arrival.alias("other")
    put_off = exists().where(other.c.subject == a.subject, other.c.next_attempt_at > at)
    first = select(a.subject).where(a.next_attempt_at <= at, ~put_off)
    rows = connection.execute(first.order_by(a.next_attempt_at, a.id).limit(limit))
    return tuple(dict.fromkeys(rows.scalars()))


def due_among(connection: Connection, ids: Collection[int], at: dt.datetime) -> tuple[str, ...]:
    """The subjects of those of these arrivals that still wait and are due, in the order of arrival."""
    found: dict[str, None] = {}
    put_off: set[str] = set()
    for some in _parts(sorted(ids)):
        a = arrival.c
        statement = select(a.subject, a.next_attempt_at).where(a.id.in_(some)).order_by(a.id)
        for subject, next_at in connection.execute(statement):
            found[subject] = None
            if next_at > at:
                put_off.add(subject)
    return tuple(subject for subject in found if subject not in put_off)


def claim(connection: Connection, wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of the subjects that nobody else is at work on, held until the transaction ends.

    PostgreSQL keeps the others out by a lock that does not hinder whoever adds rows about the subject.
    SQLite has one worker, which a lock on a file makes sure of (pipelines.live).
    """
    if connection.dialect.name == "sqlite" or not wanted:
        return tuple(wanted)
    statement = select(subjects.c.id).where(subjects.c.id.in_(wanted))
    free = set(connection.execute(statement.with_for_update(key_share=True, skip_locked=True)).scalars())
    return tuple(subject for subject in wanted if subject in free)


def arrivals_of(connection: Connection, wanted: Sequence[str]) -> dict[str, tuple[Arrival, ...]]:
    """By subject, all that waits, in the order of arrival; subjects for whom nothing waits are left out."""
    found: dict[str, list[Arrival]] = {}
    for some in _parts(wanted):
        statement = select(arrival).where(arrival.c.subject.in_(some)).order_by(arrival.c.id)
        for row in connection.execute(statement):
            found.setdefault(row.subject, []).append(_arrival(row))
    return {subject: tuple(found[subject]) for subject in wanted if subject in found}


def finish(connection: Connection, ids: Collection[int]) -> int:
    """What these arrivals asked for is done: they are gone; how many there were."""
    gone = 0
    for some in _parts(sorted(ids)):
        gone += connection.execute(delete(arrival).where(arrival.c.id.in_(some))).rowcount
    return gone


def finish_received_before(connection: Connection, at: dt.datetime) -> int:
    """What came before then was acted on for the whole city at once: it is gone; how much there was."""
    return connection.execute(delete(arrival).where(arrival.c.received_at < at)).rowcount


def put_off(connection: Connection, ids: Collection[int], until: dt.datetime) -> None:
    """Note a failed attempt at each of these arrivals; the next one is not before `until`."""
    mine = update(arrival).where(arrival.c.id.in_(sorted(ids)))
    connection.execute(mine.values(attempts=arrival.c.attempts + 1, next_attempt_at=until))


def waiting(connection: Connection) -> tuple[int, dt.datetime | None]:
    """How many arrivals wait, and since when the oldest does."""
    count, since = connection.execute(select(func.count(), func.min(arrival.c.received_at))).one()
    return count, since


def _row(came: Came) -> dict[str, Any]:
    return {
        "subject": came.subject,
        "kind": came.kind,
        "about": list(came.about),
        "items": None if came.items is None else sorted(came.items),
    }


def _arrival(row: Any) -> Arrival:
    items = None if row.items is None else frozenset(row.items)
    return Arrival(
        row.id, Came(row.subject, row.kind, tuple(row.about), items), row.received_at, row.attempts
    )


def _parts(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
