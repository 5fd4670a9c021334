"""Working off the outbox: what is due, who has claimed it until when, and what became of it.

Every function belongs into a short transaction of the caller's (`records.database.writing`). A claim is a
lease: what a killed process was sending is due again once its lease has run out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, insert, select, tuple_, update

from records.tables import delivery, outbox
from records.tables.vocabulary import AddressChannel, DeliveryOutcome, OutboxState

_COLUMNS: Final = (
    *(outbox.c.id, outbox.c.key, outbox.c.subject, outbox.c.inbox, outbox.c.channel, outbox.c.topic),
    *(outbox.c.payload, outbox.c.state, outbox.c.attempts, outbox.c.failures, outbox.c.created_at),
    *(outbox.c.expires_at, outbox.c.relied_on, outbox.c.message),
)

_ACCEPTED: Final = (
    update(delivery)
    .where(delivery.c.outbox == bindparam("row"), delivery.c.attempt == bindparam("number"))
    .values(finished_at=bindparam("at"), outcome="delivered", receipt=bindparam("reference"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One row that is due. `state` is `sending` where a killed process left it."""

    id: int
    key: str
    subject: str
    inbox: int | None
    channel: AddressChannel
    topic: str
    payload: Mapping[str, Any] = field(repr=False)
    state: OutboxState
    attempts: int
    failures: int
    created_at: dt.datetime
    expires_at: dt.datetime | None
    relied_on: Sequence[str] | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The claim of one process on what it is sending."""

    id: str
    until: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of one attempt at a row, and where that leaves the row."""

    id: int
    attempt: int
    outcome: DeliveryOutcome
    state: OutboxState
    failed: bool = False
    """Whether it counts as one more failure."""
    next_attempt_at: dt.datetime
    receipt: str | None = None
    error_code: str | None = None


def due(connection: Connection, channel: AddressChannel, at: dt.datetime, most: int) -> list[Due]:
    """Rows of a channel that are due, longest waiting first, held until the transaction ends.

    Rows that somebody else holds at this moment are passed over.
    """
    left = and_(outbox.c.state == "sending", outbox.c.leased_until <= at)
    waits = and_(outbox.c.state == "pending", outbox.c.next_attempt_at <= at)
    found: list[Due] = []
    for ready, order in ((left, outbox.c.leased_until), (waits, outbox.c.next_attempt_at)):
        # By the index alone: a whole run told at one instant must not be sorted anew for every batch.
        statement = select(*_COLUMNS).where(outbox.c.channel == channel, ready).order_by(order)
        found += _held(connection, statement.limit(most - len(found))) if len(found) < most else []
    return found


def due_beside(
    connection: Connection, channel: AddressChannel, subjects: Collection[str], at: dt.datetime
) -> list[Due]:
    """All rows of a channel that are due to these subjects and were never tried, oldest first, held."""
    statement = select(*_COLUMNS).where(
        outbox.c.channel == channel,
        outbox.c.subject.in_(subjects),
        outbox.c.state == "pending",
        outbox.c.next_attempt_at <= at,
        outbox.c.message.is_(None),
    )
    return _held(connection, statement.order_by(outbox.c.id))


def due_together(connection: Connection, rows: Sequence[Due]) -> list[Due]:
    """All rows of the messages, begun before, that these rows are of, and that are not yet finished, held."""
    statement = select(*_COLUMNS).where(
        # By subject, because that is what there is an index of.
        outbox.c.subject.in_({row.subject for row in rows}),
        outbox.c.message.in_({row.message for row in rows if row.message is not None}),
        outbox.c.state.in_(("pending", "sending")),
    )
    return _held(connection, statement.order_by(outbox.c.id))


def rows_with_ids(connection: Connection, ids: Collection[int]) -> list[Due]:
    """The outbox rows of these ids, whatever became of them; not held."""
    statement: Select[Any] = select(*_COLUMNS).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)
    return [_due(row) for row in connection.execute(statement)]


def already_delivered(connection: Connection, rows: Sequence[Due]) -> dict[int, int]:
    """Of rows that a killed process left: those whose last attempt the receiver had accepted, by attempt."""
    last = [(row.id, row.attempts) for row in rows]
    if not last:
        return {}
    accepted = select(delivery.c.outbox, delivery.c.attempt).where(
        tuple_(delivery.c.outbox, delivery.c.attempt).in_(last), delivery.c.outcome == "delivered"
    )
    return {row.outbox: row.attempt for row in connection.execute(accepted)}


def sent_since(
    connection: Connection, subjects: Collection[str], since: dt.datetime, but: Collection[str] = ()
) -> dict[str, int]:
    """How many messages each of the subjects was sent since an instant, by any channel, but for codes."""
    own = func.count(func.distinct(outbox.c.message))
    statement = (
        select(outbox.c.subject, own)
        .where(
            outbox.c.subject.in_(subjects),
            outbox.c.claimed_at >= since,
            outbox.c.state != "failed",
            outbox.c.inbox.is_not(None),
            outbox.c.message.not_in(but),
        )
        .group_by(outbox.c.subject)
    )
    return {row.subject: row[1] for row in connection.execute(statement)}


