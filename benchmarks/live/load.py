"""Batches sent at a steady pace whatever the answers take: a late one is sent at once, and counts as late."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Caller:
    """One connection of one client."""

    address: str
    token: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Send a body; the status and the answer."""
        self._connection.request("POST", path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask for something; the status and the answer."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass
class Paced:
    """Sends prepared bodies, so many a second, from one thread; says when each was acknowledged."""

    caller: Caller
    path: str
    bodies: Sequence[bytes]
    every: float
    acknowledged: Callable[[int, float], None]
    failed: list[str] = field(default_factory=list)
    late: float = 0.0
    """The most that a body was sent after its time, in seconds."""

    def start(self) -> threading.Thread:
        """Begin; the thread ends when all is sent."""
        thread = threading.Thread(target=self._send)
        thread.start()
        return thread

    def _send(self) -> None:
        began = time.perf_counter()
        for number, body in enumerate(self.bodies):
            wait = began + number * self.every - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            self.late = max(self.late, -wait)
            status, said = self.caller.post(self.path, body)
            if status not in (http.client.OK, http.client.CREATED):
                self.failed.append(said[:300].decode())
            self.acknowledged(number, time.perf_counter())
        self.caller.close()
