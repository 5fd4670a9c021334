"""The claiming transaction, on both databases: only what still may go is claimed, once, and audited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from limits.storage import MemoryStorage, RedisStorage
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from records.audit import audit_chain
from records.audit_verification import verify
from records.choices import EVERY_THEME, choose_recommendation, choose_reminders
from records.clock_skew import ClockWatch
from records.consents import grant, withdraw
from records.contacts import remove_contact
from records.database import reading, writing
from records.deliveries import Lease, note_accepted, still_leased
from records.departures import Departure, record_departure
from records.keys import Secrets
from records.pace import Pace, choose_pace
from records.reliance import reliance
from records.tables import audit, delivery, delivery_channel, outbox
from records.telling import untell
from records.verification import send_code
from serving.delivery.claiming import Claimed, Claiming, ClocksDisagree
from serving.delivery.digest_key import digest_key
from serving.delivery.marking import mark_outcomes, mark_way
from serving.delivery.outcome import Outcome
from serving.overload import LimitsUnknown
from serving.rate_limits import RateLimits
from tests.serving.delivery.outboxes import NOON, message, put_out, reachable, states

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


@pytest.fixture
def town(engine: Engine, secrets: Secrets) -> Town:
    return Town(engine, secrets)


def test_what_is_due_is_claimed_once_with_its_address_and_its_key(town: Town) -> None:
    town.people("li", "wang")
    put_out(town.engine, [message("li"), message("wang")])
    claimed = town.claim()
    assert [(p.subject, p.address, len(p.pieces), p.taken_over) for p in claimed.parcels] == [
        ("li", "li@example.cn", 1, False),
        ("wang", "wang@example.cn", 1, False),
    ]
    keys = town.rows(outbox.c.key, outbox.c.message, outbox.c.state, outbox.c.attempts)
    mine = [row for row in keys if row.message is not None]
    assert [(row.key, row.state, row.attempts) for row in mine] == [
        (parcel.key, "sending", 1) for parcel in claimed.parcels
    ]
    assert town.claim().parcels == ()
    assert len(town.claim("sms").parcels) == 2


def test_every_push_is_in_the_audit_chain_before_it_goes(
    town: Town, secrets: Secrets, tmp_path: Path
) -> None:
    town.people("li")
    put_out(town.engine, [message("li")])
    [parcel] = town.claim().parcels
    with reading(town.engine) as connection:
        [said] = connection.execute(select(audit.c.action, audit.c.purpose, audit.c.detail)).all()
        [seen] = audit_chain(secrets).accesses(connection, "li", 10)
    assert said == ("push", "remind", {"channel": "email", "message": parcel.key, "attempt": 1})
    assert seen.action == "push"
    assert verify(town.engine, audit_chain(secrets).sealer, tmp_path / "heads").breach is None


def told(town: Town) -> Any:
    return message("li", required=False, relied_on=(CONSENT,))


def close_inbox(town: Town) -> None:
    from records.tables import inbox

    town.do(
        lambda connection: connection.execute(update(inbox).values(closed_at=NOON, closed_because="done"))
    )


WITHDRAWALS: dict[str, Callable[[Town], Any]] = {
    "unsubscribed": lambda town: town.do(choose_reminders, "li", EVERY_THEME, "email", False, NOON),
    "recommendation off": lambda town: town.do(choose_recommendation, "li", False, NOON),
    "consent withdrawn": lambda town: town.do(withdraw, "li", "remind", ["attributes:ordinary"], NOON),
    "address removed": lambda town: town.do(remove_contact, "li", "email"),
    "departed": lambda town: town.do(record_departure, "li", Departure("death", NOON.date()), NOON),
    "done": lambda town: town.do(untell, "li", [told(town).key], NOON, "done"),
    "dismissed behind its back": close_inbox,
}


@pytest.mark.parametrize("what", WITHDRAWALS)
@pytest.mark.parametrize("behind_its_back", [False, True])
def test_what_is_no_longer_wanted_or_true_is_not_sent(town: Town, what: str, behind_its_back: bool) -> None:
    town.people("li")
    town.do(grant, "li", "remind", ["attributes:ordinary"], "1", NOON - MINUTE)
    assert put_out(town.engine, [told(town)]) == 4
    WITHDRAWALS[what](town)
    if behind_its_back:
        # Even where nobody cancelled the row, its grounds are read afresh.
        town.do(lambda connection: connection.execute(update(outbox).values(state="pending")))
    claimed = town.claim()
    assert claimed.parcels == ()
    with reading(town.engine) as connection:
        mine = select(outbox.c.state).where(outbox.c.channel == "email")
        assert connection.execute(mine).scalars().all() == ["cancelled"]
        assert connection.execute(select(func.count()).select_from(audit)).scalar_one() == 0


def test_nothing_goes_out_after_it_stopped_being_true(town: Town) -> None:
    town.people("li")
    put_out(town.engine, [message("li", expires_at=NOON + MINUTE)])
    assert town.claim(at=NOON + MINUTE).parcels == ()
    assert states(town.engine) == {"expired": 1, "pending": 3}
    [parcel] = town.claim("sms", at=NOON + MINUTE - dt.timedelta(microseconds=1)).parcels
    assert parcel.expires_at == NOON + MINUTE


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


def test_what_is_withdrawn_after_the_claim_is_seen_before_it_is_sent(town: Town) -> None:
    town.people("li", "wang", channels=["email"])
    put_out(town.engine, [message("li"), message("wang")])
    claimed = town.claim()
    WITHDRAWALS["unsubscribed"](town)
    rows = [piece.id for parcel in claimed.parcels for piece in parcel.pieces]
    with reading(town.engine) as connection:
        assert still_leased(connection, rows, claimed.lease) == {claimed.parcels[1].pieces[0].id}
    # One that was on the wire all the same stays cancelled, and its delivery is on record.
    town.mark(claimed, *(Outcome(parcel.key, "delivered", receipt="r") for parcel in claimed.parcels))
    assert states(town.engine) == {"cancelled": 1, "sent": 1}
    assert town.attempts() == ["delivered"] * 2


def test_without_the_store_of_limits_nothing_is_claimed(town: Town) -> None:
    town.people("li")
    put_out(town.engine, [message("li")])
    gone = RedisStorage("redis://127.0.0.1:1/0", socket_timeout=0.05, socket_connect_timeout=0.05)
    town.limits = RateLimits(gone, b"k" * 32)
    with pytest.raises(LimitsUnknown):
        town.claim()
    assert states(town.engine) == {"pending": 4}
    assert town.attempts() == []
    town.limits = RateLimits(MemoryStorage(), b"k" * 32)
    assert len(town.claim().parcels) == 1


def test_one_address_is_not_flooded_by_many_subjects(town: Town, secrets: Secrets) -> None:
    from records.contacts import sealed
    from records.tables import contact

    names = [f"firm{n}" for n in range(8)]
    town.people(*names, channels=["email"])
    with writing(town.engine) as connection:
        for name in names:
            same = sealed(secrets["identity"], "office@example.cn", "contact", "ciphertext", name, "email")
            connection.execute(update(contact).where(contact.c.subject == name).values(ciphertext=same))
    put_out(town.engine, [message(name) for name in names])
    town.limits = RateLimits(MemoryStorage(), b"k" * 32, 0.01)  # 6 a minute to one address
    assert len(town.claim().parcels) == 6
    assert town.claim(at=NOON).parcels == ()
    assert states(town.engine) == {"pending": 2, "sending": 6}


@pytest.mark.parametrize("off", [61, -61, 86_400, -86_400])
def test_with_a_clock_that_is_wrong_nothing_is_sent_or_expired(town: Town, off: int) -> None:
    town.people("li")
    put_out(town.engine, [message("li", expires_at=NOON + MINUTE)])
    times = iter([NOON, *[NOON + dt.timedelta(seconds=off)] * 3])
    town.watch = ClockWatch(lambda: next(times), lambda: 0.0)
    with pytest.raises(ClocksDisagree):
        town.claim(at=NOON + dt.timedelta(seconds=off))
    assert states(town.engine) == {"pending": 4}


def test_the_rate_of_a_channel_holds(town: Town) -> None:
    names = [f"c{n}" for n in range(30)]
    town.people(*names, channels=["email"])
    put_out(town.engine, [message(name) for name in names])
    sent = [len(town.claim(at=NOON + dt.timedelta(seconds=n), rate=4).parcels) for n in range(4)]
    assert sent == [4, 4, 4, 4]
    assert town.claim(at=NOON + dt.timedelta(seconds=3), rate=4).parcels == ()
    # However long nothing was sent, a second's worth goes at once.
    assert len(town.claim(at=NOON + dt.timedelta(hours=1), rate=4).parcels) == 4


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


def test_claims_of_a_broken_audit_chain_claim_nothing(town: Town) -> None:
    from records.audit_heads import AuditBroken
    from records.tables import audit_head

    town.people("li")
    put_out(town.engine, [message("li")])
    town.do(lambda connection: connection.execute(update(audit_head).values(sequence=7)))
    with pytest.raises((AuditBroken, SQLAlchemyError)):
        town.claim()
    assert states(town.engine) == {"pending": 4}
