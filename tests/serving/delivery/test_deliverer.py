"""The deliverer as a whole: everything goes where it should, and where something is missing it says so."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Callable
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from limits.storage import RedisStorage
from sqlalchemy import Engine, select, update

from records.database import reading, writing
from records.delivery_counts import delivery_counts
from records.keys import Secrets
from records.outbox_view import failed, retry, waiting
from records.settings import moment_of_writing
from records.tables import contact, delivery, inbox, outbox
from serving.delivery.by_file import manifests
from serving.delivery.deliverer import Deliverer
from serving.delivery.settings import DeliverySettings
from serving.overload import LimitsUnknown
from serving.rate_limits import RateLimits
from tests.serving.delivery.conftest import SIGNED_WITH, MailSink, Receiver
from tests.serving.delivery.gateways import gateway
from tests.serving.delivery.outboxes import message, put_out, reachable, states

Made = Callable[..., DeliverySettings]


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def people(engine: Engine, secrets: Secrets, count: int, **more: Any) -> list[str]:
    names = [f"c{n}" for n in range(count)]
    with writing(engine) as connection:
        reachable(connection, secrets, names, **more)
    return names


def once(deliverer: Deliverer) -> None:
    try:
        deliverer.once()
    finally:
        deliverer.close()


def test_everything_goes_where_it_should(
    settings: Made, engine: Engine, secrets: Secrets, mail_sink: MailSink, receiver: Receiver, tmp_path: Path
) -> None:
    names = people(engine, secrets, 30)
    put_out(engine, [message(name) for name in names], now())
    letters = tmp_path / "letters-out"
    given = settings(
        mail_host="127.0.0.1",
        mail_port=mail_sink.port,
        sms_gateway=receiver.url,
        sms_secret=SIGNED_WITH,
        webhook_gateway=receiver.url,
        webhook_secret=SIGNED_WITH,
        letters_folder=letters,
    )
    once(Deliverer(given, engine, secrets))
    assert states(engine) == {"sent": 120}
    heads = mail_sink.heads()
    assert sorted(head["to"] for head in heads) == sorted(f"<{name}@example.cn>" for name in names)
    assert str(make_header(decode_header(heads[0]["subject"]))) == "提醒：换领驾驶证"
    assert heads[0]["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in heads[0]["list-unsubscribe"]
    with sqlite3.connect(receiver.ledger) as ledger:
        assert ledger.execute("SELECT count(*), count(DISTINCT key) FROM applied").fetchone() == (60, 60)
    assert sum(manifest.count for _, manifest in manifests(letters)) == 30
    with reading(engine) as connection:
        rows = connection.execute(select(delivery.c.outcome, delivery.c.receipt)).all()
        counts = delivery_counts(connection, now())
    assert {row.outcome for row in rows} == {"delivered"}
    assert all(row.receipt for row in rows)
    assert counts.lately == {"delivered": 120}
    assert {
        name: (one.pending, one.due, one.sending) for name, one in counts.channels.items()
    } == dict.fromkeys(("email", "letter", "sms", "webhook"), (0, 0, 0))


def test_a_channel_without_a_gateway_waits(
    settings: Made, engine: Engine, secrets: Secrets, mail_sink: MailSink
) -> None:
    names = people(engine, secrets, 2)
    put_out(engine, [message(name) for name in names], now())
    given = settings(mail_host="127.0.0.1", mail_port=mail_sink.port)
    assert given.open_channels == ("email",)
    once(Deliverer(given, engine, secrets))
    assert states(engine) == {"pending": 6, "sent": 2}


@pytest.mark.slow
def test_without_the_store_of_limits_nothing_is_sent_and_it_is_said(
    settings: Made, engine: Engine, secrets: Secrets, mail_sink: MailSink
) -> None:
    put_out(engine, [message(name) for name in people(engine, secrets, 3, channels=["email"])], now())
    given = settings(mail_host="127.0.0.1", mail_port=mail_sink.port)
    gone = RedisStorage("redis://127.0.0.1:1/0", socket_timeout=0.05, socket_connect_timeout=0.05)
    away = RateLimits(gone, b"k" * 32, 1000)
    with pytest.raises(LimitsUnknown):
        once(Deliverer(given, engine, secrets, away))
    assert states(engine) == {"pending": 3}
    assert mail_sink.heads() == []
    running = Deliverer(given, engine, secrets, away)
    with _running(running):
        _until(lambda: _counts(engine).paused == ("limits_unknown",), within=15)
        assert _counts(engine).deliverers == 1
        assert _counts(engine).channels["email"].due == 3
    assert _counts(engine).deliverers == 0
    assert mail_sink.heads() == []


def test_a_gateway_that_is_down_is_waited_for_and_then_everything_arrives_once(
    settings: Made, engine: Engine, secrets: Secrets, receiver: Receiver
) -> None:
    put_out(engine, [message(name) for name in people(engine, secrets, 5, channels=["sms"])], now())
    port = int(receiver.url.rsplit(":", 1)[1].strip("/"))
    with gateway(lambda asked: (503, {}, b"")) as down:
        given = settings(sms_gateway=down.url, sms_secret=SIGNED_WITH)
        once(Deliverer(given, engine, secrets))
    assert states(engine) == {"pending": 5}
    with reading(engine) as connection:
        failures = connection.execute(select(outbox.c.failures, outbox.c.next_attempt_at)).all()
    assert all(row.failures <= 1 for row in failures)
    with writing(engine) as connection:
        connection.execute(update(outbox).values(next_attempt_at=now()))
    once(
        Deliverer(settings(sms_gateway=f"http://127.0.0.1:{port}/", sms_secret=SIGNED_WITH), engine, secrets)
    )
    assert states(engine) == {"sent": 5}
    with sqlite3.connect(receiver.ledger) as ledger:
        assert ledger.execute("SELECT count(*) FROM applied").fetchone() == (5,)


def test_what_was_refused_for_good_is_listed_kept_in_the_inbox_and_may_be_retried(
    settings: Made, engine: Engine, secrets: Secrets, mail_sink: MailSink
) -> None:
    [name] = people(engine, secrets, 1, channels=["email"])
    put_out(engine, [message(name)], now())
    with writing(engine) as connection:
        broken = {"template": "unheard-of", "delicate": False, "link": "/inbox/1"}
        connection.execute(update(outbox).values(payload=broken))
    given = settings(mail_host="127.0.0.1", mail_port=mail_sink.port)
    once(Deliverer(given, engine, secrets))
    with reading(engine) as connection:
        [row] = failed(connection, 10)
        assert (row.channel, row.attempts, row.error, row.next_attempt_at) == ("email", 1, "unsayable", None)
        assert waiting(connection, 10) == ()
        assert connection.execute(select(inbox.c.closed_at)).scalars().all() == [None]
        assert connection.execute(select(contact.c.channel)).scalars().all() == ["email"]
    with writing(engine) as connection:
        whole = {"names_zh": "一", "names_en": "a", "reason_zh": "一", "reason_en": "a", "due_on": None}
        connection.execute(
            update(outbox).values(payload={**broken, **whole, "template": "notice", "detail": {}})
        )
        assert retry(connection, [], "sms", now()) == 0
        assert retry(connection, [row.key], None, now()) == 1
    once(Deliverer(given, engine, secrets))
    assert states(engine) == {"sent": 1}
    assert len(mail_sink.heads()) == 1


def test_told_to_stop_it_gives_back_what_it_has_not_sent(
    settings: Made, engine: Engine, secrets: Secrets, mail_sink: MailSink
) -> None:
    put_out(engine, [message(name) for name in people(engine, secrets, 400, channels=["email"])], now())
    given = settings(mail_host="127.0.0.1", mail_port=mail_sink.port)
    running = Deliverer(given, engine, secrets)
    with _running(running):
        _until(lambda: len(mail_sink.heads()) > 10)
    left = states(engine)
    assert set(left) <= {"sent", "pending"}
    assert left["sent"] == len(mail_sink.heads()) == running.total.delivered
    with reading(engine) as connection:
        tried = connection.execute(select(outbox.c.attempts).where(outbox.c.state == "pending")).scalars()
        assert set(tried) <= {0}


def test_the_business_date_is_that_of_the_settings(
    settings: Made, engine: Engine, secrets: Secrets, mail_sink: MailSink
) -> None:
    given = settings(mail_host="127.0.0.1", mail_port=mail_sink.port, today=dt.date(2030, 1, 2))
    [name] = people(engine, secrets, 1, channels=["email"])
    told = [message(name), message(name, "过了", expires_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))]
    put_out(engine, told, dt.datetime(2029, 12, 1, tzinfo=dt.UTC))
    once(Deliverer(given, engine, secrets))
    assert states(engine) == {"expired": 1, "sent": 1}
    assert abs(moment_of_writing(given) - dt.datetime(2030, 1, 2, 12, tzinfo=dt.UTC)) < dt.timedelta(days=1)


class _running:
    """A deliverer at work in a thread, told to stop at the end."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer, self._thread = deliverer, threading.Thread(target=deliverer.run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._deliverer.stop()
        self._thread.join(30)
        self._deliverer.close()
        assert not self._thread.is_alive()


def _counts(engine: Engine) -> Any:
    with reading(engine) as connection:
        return delivery_counts(connection, now())


def _until(ready: Callable[[], bool], within: float = 20) -> None:
    end = time.monotonic() + within
    while not ready():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)
