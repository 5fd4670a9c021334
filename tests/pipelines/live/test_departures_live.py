"""The worker ends what was told to somebody while their departure was on its way."""

from __future__ import annotations

import datetime as dt
import random

from sqlalchemy import Engine, insert, select

from pipelines.live.rounds import Rounds, Tally
from pipelines.live.steps import EndSeries
from pipelines.live.worker import Worker
from records.arrivals import Came, note_arrivals
from records.database import reading, writing
from records.inbox import told
from records.tables import departure, outbox
from records.telling import Telling, tell
from tests.pipelines.live.test_worker import NOON, Clock, Nothing
from tests.pipelines.told import message, remind


def test_what_was_told_meanwhile_ends_with_the_departure(engine: Engine) -> None:
    remind(engine, NOON, "s1", "s2", "s3")
    with writing(engine) as connection:
        for who in ("s1", "s2"):
            row = {"subject": who, "source": "operator", "kind": "death", "on": dt.date(2026, 3, 1)}
            wrong = NOON if who == "s2" else None
            connection.execute(insert(departure).values(**row, recorded_at=NOON, taken_back_at=wrong))
        # That of s2 was taken back: the worker goes by the records, not by the news. s3 has other news.
        note_arrivals(connection, [Came("s1", "departure"), Came("s2", "departure"), Came("s3", "consent")])
    clock = Clock(dt.datetime.now(dt.UTC))
    rounds = Rounds(engine, Nothing(), (EndSeries(),), clock, random.Random(1))  # noqa: S311 - spreads retries
    assert Worker(engine, rounds, None, clock).once() == Tally(done=3)
    with reading(engine) as connection:
        assert [bool(told(connection, who)) for who in ("s1", "s2", "s3")] == [False, True, True]
        states = {
            row.subject: row.state for row in connection.execute(select(outbox.c.subject, outbox.c.state))
        }
    assert states == {"s1": "cancelled", "s2": "pending", "s3": "pending"}
    with writing(engine) as connection:
        assert tell(connection, [message("s1", "another")], NOON) == Telling()
