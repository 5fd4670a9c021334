"""The end of all that is told unasked: when a subject has died, was dissolved, moved away or is erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, select, update

from records.reliance import UNFINISHED, cancel_all_pushes
from records.tables import inbox, invitation, outbox

OPEN_INVITATIONS = ("proposed", "accepted", "postponed")


AT_ONCE: Final = 5_000
"""Subjects named in one statement."""


class Stopped(NamedTuple):
    """How much was ended."""

    pushes: int
    messages: int
    invitations: int


def with_series(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Those of many subjects who have anything under way: a waiting push, an open message or invitation."""
    i, o, v = inbox.c, outbox.c, invitation.c
    found: set[str] = set()
    for start in range(0, len(subjects), AT_ONCE):
        some = subjects[start : start + AT_ONCE]
        for statement in (
            select(i.subject).where(i.subject.in_(some), i.closed_at.is_(None)),
            select(o.subject).where(o.subject.in_(some), o.state.in_(UNFINISHED)),
            select(v.subject).where(v.subject.in_(some), v.status.in_(OPEN_INVITATIONS)),
        ):
            found.update(connection.execute(statement.distinct()).scalars())
    return found


def stop_series(connection: Connection, subject: str, at: dt.datetime) -> Stopped:
    """End every series of the subject at once: waiting pushes, open messages, open invitations.

    For whoever learns of a departure to call, in the transaction that records it.
    """
    mine = (inbox.c.subject == subject, inbox.c.closed_at.is_(None))
    asked = (invitation.c.subject == subject, invitation.c.status.in_(OPEN_INVITATIONS))
    closing = {"closed_at": at, "closed_because": "departed"}
    return Stopped(
        pushes=cancel_all_pushes(connection, subject),
        messages=connection.execute(update(inbox).where(*mine).values(**closing)).rowcount,
        invitations=connection.execute(update(invitation).where(*asked).values(status="expired")).rowcount,
    )
