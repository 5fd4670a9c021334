"""By which channels subjects want to be told at all; the end of what waits only because it was followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, delete, select, update

from records.choices import choices_of_all
from records.grounds import still_wanted
from records.inbox import one_told
from records.pushes import reached_by, standpoints
from records.reliance import RECOMMENDATION, UNFINISHED
from records.tables import outbox, subscription
from records.tables.vocabulary import FollowedKind, ReminderChannel


def channels_wanted(
    connection: Connection, subjects: Collection[str]
) -> dict[str, frozenset[ReminderChannel]]:
    """The channels by which each of the subjects can be reached and wants anything at all; most have none."""
    reached = reached_by(connection, subjects)
    choices = choices_of_all(connection, list(reached))
    return {
        subject: frozenset(channel for channel in channels if choices[subject].wants_any(channel))
        for subject, channels in reached.items()
    }


def unfollow(connection: Connection, subject: str, kind: FollowedKind, target: str, at: dt.datetime) -> bool:
    """Follow something no longer, and cancel pushes that only went out because it was followed.

    False if it was not followed.
    """
    s = subscription.c
    mine = (s.subject == subject, s.kind == kind, s.target == target)
    if connection.execute(delete(subscription).where(*mine)).rowcount == 0:
        return False
    waiting = select(outbox).where(outbox.c.subject == subject, outbox.c.state.in_(UNFINISHED))
    for row in connection.execute(waiting.with_for_update()).all():
        if not still_wanted(connection, row.id, at):
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(state="cancelled"))
        elif row.inbox is not None:
            _rest_on_recommendation(connection, row, at)
    return True


def _rest_on_recommendation(connection: Connection, row: Any, at: dt.datetime) -> None:
    """What is no longer asked for goes out by recommendation, and ends with it."""
    told = one_told(connection, row.subject, row.inbox)
    standpoint = standpoints(connection, [row.subject], at)[row.subject]
    if told is not None and RECOMMENDATION in standpoint.relied_on(told.message):
        rests = sorted({*row.relied_on, RECOMMENDATION})
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(relied_on=rests))
