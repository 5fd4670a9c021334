"""Readiness and metrics say how delivery is doing, and a letter's link to unsubscribe ends what it says."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from records.choices import choices_of
from records.database import engine_for, reading, writing
from records.delivery_channels import ENOUGH, lock_channels, note_way, say_alive
from records.keys import open_secrets
from records.settings import moment_of_writing
from records.tables import outbox
from records.unsubscribing import unsubscribe_word
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS
from tests.serving.delivery.outboxes import message, put_out, reachable
from tests.serving.signing_in import SignedInClient


def test_what_is_amiss_with_delivery_is_told(
    own_town: ServingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.degraded.HOLD", 0.0)  # what has passed is not told a moment longer
    now, secrets = moment_of_writing(own_town), open_secrets(own_town)
    engine = engine_for(own_town.records_url)
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        watch = client.app.state.parts.watch  # type: ignore[attr-defined]

        def amiss() -> set[str]:
            watch.look()
            return {one["code"] for one in client.get("/ready").json()["degraded"]}

        assert not {"delivery_paused", "delivery_failing", "delivery_late"} & amiss()
        with writing(engine) as connection:
            reachable(connection, secrets, ["d1"], channels=["email"])
        put_out(engine, [message("d1")], now - dt.timedelta(seconds=800))
        assert "delivery_late" not in amiss()
        with writing(engine) as connection:
            late = now - dt.timedelta(seconds=1000)
            connection.execute(update(outbox).values(next_attempt_at=late))
            say_alive(connection, "one", late, "limits_unknown", now)
            lock_channels(connection, ["sms"], now)
            for _ in range(ENOUGH):
                note_way(connection, "sms", passed=False, error="http_503", at=now)
        assert {"delivery_paused", "delivery_failing", "delivery_late"} <= amiss()
        assert client.get("/ready").json()["pushing_allowed"] is False
        here = type(client)(client.app, base_url=ADDRESS, client=("127.0.0.1", 5)).get("/metrics").text
        assert 'qianmian_outbox_due{channel="email"} 1' in here
        assert "qianmian_deliverers 1" in here
        with writing(engine) as connection:
            say_alive(connection, "one", late, None, now)
            note_way(connection, "sms", passed=True, error=None, at=now)
            connection.execute(update(outbox).values(state="sent"))
        assert not {"delivery_paused", "delivery_failing", "delivery_late"} & amiss()
    engine.dispose()


def test_one_click_in_a_mail_reader_ends_it(own_town: ServingSettings) -> None:
    now, secrets = moment_of_writing(own_town), open_secrets(own_town)
    engine = engine_for(own_town.records_url)
    with writing(engine) as connection:
        reachable(connection, secrets, ["d1"], channels=["email"])
    put_out(engine, [message("d1"), message("d1", "另一件事")], now)
    with reading(engine) as connection:
        push = connection.execute(select(outbox.c.id).order_by(outbox.c.id)).scalars().first()
    assert push is not None
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        # As RFC 8058 has a mail reader do it: no cookies, no page before.
        answer = client.post(
            f"/unsubscribe/{unsubscribe_word(secrets, push)}", data={"List-Unsubscribe": "One-Click"}
        )
    assert answer.status_code == 200
    with reading(engine) as connection:
        assert not choices_of(connection, "d1").wanted("交通出行", "email")
        assert set(connection.execute(select(outbox.c.state)).scalars()) == {"cancelled"}
    engine.dispose()
