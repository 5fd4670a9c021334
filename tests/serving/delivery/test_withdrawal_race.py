"""Withdrawing while pushing, 1,000 times: once the withdrawal is committed nothing more begins to go out."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

import pytest
from limits.storage import MemoryStorage
from sqlalchemy import Engine, select

from records.audit import audit_chain
from records.choices import EVERY_THEME, choose_recommendation, choose_reminders
from records.consents import grant, withdraw
from records.database import reading, writing
from records.keys import Secrets
from records.reliance import reliance
from records.tables import delivery, outbox
from serving.delivery.claiming import Claiming
from serving.delivery.lane import Lane
from serving.delivery.outcome import Outcome
from serving.delivery.parcel import Parcel
from serving.rate_limits import RateLimits
from tests.serving.delivery.outboxes import NOON, message, put_out, reachable

TIMES = 1000
CONSENT = reliance("remind", "attributes:ordinary")
pytestmark = pytest.mark.slow


class Wire:
    """A way out that notes what was put on it."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, parcels: Sequence[Parcel], until: dt.datetime) -> Sequence[Outcome]:
        self.sent += [parcel.subject for parcel in parcels]
        return [Outcome(parcel.key, "delivered", receipt="r") for parcel in parcels]

    def close(self) -> None:
        pass


def lane_on(engine: Engine, secrets: Secrets, wire: Wire, clock: Callable[[], dt.datetime]) -> Lane:
    claiming = Claiming(
        engine=engine,
        secrets=secrets,
        audit=audit_chain(secrets),
        limits=RateLimits(MemoryStorage(), b"k" * 32, 1000),
        clock_watch=None,
        channels=("email",),
        most=20,
        lease_for=dt.timedelta(hours=1),
    )
    return Lane(
        channel="email",
        claiming=claiming,
        sender=wire,
        engine=engine,
        rate=1e6,
        random=Random(1),  # noqa: S311
        clock=clock,
        stopping=lambda: False,
        lease_id="lease",
        margin=dt.timedelta(0),
    )


def test_nothing_goes_out_after_a_withdrawal_is_committed(engine: Engine, secrets: Secrets) -> None:
    names = [f"c{n:04d}" for n in range(TIMES)]
    with writing(engine) as connection:
        reachable(connection, secrets, names, channels=["email"])
        for name in names:
            grant(connection, name, "remind", ["attributes:ordinary"], "1", NOON - dt.timedelta(days=1))
    for number, name in enumerate(names):
        told = message(name, required=False, relied_on=(CONSENT,))
        put_out(engine, [told], NOON + dt.timedelta(seconds=number))

    wire, at = Wire(), [NOON]
    lane = lane_on(engine, secrets, wire, lambda: at[0])
    random, start = Random(3), Barrier(2)  # noqa: S311

    def give_up(name: str, number: int, pause: float) -> int:
        start.wait()
        time.sleep(pause)
        with writing(engine) as connection:
            match number % 3:
                case 0:
                    withdraw(connection, name, "remind", ["attributes:ordinary"], NOON)
                case 1:
                    choose_reminders(connection, name, EVERY_THEME, "email", False, NOON)
                case _:
                    choose_recommendation(connection, name, False, NOON)
        return time.monotonic_ns()

    def deliver(pause: float) -> int:
        start.wait()
        time.sleep(pause)
        began = time.monotonic_ns()
        lane.work()
        return began

    kept = went = 0
    with ThreadPoolExecutor(2) as pool:
        for number, name in enumerate(names):
            at[0] = NOON + dt.timedelta(seconds=number)
            before = set(wire.sent)
            first, second = random.choice(
                [(0.0, 0.0), (0.0, 0.002), (0.002, 0.0), (0.0, 0.006), (0.006, 0.0)]
            )
            pushing = pool.submit(deliver, first)
            given_up = pool.submit(give_up, name, number, second).result()
            began = pushing.result()
            sent = name in set(wire.sent) - before
            kept, went = kept + (not sent), went + sent
            if sent:
                assert given_up > began, f"{name} was sent though it was withdrawn before the claim"
    # The race was one: it went both ways.
    assert kept > TIMES // 20
    assert went > TIMES // 20
    with reading(engine) as connection:
        state = dict(connection.execute(select(outbox.c.subject, outbox.c.state)).all())
        tried = set(
            connection.execute(
                select(outbox.c.subject).join(delivery, delivery.c.outbox == outbox.c.id)
            ).scalars()
        )
    assert len(wire.sent) == len(set(wire.sent)) == went
    assert set(wire.sent) <= tried
    assert {name for name in names if state[name] == "sent"} <= set(wire.sent)
    assert set(state.values()) <= {"sent", "cancelled"}
