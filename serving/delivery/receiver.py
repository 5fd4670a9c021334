"""A sample receiver of the delivery webhook: checks signatures, applies each key once, answers for each.

    python -m serving.delivery.receiver --port 8025 --ledger received.db     (secret in QIANMIAN_SMS_SECRET)

It is small on purpose: what it does is what a gateway has to do. The ledger is a database with the key as
its primary key, and a message is applied in the transaction that writes it there.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import msgspec

from serving.delivery.signature import Forged, check, keys_of
from serving.delivery.webhook_form import Answer, Outgoing, Request, Result

LARGEST: Final = 4 << 20
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS applied (key TEXT PRIMARY KEY, message BLOB NOT NULL, at REAL NOT NULL)"
)
_SEEN: Final = "CREATE TABLE IF NOT EXISTS handed_over (key TEXT NOT NULL, at REAL NOT NULL)"


class Ledger:
    """What was applied. Every handing over is noted too, so that repeats can be counted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_TABLE)
            connection.execute(_SEEN)

    def take(self, messages: Sequence[Outgoing], now: float) -> tuple[Result, ...]:
        """Apply what is new of one request, all of it or nothing."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            results = tuple(self._one(connection, message, now) for message in messages)
            connection.execute("COMMIT")
        return results

    def _one(self, connection: sqlite3.Connection, message: Outgoing, now: float) -> Result:
        connection.execute("INSERT INTO handed_over VALUES (?, ?)", (message.key, now))
        if (
            message.expires_at is not None
            and dt.datetime.fromisoformat(message.expires_at).timestamp() <= now
        ):
            return Result(message.key, "refused", code="expired")
        new = connection.execute(
            "INSERT INTO applied VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (message.key, msgspec.json.encode(message), now),
        ).rowcount
        return Result(message.key, "accepted" if new else "duplicate", receipt=f"r-{message.key[:12]}")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


def answer(
    ledger: Ledger, keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: float
) -> tuple[int, bytes]:
    """The status and body to answer a request with."""
    try:
        check(keys, headers, body, now)
    except Forged as error:
        return 401, str(error).encode()
    try:
        request = msgspec.json.decode(body, type=Request)
    except msgspec.MsgspecError as error:
        return 422, str(error).encode()
    return 200, msgspec.json.encode(Answer(ledger.take(request.messages, now)))


def handler(
    ledger: Ledger, keys: Sequence[bytes], clock: Callable[[], float]
) -> type[BaseHTTPRequestHandler]:
    """Answers requests over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take one request."""
            length = int(self.headers.get("content-length") or 0)
            if not 0 < length <= LARGEST:
                self.close_connection = True
                self._say(413, b"")
                return
            body = self.rfile.read(length)
            self._say(*answer(ledger, keys, {k.lower(): v for k, v in self.headers.items()}, body, clock()))

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status == 200 else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: addresses would end up in the log."""

    return Handler


def main() -> None:
    """Receive until ended."""
    parser = argparse.ArgumentParser(description="A sample receiver of Qianmian's delivery webhook.")
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--ledger", type=Path, required=True)
    given = parser.parse_args()
    keys = keys_of(os.environ["QIANMIAN_SMS_SECRET"])
    server = ThreadingHTTPServer(("127.0.0.1", given.port), handler(Ledger(given.ledger), keys, time.time))
    sys.stdout.write(f"listening on {server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
