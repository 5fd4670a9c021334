"""Databases for the tests of the records: a file of SQLite, and a real PostgreSQL on a socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from records.database import engine_for, migrate
from tests.records.databases import fresh_database, postgresql_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    """Records at the current schema, empty."""
    migrate(empty_url)
    engine = engine_for(empty_url)
    yield engine
    engine.dispose()
