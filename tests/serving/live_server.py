"""A real server on the loopback, for what no client within the process shows."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from serving.app import create_app
from serving.server import Server, server_config
from serving.settings import ServingSettings


@dataclass
class Live:
    """One running server process of the town, in a thread."""

    app: FastAPI
    server: Server
    address: str
    thread: threading.Thread


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def live(settings: ServingSettings) -> Iterator[Live]:
    """A server that answers before the block begins, and has ended after it."""
    chosen = settings.model_copy(update={"port": free_port()})
    app = create_app(chosen)
    server = Server(server_config(app, chosen))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 90
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server took too long to start"
        time.sleep(0.05)
    try:
        yield Live(app, server, f"http://127.0.0.1:{chosen.port}", thread)
    finally:
        server.should_exit = True
        thread.join(timeout=30)
