"""SIGKILL in mid-push: nothing is lost, every key is applied once, and e-mail repeats at most one a kill."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, func, select

from records.audit import audit_chain
from records.audit_verification import verify
from records.database import reading, writing
from records.keys import Secrets
from records.tables import audit, delivery, outbox
from serving.delivery.by_file import manifests
from serving.delivery.settings import DeliverySettings
from tests.serving.delivery.conftest import SIGNED_WITH, MailSink, Receiver
from tests.serving.delivery.killed_deliverer import deliver_until_killed
from tests.serving.delivery.outboxes import message, put_out, reachable, states

PEOPLE = {"sqlite": 700, "postgresql": 300}
KILLS = {"sqlite": 20, "postgresql": 8}
LEASE = 4.0


def test_killed_at_random_points(
    settings: Callable[..., DeliverySettings],
    engine: Engine,
    secrets: Secrets,
    mail_sink: MailSink,
    receiver: Receiver,
    tmp_path: Path,
) -> None:
    people, random = PEOPLE[engine.dialect.name], Random(7)  # noqa: S311
    now = dt.datetime.now(dt.UTC)
    with writing(engine) as connection:
        reachable(connection, secrets, [f"c{n}" for n in range(people)], ("email", "sms", "letter"))
    assert put_out(engine, [message(f"c{n}") for n in range(people)], now) == 3 * people
    gone = message("c0", "已经过期", expires_at=now + dt.timedelta(microseconds=1), key="0" * 32)
    assert put_out(engine, [gone], now) == 3
    letters = tmp_path / "put down"
    given = settings(
        mail_host="127.0.0.1",
        mail_port=mail_sink.port,
        sms_gateway=receiver.url,
        sms_secret=SIGNED_WITH,
        letters_folder=letters,
        delivery_batch=20,
        delivery_lease=LEASE,
        gateway_timeout=1,
        mail_rate=200,
        sms_rate=200,
        letter_rate=200,
    ).model_dump(exclude_none=True)

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.serving.delivery.killed_deliverer"])
    kills = 0
    while kills < KILLS[engine.dialect.name]:
        process = context.Process(target=deliver_until_killed, args=(given,))
        process.start()
        before = done(engine)
        end = time.monotonic() + 30
        while done(engine) == before and time.monotonic() < end:
            time.sleep(0.01)  # it has to be at work before it is killed
        time.sleep(random.uniform(0, 0.3))
        process.kill()
        process.join()
        kills += 1
        if states(engine).keys() <= {"sent", "expired"}:
            break
    process = context.Process(target=deliver_until_killed, args=(given,))
    process.start()
    end = time.monotonic() + 120
    while not states(engine).keys() <= {"sent", "expired"}:
        assert time.monotonic() < end, states(engine)
        time.sleep(0.2)
    process.terminate()
    process.join()

    assert kills >= 5
    # Lost: none. Wrong or expired: none.
    assert states(engine) == {"expired": 3, "sent": 3 * people}
    with reading(engine) as connection:
        keys = {
            channel: set(connection.execute(mine).scalars())
            for channel in ("email", "sms", "letter")
            for mine in [
                select(outbox.c.message).where(outbox.c.channel == channel, outbox.c.state == "sent")
            ]
        }
        begun = connection.execute(select(func.count()).select_from(delivery)).scalar_one()
        audited = connection.execute(select(func.count()).where(audit.c.action == "push")).scalar_one()
    # Every key applied once by the webhook's receiver and in the files.
    with sqlite3.connect(receiver.ledger) as ledger:
        applied = [key for (key,) in ledger.execute("SELECT key FROM applied")]
    assert sorted(applied) == sorted(keys["sms"])
    put_down = [key for _, manifest in manifests(letters) for key in manifest.keys]
    assert sorted(put_down) == sorted(keys["letter"])
    # E-mail: each at least once; repeats are the same letter to its reader, at most one a kill.
    ids = Counter(head["message-id"] for head in mail_sink.heads())
    assert {f"<{key}@qianmian.example>" for key in keys["email"]} == set(ids)
    repeats = sum(ids.values()) - len(ids)
    assert repeats <= kills
    # Whatever went out is in the chain, and the chain is whole.
    assert audited >= begun
    assert (
        verify(engine, audit_chain(secrets).sealer, tmp_path / "home" / "audit" / "heads.jsonl").breach
        is None
    )


def done(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(outbox.c.attempts > 0)).scalar_one()


pytestmark = pytest.mark.slow
