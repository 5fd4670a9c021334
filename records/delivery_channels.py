"""What each channel may still send, and whether the way there is open: shared by all who deliver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, update

from records.insertion import insert_new, insert_or_change
from records.tables import deliverer, delivery_channel
from records.tables.vocabulary import AddressChannel

ENOUGH: Final = 3
"""So many failures of the channel itself, one after another, and it is left alone."""
FULL: Final = 1e9
"""Of a channel that was never used: as many as its rate allows."""
FIRST_REST, LONGEST_REST = dt.timedelta(seconds=15), dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One channel at one instant."""

    channel: AddressChannel
    tokens: float
    refilled_at: dt.datetime
    failures: int
    open_until: dt.datetime | None
    last_error: str | None

    def allowance(self, rate: float, at: dt.datetime) -> int:
        """How many messages may go now: none while the channel rests, then one to try it, else as by rate."""
        if self.rests(at):
            return 0
        allowed = int(self.refilled(rate, at))
        return min(allowed, 1) if self.failures >= ENOUGH else allowed

    def rests(self, at: dt.datetime) -> bool:
        """Whether the channel is left alone, because its gateway failed."""
        return self.open_until is not None and at < self.open_until

    def refilled(self, rate: float, at: dt.datetime) -> float:
        """The tokens there are by now: at most what a second allows, and at least room for one."""
        passed = max((at - self.refilled_at).total_seconds(), 0)
        return min(self.tokens + passed * rate, max(rate, 1))


def lock_channels(
    connection: Connection, channels: Collection[AddressChannel], at: dt.datetime
) -> dict[AddressChannel, ChannelState]:
    """The state of the channels; until the transaction ends nobody else claims anything of any channel.

    Whoever counts what a subject was sent today can so rely on the count.
    """
    fresh = {"tokens": FULL, "refilled_at": at, "failures": 0}
    insert_new(
        connection, delivery_channel, "channel", [{"channel": one, **fresh} for one in sorted(channels)]
    )
    rows = connection.execute(select(delivery_channel).order_by(delivery_channel.c.channel).with_for_update())
    return {row.channel: ChannelState(*row) for row in rows}


def spend(connection: Connection, state: ChannelState, count: int, rate: float, at: dt.datetime) -> None:
    """Note that so many messages of a channel were claimed."""
    left = max(state.refilled(rate, at) - count, 0)
    mine = delivery_channel.c.channel == state.channel
    connection.execute(update(delivery_channel).where(mine).values(tokens=left, refilled_at=at))


def note_way(
    connection: Connection, channel: AddressChannel, *, passed: bool, error: str | None, at: dt.datetime
) -> ChannelState:
    """Note whether messages got through to a channel's gateway; beyond a few failures it is left alone."""
    mine = delivery_channel.c.channel == channel
    row = connection.execute(select(delivery_channel).where(mine).with_for_update()).one()
    failures = 0 if passed else row.failures + 1
    rest = None if failures < ENOUGH else at + min(FIRST_REST * 2 ** (failures - ENOUGH), LONGEST_REST)
    last = None if passed else error
    values = {"failures": failures, "open_until": rest, "last_error": last}
    connection.execute(update(delivery_channel).where(mine).values(values))
    return ChannelState(channel, row.tokens, row.refilled_at, failures, rest, last)


def say_alive(
    connection: Connection, id_: str, started_at: dt.datetime, paused: str | None, at: dt.datetime
) -> None:
    """Note that a deliverer is there, and why it sends nothing where it sends nothing."""
    row = {"id": id_, "started_at": started_at, "seen_at": at, "paused": paused}
    insert_or_change(connection, deliverer, row)
    connection.execute(deliverer.delete().where(deliverer.c.seen_at < at - dt.timedelta(days=1)))


def say_gone(connection: Connection, id_: str) -> None:
    """Note that a deliverer has ended of its own accord."""
    connection.execute(deliverer.delete().where(deliverer.c.id == id_))
