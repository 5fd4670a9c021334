# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""A gateway for short messages that refuses: too busy, broken, and not to be pleased."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from sqlalchemy import select, update

from benchmarks.faults.online_store import state_of, until_sent
from benchmarks.faults.processes import until
from benchmarks.faults.pushes import applied, mailed_to, reachable, tell_one
from benchmarks.faults.stage import Stage, wall
from records.database import reading, writing
from records.tables import delivery, inbox, outbox
from serving.delivery.retry import MOST_FAILURES

ASKED: Final = 600
"""Seconds for which the gateway asks to be left alone."""


class Refusing:
    """Answers whatever comes with the status it is told to."""

    def __init__(self, port: int) -> None:
        self.status = 429
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Refuse one request."""
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(outer.status)
                if outer.status == 429:
                    self.send_header("Retry-After", str(ASKED))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)


@contextmanager
def refusing(stage: Stage) -> Iterator[Refusing]:
    """In the place of the receiver of short messages, which comes back afterwards."""
    assert stage.receiver.port is not None
    stage.receiver.kill()
    gateway = Refusing(stage.receiver.port)
    answering = threading.Thread(target=gateway.server.serve_forever)
    answering.start()
    try:
        yield gateway
    finally:
        gateway.server.shutdown()
        gateway.server.server_close()
        answering.join()
        stage.receiver.start()


def gateway_refuses(stage: Stage) -> None:
    """429 and 5xx are tried again, as late as was asked; 4xx is not; after hours of it the inbox has it."""
    names = [f"g-{status}" for status in (429, 400, 503)]
    reachable(stage, names)
    with refusing(stage) as gateway:
        tell_one(stage, "g-429", "sms")
        until(lambda: _failures(stage, "g-429") == 1, "a busy gateway put off", 60)
        with reading(stage.engine) as connection:
            row = connection.execute(select(outbox).where(outbox.c.subject == "g-429")).one()
        left = (row.next_attempt_at - wall()).total_seconds()
        assert row.state == "pending" and left > ASKED / 2, f"tried again after {left:.0f} s"
        gateway.status = 400
        tell_one(stage, "g-400", "sms")
        until(lambda: state_of(stage, "g-400") == "failed", "what is refused for good given up", 60)
        gateway.status = 503
        tell_one(stage, "g-503", "sms")
        until(lambda: _failures(stage, "g-503") == 1, "a broken gateway put off", 60)
        assert state_of(stage, "g-503") == "pending"
        _due_again(stage, "g-503", failures=MOST_FAILURES - 1)  # four hours of it are over
        until(lambda: state_of(stage, "g-503") == "failed", "the end of trying", 60)
    with reading(stage.engine) as connection:
        ways = select(delivery.c.outcome).join(outbox).where(outbox.c.subject == "g-503")
        assert "technical_failure" in set(connection.execute(ways).scalars())
        kept = select(inbox.c.subject).where(inbox.c.subject.in_(names), inbox.c.closed_at.is_(None))
        assert sorted(connection.execute(kept).scalars()) == sorted(names), "the inbox lacks what failed"
    before = applied(stage).total()
    _due_again(stage, "g-429", failures=1)
    until_sent(stage, "g-429")
    assert applied(stage).total() == before + 1
    assert not any(mailed_to(stage, f"{name}@example.cn") for name in names), "another channel was used"


def _failures(stage: Stage, name: str) -> int:
    with reading(stage.engine) as connection:
        return int(connection.execute(select(outbox.c.failures).where(outbox.c.subject == name)).scalar_one())


def _due_again(stage: Stage, name: str, failures: int) -> None:
    """The wait is over."""
    mine = update(outbox).where(outbox.c.subject == name)
    with writing(stage.engine) as connection:
        connection.execute(mine.values(next_attempt_at=wall(), failures=failures))
