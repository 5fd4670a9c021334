"""One channel at work: claim, look once more, send, note, mark; nothing is held in between but the lease."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from records.database import reading, writing
from records.deliveries import Lease, still_leased
from records.tables.vocabulary import AddressChannel
from serving.delivery.claiming import Claimed, Claiming
from serving.delivery.marking import Tally, mark_outcomes, mark_way
from serving.delivery.outcome import Outcome, Sender
from serving.delivery.parcel import Parcel

logger = logging.getLogger("qianmian.delivery")
LOOK_EVERY: Final = {"email": 20}
"""After so many messages it is looked whether the next ones are still wanted; by default, after 100."""
_PATIENCE: Final = 10.0
"""Seconds for which marking is still tried after the end was asked for."""


@dataclass(slots=True)
class Lane:
    """The work on one channel, in one thread."""

    channel: AddressChannel
    claiming: Claiming
    sender: Sender
    engine: Engine
    rate: float
    random: Random
    clock: Callable[[], dt.datetime]
    stopping: Callable[[], bool]
    lease_id: str
    margin: dt.timedelta
    """Before the lease ends by so much, nothing more of it is begun."""
    total: Tally = field(default_factory=Tally)

    def work(self) -> Claimed:
        """Claim one batch and deal with it; what was claimed. Raises as `Claiming.claim` does."""
        claimed = self.claiming.claim(self.channel, self.rate, self.lease_id, self.clock())
        if claimed.parcels:
            outcomes = self._send(claimed)
            self._mark(claimed, outcomes)
        return claimed

    def _send(self, claimed: Claimed) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        size, until = LOOK_EVERY.get(self.channel, 100), claimed.lease.until - self.margin
        for begin in range(0, len(claimed.parcels), size):
            if self.stopping() or self.clock() > until:
                break
            some = self._still_wanted(claimed.parcels[begin : begin + size], claimed.lease)
            done = self.sender.send(some, until) if some else ()
            outcomes |= {outcome.key: outcome for outcome in done}
            if any(outcome.verdict == "channel" for outcome in done):
                break
        return outcomes

    def _still_wanted(self, parcels: Sequence[Parcel], lease: Lease) -> list[Parcel]:
        """Those of which nothing was cancelled since the claim."""
        rows = [piece.id for parcel in parcels for piece in parcel.pieces]
        with reading(self.engine) as connection:
            held = still_leased(connection, rows, lease)
        return [parcel for parcel in parcels if all(piece.id in held for piece in parcel.pieces)]

    def _mark(self, claimed: Claimed, outcomes: dict[str, Outcome]) -> None:
        """Keep what became of the batch, for as long as it takes: a mark that is lost is a repeat."""
        asked_to_stop: float | None = None
        while True:
            try:
                self._mark_once(claimed, outcomes)
                return
            except SQLAlchemyError as error:
                logger.error("what was sent is not marked yet", extra={"error": type(error).__name__})
                if self.stopping():
                    asked_to_stop = asked_to_stop or time.monotonic()
                    if time.monotonic() - asked_to_stop > _PATIENCE:
                        raise
                time.sleep(1)

    def _mark_once(self, claimed: Claimed, outcomes: dict[str, Outcome]) -> None:
        at = self.clock()
        with writing(self.engine) as connection:
            tally = mark_outcomes(connection, claimed.parcels, outcomes, claimed.lease, self.random, at)
            state = mark_way(connection, self.channel, outcomes.values(), at)
        self.total = self.total.plus(tally)
        if state is not None and state.open_until is not None:
            logger.error("a channel is left alone: its gateway fails", extra={"error": state.last_error})