def claim(connection: Connection, groups: Mapping[str, Sequence[Due]], lease: Lease, at: dt.datetime) -> None:
    """Note that the rows are being sent, each group as the message of that key."""
    rows = [row for group in groups.values() for row in group]
    if not rows:
        return
    held = outbox.c.id.in_([row.id for row in rows])
    claimed = {
        "state": "sending",
        "lease": lease.id,
        "leased_until": lease.until,
        "claimed_at": at,
        "attempts": outbox.c.attempts + 1,
        "message": func.coalesce(outbox.c.message, outbox.c.key),
    }
    connection.execute(update(outbox).where(held).values(claimed))
    joined = [
        {"row": row.id, "shared": key} for key, group in groups.items() if len(group) > 1 for row in group
    ]
    if joined:
        named = update(outbox).where(outbox.c.id == bindparam("row")).values(message=bindparam("shared"))
        connection.execute(named, joined)
    begun = [{"outbox": row.id, "attempt": row.attempts + 1, "started_at": at} for row in rows]
    connection.execute(insert(delivery), begun)


def still_leased(connection: Connection, rows: Collection[int], lease: Lease) -> set[int]:
    """Those of the rows that nobody has cancelled since they were claimed."""
    mine = (outbox.c.id.in_(rows), outbox.c.state == "sending", outbox.c.lease == lease.id)
    return set(connection.execute(select(outbox.c.id).where(*mine)).scalars())


def note_accepted(
    connection: Connection, attempts: Sequence[tuple[int, int]], receipt: str | None, at: dt.datetime
) -> None:
    """Note at once that a receiver has accepted these attempts (row, attempt), before all else is marked."""
    for row, number in attempts:
        connection.execute(_ACCEPTED, {"row": row, "number": number, "at": at, "reference": receipt})


def mark(connection: Connection, marks: Sequence[Mark], lease: Lease, at: dt.datetime) -> None:
    """Note what became of attempts. What was cancelled meanwhile stays cancelled; the attempt is noted."""
    if not marks:
        return
    d, o = delivery.c, outbox.c
    noted = (
        update(delivery)
        .where(d.outbox == bindparam("row"), d.attempt == bindparam("number"))
        .values(
            finished_at=at,
            outcome=bindparam("what"),
            receipt=bindparam("reference"),
            error_code=bindparam("code"),
        )
    )
    connection.execute(
        noted,
        [
            {
                "row": m.id,
                "number": m.attempt,
                "what": m.outcome,
                "reference": m.receipt,
                "code": m.error_code,
            }
            for m in marks
        ],
    )
    moved: dict[tuple[Any, ...], list[int]] = {}
    for m in marks:
        moved.setdefault((m.state, m.failed, m.next_attempt_at), []).append(m.id)
    for (state, failed, then), ids in moved.items():
        values: dict[str, Any] = {
            "state": state,
            "lease": None,
            "leased_until": None,
            "next_attempt_at": then,
        }
        values |= {"failures": o.failures + 1} if failed else {}
        values |= {} if state == "pending" else {"finished_at": at}
        mine = (o.id.in_(ids), o.state == "sending", o.lease == lease.id)
        connection.execute(update(outbox).where(*mine).values(values))


def give_back(
    connection: Connection, rows: Collection[tuple[int, int]], lease: Lease, then: dt.datetime
) -> None:
    """Undo the claim on rows (with its attempt) that were not tried; they are due again at `then`."""
    if not rows:
        return
    connection.execute(delivery.delete().where(tuple_(delivery.c.outbox, delivery.c.attempt).in_(rows)))
    mine = (
        outbox.c.id.in_([row for row, _ in rows]),
        outbox.c.state == "sending",
        outbox.c.lease == lease.id,
    )
    waits = {"state": "pending", "lease": None, "leased_until": None, "next_attempt_at": then}
    connection.execute(update(outbox).where(*mine).values({**waits, "attempts": outbox.c.attempts - 1}))


def settle(connection: Connection, rows: Collection[int], state: OutboxState, at: dt.datetime) -> None:
    """End rows that are due without sending them: expired, cancelled, failed, or sent before."""
    if rows:
        ended = {"state": state, "lease": None, "leased_until": None, "finished_at": at}
        connection.execute(update(outbox).where(outbox.c.id.in_(rows)).values(ended))


def give_up(connection: Connection, rows: Sequence[Due], at: dt.datetime) -> None:
    """End rows whose every attempt was broken off: they are taken to bring the deliverer down."""
    last = [(row.id, row.attempts) for row in rows]
    if last:
        open_ = (tuple_(delivery.c.outbox, delivery.c.attempt).in_(last), delivery.c.outcome.is_(None))
        said = {"finished_at": at, "outcome": "technical_failure", "error_code": "broken_off"}
        connection.execute(update(delivery).where(*open_).values(said))
        settle(connection, [row.id for row in rows], "failed", at)


def postpone(connection: Connection, until: Mapping[int, dt.datetime]) -> None:
    """Let due rows wait until later; nothing is counted against them."""
    times: dict[dt.datetime, list[int]] = {}
    for row, then in until.items():
        times.setdefault(then, []).append(row)
    for then, rows in times.items():
        waits = {"state": "pending", "lease": None, "leased_until": None, "next_attempt_at": then}
        connection.execute(update(outbox).where(outbox.c.id.in_(rows)).values(waits))


def _held(connection: Connection, statement: Select[Any]) -> list[Due]:
    return [_due(row) for row in connection.execute(statement.with_for_update(skip_locked=True))]


def _due(row: Row[Any]) -> Due:
    return Due(**row._mapping)
