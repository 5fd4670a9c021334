"""An outbox, and whoever claims from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

from limits.storage import MemoryStorage
from sqlalchemy import Engine, select

from records.audit import audit_chain
from records.clock_skew import ClockWatch
from records.database import reading, writing
from records.keys import Secrets
from records.reliance import reliance
from records.tables import delivery, outbox
from serving.delivery.claiming import Claimed, Claiming
from serving.delivery.marking import mark_outcomes, mark_way
from serving.delivery.outcome import Outcome
from serving.rate_limits import RateLimits
from tests.serving.delivery.outboxes import NOON, reachable

RATE = 1e6


MINUTE = dt.timedelta(minutes=1)


CONSENT = reliance("remind", "attributes:ordinary")


class Town:
    """One outbox, and whoever claims from it."""

    def __init__(self, engine: Engine, secrets: Secrets) -> None:
        self.engine, self.secrets = engine, secrets
        self.limits = RateLimits(MemoryStorage(), b"k" * 32, 1000)
        self.watch: ClockWatch | None = None

    def people(self, *names: str, **more: Any) -> None:
        with writing(self.engine) as connection:
            reachable(connection, self.secrets, names, **more)

    def claim(
        self, channel: Any = "email", at: dt.datetime = NOON, rate: float = RATE, most: int = 200
    ) -> Claimed:
        claiming = Claiming(
            engine=self.engine,
            secrets=self.secrets,
            audit=audit_chain(self.secrets),
            limits=self.limits,
            clock_watch=self.watch,
            channels=("email", "sms", "webhook", "letter"),
            most=most,
            lease_for=2 * MINUTE,
        )
        return claiming.claim(channel, rate, "lease", at)

    def do(self, deed: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with writing(self.engine) as connection:
            return deed(connection, *arguments, **more)

    def mark(self, claimed: Claimed, *outcomes: Outcome, at: dt.datetime = NOON) -> None:
        with writing(self.engine) as connection:
            named = {one.key: one for one in outcomes}
            mark_outcomes(connection, claimed.parcels, named, claimed.lease, Random(1), at)  # noqa: S311
            if claimed.parcels:
                mark_way(connection, claimed.parcels[0].channel, outcomes, at)

    def attempts(self) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(delivery.c.outcome).order_by(delivery.c.attempt)).scalars())

    def rows(self, *columns: Any) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(*columns).order_by(outbox.c.id)))
