"""The deliverer: a lane a channel, and a watch over them that says whether and why nothing is sent."""

from __future__ import annotations

import datetime as dt
import logging
import secrets as randomness
import threading
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from records.audit import audit_chain
from records.audit_heads import anchor, read_head
from records.clock_skew import ClockWatch
from records.database import reading, writing
from records.delivery_channels import say_alive, say_gone
from records.failures import failure_of
from records.keys import Secrets
from records.settings import moment_of_writing
from records.tables.vocabulary import AddressChannel
from serving.delivery.claiming import Claimed, Claiming, ClocksDisagree
from serving.delivery.lane import Lane
from serving.delivery.marking import Tally
from serving.delivery.noting import Noting
from serving.delivery.senders import sender_of
from serving.delivery.settings import DeliverySettings
from serving.overload import LimitsUnknown
from serving.rate_limits import RateLimits, open_limits

logger = logging.getLogger("qianmian.delivery")
HELD_BACK: Final = 0.05
"""Seconds until a channel that has used up its rate is looked at again."""
IDLE: Final = 0.5
"""Seconds between looks at an outbox in which nothing is due."""
PAUSE: Final = 5.0
"""Seconds until what kept delivery from working is tried again."""
BEAT: Final = 5.0
"""Seconds between signs of life."""


class Deliverer:
    """Delivers until it is told to stop. What it does not finish is given back, or taken over later."""

    def __init__(
        self, settings: DeliverySettings, engine: Engine, secrets: Secrets, limits: RateLimits | None = None
    ) -> None:
        self._settings, self._engine = settings, engine
        self._clock: Callable[[], dt.datetime] = lambda: moment_of_writing(settings)
        self._noting = Noting(settings.records_url, self._clock)
        self._ended = threading.Event()
        self._paused: dict[AddressChannel, str | None] = {}
        self.id = randomness.token_hex(8)
        self._claiming = Claiming(
            engine=engine,
            secrets=secrets,
            audit=audit_chain(secrets),
            limits=limits or open_limits(settings, secrets),
            clock_watch=ClockWatch(self._clock) if settings.today is None else None,
            channels=settings.open_channels,
            most=settings.delivery_batch,
            lease_for=dt.timedelta(seconds=settings.delivery_lease),
        )
        self._lanes = [self._lane(secrets, channel) for channel in settings.open_channels]

    @property
    def total(self) -> Tally:
        """What became of messages so far."""
        total = Tally()
        for lane in self._lanes:
            total = total.plus(lane.total)
        return total

    def run(self) -> None:
        """Deliver until `stop` is called, by whatever thread or signal."""
        self._threads(self._forever, self._beat)

    def once(self) -> None:
        """Deliver what is due until nothing more can go now. Raises what keeps it from going."""
        raised: list[BaseException] = []

        def until_done(lane: Lane) -> None:
            try:
                while not self._ended.is_set() and (rest := _rest_after(lane.work())) is not None:
                    self._ended.wait(rest)
            except BaseException as error:
                raised.append(error)

        self._threads(until_done, None)
        if raised:
            raise raised[0]

    def stop(self) -> None:
        """Begin nothing more; what is on its way is waited for."""
        self._ended.set()

    def close(self) -> None:
        """Let go of every connection, and copy the audit chain's head out of the records."""
        for lane in self._lanes:
            lane.sender.close()
        with suppress(SQLAlchemyError):
            self._anchor()
            with writing(self._engine) as connection:
                say_gone(connection, self.id)
        self._noting.close()

    def _threads(self, work: Callable[[Lane], None], beat: Callable[[], None] | None) -> None:
        threads = [
            threading.Thread(target=work, args=(lane,), name=f"deliver-{lane.channel}")
            for lane in self._lanes
        ]
        for thread in threads:
            thread.start()
        if beat is not None:
            beat()
        for thread in threads:
            thread.join()

    def _forever(self, lane: Lane) -> None:
        while not self._ended.is_set():
            why, rest = None, 0.0
            try:
                worked = _rest_after(lane.work())
                rest = IDLE if worked is None else worked
            except LimitsUnknown:
                why = "limits_unknown"
            except ClocksDisagree:
                why = "clocks_disagree"
            except SQLAlchemyError as error:
                why = failure_of(error)
            except Exception as error:
                # One batch that cannot be dealt with must not end delivery; it is seen in the log.
                logger.exception("a batch failed", extra={"error": type(error).__name__})
                why = "fault"
            if why is not None:
                rest = PAUSE
                if self._paused.get(lane.channel) != why:
                    logger.error("nothing is sent", extra={"problem": why})
            self._paused[lane.channel] = why
            self._ended.wait(rest)

    def _beat(self) -> None:
        began = self._clock()
        while True:
            try:
                with writing(self._engine) as connection:
                    say_alive(connection, self.id, began, self._why(), self._clock())
                self._anchor()
            except SQLAlchemyError as error:
                logger.error("no sign of life was left", extra={"error": type(error).__name__})
            if self._ended.wait(BEAT):
                return

    def _why(self) -> str | None:
        reasons = sorted({why for why in self._paused.values() if why is not None})
        return reasons[0] if reasons else None

    def _anchor(self) -> None:
        with reading(self._engine) as connection:
            head = read_head(connection)
        if head.sequence:
            anchor(head, self._settings.audit_heads_path)

    def _lane(self, secrets: Secrets, channel: AddressChannel) -> Lane:
        settings = self._settings
        return Lane(
            channel=channel,
            claiming=self._claiming,
            sender=sender_of(settings, secrets, channel, self._noting, self._clock),
            engine=self._engine,
            rate=settings.rate_of(channel),
            random=Random(randomness.randbits(64)),  # noqa: S311 - it only spreads retries
            clock=self._clock,
            stopping=self._ended.is_set,
            lease_id=f"{self.id}-{channel}",
            margin=dt.timedelta(seconds=min(5 * settings.gateway_timeout, settings.delivery_lease / 2)),
        )


def _rest_after(claimed: Claimed) -> float | None:
    """Seconds until the next batch may be claimed; None where there is nothing to claim."""
    if claimed.held_back:
        return HELD_BACK
    return 0.0 if claimed.dealt_with else None
