"""Caps, quiet hours, digests and the rates of channels, as claims keep them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select

from records.database import reading, writing
from records.pace import Pace, choose_pace
from records.tables import outbox
from records.verification import send_code
from serving.delivery.digest_key import digest_key
from serving.delivery.outcome import Outcome
from tests.serving.delivery.claims import MINUTE, Town
from tests.serving.delivery.outboxes import NOON, message, put_out


def test_the_cap_counts_all_channels_and_the_rest_waits_for_tomorrow(town: Town) -> None:
    town.people("li", most_a_day=3)
    put_out(town.engine, [message("li", due_on=NOON.date())])
    sent = [len(town.claim(channel).parcels) for channel in ("email", "sms", "webhook", "letter")]
    assert sent == [1, 1, 1, 0]
    tomorrow = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)
    assert len(town.claim("letter", at=tomorrow).parcels) == 1


def test_several_that_are_not_urgent_go_as_one_message_with_one_key(town: Town) -> None:
    town.people("li", channels=["email"])
    town.do(choose_pace, "li", Pace(3, dt.time(0), dt.time(0), "daily"), NOON)
    yesterday = NOON - dt.timedelta(days=1)
    put_out(town.engine, [message("li", f"事 {n}") for n in range(4)], yesterday)
    [parcel] = town.claim(most=1).parcels
    keys = [piece.key for piece in parcel.pieces]
    assert len(keys) == 4
    assert parcel.key == digest_key(keys)
    assert {row.message for row in town.rows(outbox.c.message)} == {parcel.key}
    # Tried again, they stay together under the same key, and what came since does not join them.
    town.mark(claimed := town.claim(at=NOON + 3 * MINUTE), Outcome(parcel.key, "temporary", "smtp_text_451"))
    assert [one.key for one in claimed.parcels] == [parcel.key]
    put_out(town.engine, [message("li", "后来的事")], yesterday)
    again = town.claim(at=NOON + dt.timedelta(hours=1)).parcels
    assert sorted(len(one.pieces) for one in again) == [1, 4]
    assert parcel.key in {one.key for one in again}


def test_quiet_hours_wake_nobody(town: Town) -> None:
    town.people("li")
    town.do(choose_pace, "li", Pace(), NOON)
    night = dt.datetime(2026, 11, 20, 15, 0, tzinfo=dt.UTC)
    put_out(town.engine, [message("li")], night)
    assert town.claim(at=night).parcels == ()
    assert town.claim(at=night + dt.timedelta(hours=8)).parcels == ()
    assert len(town.claim(at=dt.datetime(2026, 11, 21, 0, 0, tzinfo=dt.UTC)).parcels) == 1


def test_a_code_goes_at_any_hour_to_the_address_that_waits_for_it(town: Town) -> None:
    with writing(town.engine) as connection:
        from records.tables import subject

        connection.execute(insert(subject).values(id="li", kind="citizen"))
    night = dt.datetime(2026, 11, 20, 18, 0, tzinfo=dt.UTC)
    town.do(send_code, town.secrets, "li", "email", "new@example.cn", night)
    [parcel] = town.claim(at=night).parcels
    assert parcel.address == "new@example.cn"
    assert parcel.pieces[0].payload["detail"]["code"].isdecimal()
    with reading(town.engine) as connection:
        kept = connection.execute(select(outbox.c.payload)).scalar_one()
    assert parcel.pieces[0].payload["detail"]["code"] not in str(kept)


def test_the_rate_of_a_channel_holds(town: Town) -> None:
    names = [f"c{n}" for n in range(30)]
    town.people(*names, channels=["email"])
    put_out(town.engine, [message(name) for name in names])
    sent = [len(town.claim(at=NOON + dt.timedelta(seconds=n), rate=4).parcels) for n in range(4)]
    assert sent == [4, 4, 4, 4]
    assert town.claim(at=NOON + dt.timedelta(seconds=3), rate=4).parcels == ()
    # However long nothing was sent, a second's worth goes at once.
    assert len(town.claim(at=NOON + dt.timedelta(hours=1), rate=4).parcels) == 4
