"""Whether what waits may still go out; the end of what may not, when a subject stops following something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, select, update

from records.choices import choices_of_all
from records.departures import departures_of
from records.inbox import one_told
from records.pushes import Standpoint, reached_by, standpoints
from records.reliance import RECOMMENDATION, UNFINISHED
from records.tables import contact_check, outbox, subscription
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


def still_wanted(connection: Connection, push: int, at: dt.datetime) -> bool:
    """Whether an outbox row may go out now, as far as choices, consents, addresses and its message say.

    Expiry, quiet hours, rates and the cap are left to delivery. False for a row that is not there.
    """
    row = connection.execute(select(outbox).where(outbox.c.id == push)).first()
    if row is None or departures_of(connection, {row.subject}):
        return False
    if row.payload.get("template") == "code":
        return _is_awaited(connection, row, at)
    standpoint = standpoints(connection, [row.subject], at)[row.subject]
    return _rests(row, standpoint) and _is_open(connection, row, standpoint)


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


def _rests(row: Any, standpoint: Standpoint) -> bool:
    """Whether all that the push rests on still holds; what rests on nobody knows what rests on all."""
    if row.relied_on is None or row.channel not in standpoint.addresses:
        return False
    if RECOMMENDATION in row.relied_on and not standpoint.choices.personalised:
        return False
    return all(one in standpoint.consents for one in row.relied_on if one != RECOMMENDATION)


def _is_open(connection: Connection, row: Any, standpoint: Standpoint) -> bool:
    if row.inbox is None:
        return standpoint.choices.wanted(row.topic, row.channel)
    told = one_told(connection, row.subject, row.inbox)
    if told is None or (told.closed_at is not None and told.closed_because != "by_choice"):
        return False
    return standpoint.wants(replace(told.message, channels=frozenset({row.channel})), row.channel)


def _is_awaited(connection: Connection, row: Any, at: dt.datetime) -> bool:
    """Whether the code of an address is still the one to be typed in."""
    c = contact_check.c
    mine = select(c.made_at).where(c.subject == row.subject, c.channel == row.channel, c.ends_at > at)
    return bool(connection.execute(mine).scalar_one_or_none() == row.created_at)
