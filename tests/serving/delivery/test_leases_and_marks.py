"""What becomes of what was claimed: taken over, marked, tried again, given up."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from records.database import reading
from records.deliveries import Lease, note_accepted
from records.tables import delivery_channel, outbox
from serving.delivery.claiming import Claimed
from serving.delivery.outcome import Outcome
from tests.serving.delivery.claims import MINUTE, Town
from tests.serving.delivery.outboxes import NOON, message, put_out, states


def test_what_a_killed_process_was_sending_is_taken_over_after_the_lease(town: Town) -> None:
    town.people("li", "wang")
    put_out(town.engine, [message("li"), message("wang")])
    first = town.claim()
    assert town.claim(at=NOON + 2 * MINUTE - dt.timedelta(microseconds=1)).parcels == ()
    noted = first.parcels[0].pieces[0]
    town.do(note_accepted, [(noted.id, 1)], "receipt", NOON)
    second = town.claim(at=NOON + 2 * MINUTE)
    # What the receiver had accepted is not sent again.
    assert [parcel.key for parcel in second.parcels] == [first.parcels[1].key]
    assert second.parcels[0].taken_over
    assert second.parcels[0].pieces[0].attempt == 2
    states_now = {row.key: row.state for row in town.rows(outbox.c.key, outbox.c.state, outbox.c.channel)}
    assert states_now[noted.key] == "sent"


def test_a_late_mark_of_a_lost_lease_changes_nothing(town: Town) -> None:
    town.people("li", channels=["email"])
    put_out(town.engine, [message("li")])
    first = town.claim()
    second = town.claim(at=NOON + 3 * MINUTE)
    object.__setattr__(first, "lease", Lease("another", first.lease.until))
    town.mark(first, Outcome(first.parcels[0].key, "permanent", "smtp_text_554"))
    assert states(town.engine) == {"sending": 1}
    town.mark(second, Outcome(second.parcels[0].key, "delivered", receipt="r"))
    assert states(town.engine) == {"sent": 1}


def test_a_channel_that_fails_is_left_alone_and_then_tried_with_one_message(town: Town) -> None:
    names = [f"c{n}" for n in range(30)]
    town.people(*names, channels=["email"])
    put_out(town.engine, [message(name) for name in names])
    at = NOON
    for _ in range(3):
        claimed = town.claim(at=at, most=2)
        assert len(claimed.parcels) == 2
        town.mark(claimed, Outcome(claimed.parcels[0].key, "channel", "ConnectionRefusedError"), at=at)
        at += dt.timedelta(seconds=2)
    assert town.claim(at=at).parcels == ()
    with reading(town.engine) as connection:
        way = connection.execute(select(delivery_channel).where(delivery_channel.c.channel == "email")).one()
    assert (way.failures, way.last_error) == (3, "ConnectionRefusedError")
    probe = town.claim(at=way.open_until)
    assert len(probe.parcels) == 1
    town.mark(probe, Outcome(probe.parcels[0].key, "delivered", receipt="r"), at=way.open_until)
    assert len(town.claim(at=way.open_until).parcels) > 1


def test_what_was_not_tried_is_given_back_uncounted(town: Town) -> None:
    town.people("li", channels=["email"])
    put_out(town.engine, [message("li")])
    town.mark(town.claim())
    [row] = town.rows(outbox.c.state, outbox.c.attempts, outbox.c.failures, outbox.c.next_attempt_at)
    assert (row.state, row.attempts, row.failures) == ("pending", 0, 0)
    assert town.attempts() == []


def test_temporary_failures_wait_longer_each_time_and_end_after_four_hours(town: Town) -> None:
    town.people("li", channels=["email"])
    put_out(town.engine, [message("li", due_on=dt.date(2027, 1, 1))])
    at, waits = NOON, []
    while claimed := town.claim(at=at).parcels:
        held = Claimed(claimed, Lease("lease", at + 2 * MINUTE), 1)
        town.mark(held, Outcome(claimed[0].key, "temporary", "smtp_text_451"), at=at)
        [then] = [row.next_attempt_at for row in town.rows(outbox.c.next_attempt_at)]
        waits.append((then - at).total_seconds() / 60)
        at = max(then, at + dt.timedelta(seconds=1))
    assert len(waits) == 9
    assert [0.8 * 2**n <= wait <= 1.2 * 2**n for n, wait in enumerate(waits[:-1])] == [True] * 8
    assert 3.4 <= sum(waits) / 60 <= 5.2
    assert town.attempts() == ["temporary_failure"] * 8 + ["technical_failure"]
    assert states(town.engine) == {"failed": 1}


def test_an_unreachable_address_is_not_used_again(town: Town) -> None:
    town.people("li", channels=["email", "sms"])
    put_out(town.engine, [message("li", "一"), message("li", "二")])
    claimed = town.claim(most=1)
    key = claimed.parcels[0].key
    town.mark(claimed, Outcome(key, "permanent", "smtp_rcpt_550", unreachable=True))
    by_channel = {(row.channel, row.state) for row in town.rows(outbox.c.channel, outbox.c.state)}
    assert by_channel == {("email", "failed"), ("email", "cancelled"), ("sms", "pending")}
    assert put_out(town.engine, [message("li", "三")]) == 1
