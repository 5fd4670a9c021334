"""The worker ends what was told to somebody while their departure was on its way."""

from __future__ import annotations

import datetime as dt
import random

from sqlalchemy import Engine, insert, select

from catalog.vocabulary import Names
from models.recommendation import Reason
from pipelines.live.rounds import Rounds, Tally
from pipelines.live.steps import EndSeries
from pipelines.live.worker import Worker
from records.arrivals import Came, note_arrivals
from records.choices import EVERY_THEME, choose_reminders
from records.database import reading, writing
from records.inbox import Message, told
from records.tables import contact, departure, outbox
from records.telling import Telling, tell
from tests.pipelines.live.test_worker import NOON, Clock, Nothing

WHY = Reason("window_open", Names(zh="年检", en="Inspection"))


def message(who: str, key: str = "") -> Message:
    return Message(
        key=key or f"k-{who}",
        subject=who,
        reason=WHY,
        catalogue_version="v1",
        topic="transport",
        required=True,
        channels=frozenset({"email"}),
        relied_on=(),
    )


def test_what_was_told_meanwhile_ends_with_the_departure(engine: Engine) -> None:
    with writing(engine) as connection:
        for who in ("s1", "s2", "s3"):
            sealed = {"ciphertext": b"x", "key_version": 1, "verified_at": NOON}
            connection.execute(insert(contact).values(subject=who, channel="email", **sealed))
            choose_reminders(connection, who, EVERY_THEME, "email", True, NOON)
        tell(connection, [message("s1"), message("s2"), message("s3")], NOON)
        gone = {"subject": "s1", "kind": "death", "on": dt.date(2026, 3, 1), "recorded_at": NOON}
        connection.execute(insert(departure).values(**gone))
        # No departure of s2 is held: the worker goes by the records, not by the news. s3 has other news.
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
