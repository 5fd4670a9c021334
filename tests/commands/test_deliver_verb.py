"""`qianmian deliver` and `qianmian outbox`: delivered at the keyboard, listed without addresses, retried."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from typer.testing import CliRunner

from benchmarks.mail_sink import Sink
from commands.main import app
from records.database import open_records, reading, writing
from records.keys import open_secrets
from records.settings import Settings
from records.tables import audit, outbox
from tests.serving.delivery.outboxes import message, put_out, reachable, states

WIDE = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.fixture
def kept() -> list[bytes]:
    return []


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: list[bytes]) -> Iterator[Engine]:
    """Two letters in the outbox, and a mail server that takes them."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("QIANMIAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QIANMIAN_HOME", str(tmp_path / "var"))
    loop, port = asyncio.new_event_loop(), 0

    async def serve() -> asyncio.Server:
        return await asyncio.start_server(Sink(kept.append).talk, "127.0.0.1", 0, limit=1 << 24)

    server = loop.run_until_complete(serve())
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("QIANMIAN_MAIL_HOST", "127.0.0.1")
    monkeypatch.setenv("QIANMIAN_MAIL_PORT", str(port))
    monkeypatch.setenv("QIANMIAN_MAIL_SECURITY", "none")
    settings = Settings()
    opened = open_records(settings)
    with writing(opened) as connection:
        reachable(connection, open_secrets(settings), ["li", "wang"], channels=["email"])
    put_out(opened, [message("li"), message("wang")], dt.datetime.now(dt.UTC))
    yield opened
    opened.dispose()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def test_delivered_at_the_keyboard(engine: Engine, kept: list[bytes]) -> None:
    done = CliRunner().invoke(app, ["deliver", "--once"], env=WIDE)
    assert done.exit_code == 0, done.output
    assert "2 delivered" in done.output
    assert states(engine) == {"sent": 2}
    assert len(kept) == 2


def test_listed_without_an_address_and_on_record(engine: Engine) -> None:
    listed = CliRunner().invoke(app, ["outbox", "list"], env=WIDE)
    assert listed.exit_code == 0, listed.output
    with reading(engine) as connection:
        keys = connection.execute(select(outbox.c.key)).scalars().all()
        assert "outbox listed" in connection.execute(select(audit.c.action)).scalars().all()
    assert all(key in listed.output for key in keys)
    assert "example.cn" not in listed.output
    assert "li@" not in listed.output


def test_what_failed_is_retried_by_key_or_channel(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(outbox).values(state="failed"))
        [key, _] = connection.execute(select(outbox.c.key).order_by(outbox.c.id)).scalars().all()
    run = CliRunner()
    assert key in run.invoke(app, ["outbox", "list", "--state", "failed"], env=WIDE).output
    assert run.invoke(app, ["outbox", "retry"], env=WIDE).exit_code != 0
    assert "1 wait again" in run.invoke(app, ["outbox", "retry", key], env=WIDE).output
    assert "0 wait again" in run.invoke(app, ["outbox", "retry", "--channel", "sms"], env=WIDE).output
    assert "1 wait again" in run.invoke(app, ["outbox", "retry", "--channel", "email"], env=WIDE).output
    assert states(engine) == {"pending": 2}


def test_without_a_channel_it_says_what_to_set(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QIANMIAN_MAIL_HOST")
    refused = CliRunner().invoke(app, ["deliver", "--once"], env=WIDE)
    assert refused.exit_code != 0
    assert "QIANMIAN_MAIL_HOST" in refused.output
