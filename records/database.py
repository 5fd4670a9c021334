"""The way into the records: engines for SQLite and PostgreSQL, transactions, migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
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


def open_records(settings: Settings, within: float | None = None) -> Engine:
    """The records of these settings, brought to the current schema; `within` as for `engine_for`."""
    migrate(settings.records_url)
    return engine_for(settings.records_url, within)


def engine_for(url: str, within: float | None = None) -> Engine:
    """An engine for `sqlite:///...` or `postgresql://...`; any other database is refused (ValueError).

    `within` bounds, in seconds, how long a statement waits for a lock and, on PostgreSQL, how long it runs
    and how long connecting takes; None waits for a lock for 30 s and for anything else as long as it takes.
    Its errors name no parameter of a statement: they may end up in a log.
    """
    address = make_url(url)
    match address.get_backend_name():
        case "sqlite":
            if address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(address, hide_parameters=True)
            event.listen(engine, "connect", _set_up_sqlite)
            if within is not None:
                event.listen(engine, "connect", _patience(within))
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        case "postgresql":
            return create_engine(
                address.set(drivername="postgresql+psycopg"),
                pool_pre_ping=True,
                connect_args=_postgresql_options(within),
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


def _alembic(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _set_up_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in _PRAGMAS:
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _patience(within: float) -> Callable[[Any, object], None]:
    def set_up(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.execute(f"PRAGMA busy_timeout={round(within * 1000)}")

    return set_up


def _postgresql_options(within: float | None) -> dict[str, Any]:
    if within is None:
        return {"options": "-c timezone=utc"}
    wait = round(within * 1000)
    return {
        "options": f"-c timezone=utc -c lock_timeout={wait} -c statement_timeout={2 * wait}",
        "connect_timeout": max(2, round(within)),
    }


def is_current(engine: Engine) -> bool:
    """Whether the records have this program's schema; only reads."""
    with reading(engine) as connection:
        held = MigrationContext.configure(connection).get_current_heads()
    script = ScriptDirectory.from_config(_alembic(None))
    return set(held) == set(script.get_heads())


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
