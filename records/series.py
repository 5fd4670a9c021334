"""The end of all that is told unasked: when a subject has died, was dissolved, moved away or is erased."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, update

from records.reliance import cancel_all_pushes
from records.tables import inbox, invitation

OPEN_INVITATIONS = ("proposed", "accepted", "postponed")


class Stopped(NamedTuple):
    """How much was ended."""

    pushes: int
    messages: int
    invitations: int


def stop_series(connection: Connection, subject: str, at: dt.datetime) -> Stopped:
    """End every series of the subject at once: waiting pushes, open messages, open invitations.

    For whoever learns of a departure to call, in the transaction that records it.
    """
    mine = (inbox.c.subject == subject, inbox.c.closed_at.is_(None))
    asked = (invitation.c.subject == subject, invitation.c.status.in_(OPEN_INVITATIONS))
    return Stopped(
        pushes=cancel_all_pushes(connection, subject),
        messages=connection.execute(update(inbox).where(*mine).values(closed_at=at)).rowcount,
        invitations=connection.execute(update(invitation).where(*asked).values(status="expired")).rowcount,
    )
