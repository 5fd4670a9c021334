"""The claiming transaction, on both databases: only what may go is claimed, once, and audited."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from limits.storage import MemoryStorage, RedisStorage
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from records.audit import audit_chain
from records.audit_verification import verify
from records.clock_skew import ClockWatch
from records.database import reading, writing
from records.keys import Secrets
from records.tables import audit, outbox
from serving.delivery.claiming import ClocksDisagree
from serving.overload import LimitsUnknown
from serving.rate_limits import RateLimits
from tests.serving.delivery.claims import MINUTE, Town
from tests.serving.delivery.outboxes import NOON, message, put_out, states


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


def test_claims_of_a_broken_audit_chain_claim_nothing(town: Town) -> None:
    from records.audit_heads import AuditBroken
    from records.tables import audit_head

    town.people("li")
    put_out(town.engine, [message("li")])
    town.do(lambda connection: connection.execute(update(audit_head).values(sequence=7)))
    with pytest.raises((AuditBroken, SQLAlchemyError)):
        town.claim()
    assert states(town.engine) == {"pending": 4}
