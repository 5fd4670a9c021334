"""Records, a mail sink and a sample receiver for the tests of delivery: real ones, on this machine."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, make_url

from records.database import engine_for, migrate
from records.keys import Secrets
from serving.delivery.settings import DeliverySettings
from tests.records.audits import secrets_for_tests
from tests.records.databases import fresh_database, postgresql_server
from tests.serving.delivery.claims import Town

SIGNED_WITH = "whsec_" + base64.b64encode(bytes(range(32))).decode()
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """Makes fresh databases at the current schema, all from one that is migrated once."""
    with postgresql_server() as server, fresh_database(server) as pattern:
        migrate(pattern)
        yield partial(fresh_database, server, like=make_url(pattern).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Records at the current schema, empty."""
    if request.param == "postgresql":
        with request.getfixturevalue("postgres")() as address:
            yield address
        return
    address = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(address)
    yield address


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = engine_for(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def secrets() -> Secrets:
    return secrets_for_tests()


@pytest.fixture
def town(engine: Engine, secrets: Secrets) -> Town:
    return Town(engine, secrets)


@dataclass
class MailSink:
    port: int
    file: Path

    def heads(self) -> list[dict[str, str]]:
        """The headers of every letter it accepted, in order."""
        return [
            {
                name.lower(): value
                for part in line.split("\t")
                if not part.startswith(" ")
                for name, _, value in [part.partition(": ")]
            }
            for line in self.file.read_text(encoding="ascii").splitlines()
        ]


@pytest.fixture
def mail_sink(tmp_path: Path) -> Iterator[MailSink]:
    port, letters = tmp_path / "mail.port", tmp_path / "letters"
    letters.touch()
    command = [sys.executable, "-m", "benchmarks.mail_sink", str(port), str(letters)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        yield MailSink(int(awaited(port.exists, port.read_text)), letters)
        process.kill()


@dataclass
class Receiver:
    url: str
    ledger: Path


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """The sample receiver, as a process."""
    ledger = tmp_path / "ledger.db"
    command = [sys.executable, "-m", "serving.delivery.receiver", "--port", "0", "--ledger", str(ledger)]
    environment = {**os.environ, "QIANMIAN_SMS_SECRET": SIGNED_WITH}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[-1])
        yield Receiver(f"http://127.0.0.1:{port}/", ledger)
        process.send_signal(signal.SIGKILL)


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Callable[..., DeliverySettings]:
    """Settings of a deliverer on these records."""

    def made(**more: Any) -> DeliverySettings:
        given = {"home": tmp_path / "home", "records_url": url, "mail_security": "none", **more}
        return DeliverySettings(gateway_networks="127.0.0.0/8", rate_limit_factor=1000, **given)

    return made


def awaited(ready: Callable[[], bool], value: Callable[[], Any], within: float = 20) -> Any:
    """The value once it is ready."""
    end = time.monotonic() + within
    while not ready():
        assert time.monotonic() < end, "it never became ready"
        time.sleep(0.02)
    return value()
