"""The way into the records: engines for SQLite and PostgreSQL, transactions, migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url

from records.settings import Settings

_MIGRATIONS = Path(__file__).parent / "migrations"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "cache_size=-65536",
)


def open_records(settings: Settings) -> Engine:
    """The records of these settings, brought to the current schema."""
    migrate(settings.records_url)
    return engine_for(settings.records_url)


def engine_for(url: str) -> Engine:
    """An engine for `sqlite:///...` or `postgresql://...`; any other database is refused (ValueError).

    Its errors name no parameter of a statement: they may end up in a log.
    """
    address = make_url(url)
    match address.get_backend_name():
        case "sqlite":
            if address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(address, hide_parameters=True)
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        case "postgresql":
            utc = {"options": "-c timezone=utc"}
            return create_engine(
                address.set(drivername="postgresql+psycopg"),
                pool_pre_ping=True,
                connect_args=utc,
                hide_parameters=True,
            )
        case other:
            raise ValueError(f"records_url names {other}; use sqlite:///FILE or postgresql://HOST/DATABASE")


def migrate(url: str) -> None:
    """Bring the records at this address to the current schema; a second call changes nothing."""
    engine = engine_for(url)
    try:
        with writing(engine) as connection:
            command.upgrade(_alembic(connection), "head")
    finally:
        engine.dispose()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it or nothing.

    SQLite takes its one write lock at the start, so a reader never has to become a writer half-way.
    """
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that reads."""
    with engine.connect() as connection, connection.begin():
        yield connection


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _set_up_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in _PRAGMAS:
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
