"""How delivery is doing, in numbers: what waits, since when, what failed, and whether anybody delivers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from records.tables import deliverer, delivery, delivery_channel, outbox

SILENT: Final = dt.timedelta(seconds=30)
"""A deliverer not seen for so long is taken to be dead."""
LATELY: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """One channel of the outbox. Rows that wait for a time to come are not due."""

    pending: int
    due: int
    due_since: dt.datetime | None
    """Since when the longest waiting of the due has waited."""
    sending: int
    failed: int
    resting_until: dt.datetime | None
    """Until when the channel is left alone, because its gateway fails."""
    last_error: str | None


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """Delivery as a whole."""

    channels: Mapping[str, ChannelCounts]
    lately: Mapping[str, int]
    """Attempts of the last hour by outcome."""
    deliverers: int
    """Processes seen within half a minute."""
    paused: tuple[str, ...]
    """Why they send nothing, of those that send nothing."""

    @property
    def due_since(self) -> dt.datetime | None:
        """Since when the longest waiting of all that is due has waited."""
        return min((one.due_since for one in self.channels.values() if one.due_since), default=None)

    @property
    def resting(self) -> tuple[str, ...]:
        """The channels that are left alone for now."""
        return tuple(name for name, one in self.channels.items() if one.resting_until is not None)


def delivery_counts(connection: Connection, at: dt.datetime) -> DeliveryCounts:
    """The numbers of this moment."""
    d = delivery.c
    lately = select(d.outcome, func.count()).where(d.finished_at > at - LATELY).group_by(d.outcome)
    alive = connection.execute(select(deliverer.c.paused).where(deliverer.c.seen_at > at - SILENT)).scalars()
    paused = alive.all()
    return DeliveryCounts(
        channels=_channels(connection, at),
        lately={outcome: count for outcome, count in connection.execute(lately) if outcome is not None},
        deliverers=len(paused),
        paused=tuple(sorted({why for why in paused if why is not None})),
    )


def _channels(connection: Connection, at: dt.datetime) -> dict[str, ChannelCounts]:
    o = outbox.c
    # What was sent or ended is left out: it is most of the table, and only grows.
    looked_at = o.state.in_(("pending", "sending", "failed"))
    by_state = select(o.channel, o.state, func.count()).where(looked_at).group_by(o.channel, o.state)
    counted = {(channel, state): count for channel, state, count in connection.execute(by_state)}
    ready = select(o.channel, func.count(), func.min(o.next_attempt_at)).where(
        o.state == "pending", o.next_attempt_at <= at
    )
    due = {row[0]: (row[1], row[2]) for row in connection.execute(ready.group_by(o.channel))}
    ways = {row.channel: row for row in connection.execute(select(delivery_channel))}
    return {
        channel: ChannelCounts(
            pending=counted.get((channel, "pending"), 0),
            due=due.get(channel, (0, None))[0],
            due_since=due.get(channel, (0, None))[1],
            sending=counted.get((channel, "sending"), 0),
            failed=counted.get((channel, "failed"), 0),
            resting_until=_rest(ways.get(channel), at),
            last_error=None if channel not in ways else ways[channel].last_error,
        )
        for channel in sorted({channel for channel, _ in counted} | set(ways))
    }


def _rest(way: object, at: dt.datetime) -> dt.datetime | None:
    until: dt.datetime | None = getattr(way, "open_until", None)
    return until if until is not None and until > at else None
