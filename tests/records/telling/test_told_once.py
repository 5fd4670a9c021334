"""What is told again is told once; what is taken back ends what waits."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, update

from records.inbox import told
from records.tables import outbox
from records.telling import Telling, tell, untell
from tests.records.telling.messages import DAY, NOON, message, pushes, reachable


def test_what_is_told_twice_is_told_once(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    tell(connection, [message(), message()], NOON)
    assert tell(connection, [message()], NOON + DAY) == Telling()
    assert len(pushes(connection)) == 1


def test_told_again_with_another_date_it_says_the_other_date(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    tell(connection, [message(due_on=dt.date(2026, 12, 1))], NOON)
    later = message(due_on=dt.date(2026, 12, 15), expires_at=NOON + 30 * DAY)
    assert tell(connection, [later], NOON + DAY) == Telling(changed=1)
    [one] = pushes(connection)
    assert (one.payload["due_on"], one.expires_at) == ("2026-12-15", NOON + 30 * DAY)
    [kept] = told(connection, "c1")
    assert kept.message.due_on == dt.date(2026, 12, 15)


def test_untelling_closes_and_cancels_for_that_subject_alone(connection: Connection) -> None:
    for who in ("c1", "c2"):
        reachable(connection, who, "email")
    tell(connection, [message(), message("k2", "c2")], NOON)
    assert untell(connection, "c1", ["k1", "k2", "k9"], NOON) == 1
    assert {one.subject: one.state for one in pushes(connection)} == {"c1": "cancelled", "c2": "pending"}
    assert [len(told(connection, who)) for who in ("c1", "c2")] == [0, 1]


def test_what_is_true_again_opens_again_and_what_was_sent_is_not_sent_again(connection: Connection) -> None:
    reachable(connection, "c1", "email", "sms")
    tell(connection, [message()], NOON)
    connection.execute(update(outbox).where(outbox.c.channel == "sms").values(state="sent", attempts=1))
    untell(connection, "c1", ["k1"], NOON)
    assert tell(connection, [message()], NOON + DAY) == Telling(again=1, pushes=1)
    assert {one.channel: one.state for one in pushes(connection)} == {"email": "pending", "sms": "sent"}
    untell(connection, "c1", ["k1"], NOON, "done")
    assert tell(connection, [message()], NOON + DAY) == Telling()
