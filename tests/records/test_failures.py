"""Failures of the records are told apart, on both databases, by what they mean to whoever meets them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from records.database import engine_for, is_current, migrate, reading, writing
from records.failures import failure_of
from records.tables import subject
from records.writability import why_not_writable
from tests.records.databases import fresh_database

ROW = {"id": "c-1", "kind": "citizen"}


def failure(engine: Engine) -> str | None:
    """What a write fails for."""
    try:
        with writing(engine) as connection:
            connection.execute(insert(subject).values(**ROW))
            connection.execute(subject.delete())
    except SQLAlchemyError as error:
        return failure_of(error)
    return None


def test_records_that_are_well_take_writes_and_keep_nothing_of_the_trial(engine: Engine) -> None:
    assert why_not_writable(engine, thoroughly=True) is None
    assert why_not_writable(engine, thoroughly=False) is None
    assert is_current(engine)
    with reading(engine) as connection:
        tables = engine.dialect.get_table_names(connection)
    assert "room_is_left" not in tables


def test_a_full_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    engine = engine_for(url)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.rollback()
        filling = "INSERT INTO subject SELECT hex(randomblob(2000)), 'citizen' FROM subject"
        with pytest.raises(OperationalError) as full:
            connection.exec_driver_sql("INSERT INTO subject VALUES ('c-1', 'citizen')")
            for _ in range(20):
                connection.exec_driver_sql(filling)
        assert failure_of(full.value) == "records_full"
        connection.rollback()
    assert why_not_writable(engine, thoroughly=True) in (None, "records_full")
    engine.dispose()


def test_a_file_that_another_holds(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    engine, other = engine_for(url, within=0.05), sqlite3.connect(tmp_path / "records.db")
    other.execute("BEGIN IMMEDIATE")
    assert failure(engine) == why_not_writable(engine, thoroughly=False) == "records_busy"
    other.rollback()
    assert failure(engine) is None
    other.close()
    engine.dispose()


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    migrate(f"sqlite:///{path}")
    engine = engine_for(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert failure(engine) == why_not_writable(engine, thoroughly=False) == "records_read_only"
    assert is_current(engine)
    engine.dispose()


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_bytes(b"no database" * 1000)
    engine = engine_for(f"sqlite:///{tmp_path / 'records.db'}")
    assert failure(engine) == "records_away"
    engine.dispose()


def test_postgresql_that_may_only_be_read(postgres: Any) -> None:
    with fresh_database(postgres) as url:
        migrate(url)
        name = make_url(url).database
        postgres.psql(f"alter database {name} set default_transaction_read_only = on")
        engine = engine_for(url, within=1)
        assert failure(engine) == why_not_writable(engine, thoroughly=True) == "records_read_only"
        engine.dispose()


def test_postgresql_whose_table_is_locked(postgres: Any) -> None:
    with fresh_database(postgres) as url:
        migrate(url)
        engine, patient = engine_for(url, within=0.2), engine_for(url)
        with patient.connect() as holding, holding.begin():
            holding.execute(text("LOCK TABLE subject IN ACCESS EXCLUSIVE MODE"))
            assert failure(engine) == "records_busy"
        assert failure(engine) is None
        engine.dispose()
        patient.dispose()


def test_postgresql_that_is_not_there(tmp_path: Path) -> None:
    engine = engine_for(f"postgresql://nobody@/none?host={tmp_path}", within=1)
    assert failure(engine) == "records_away"


def test_a_fault_of_ours_is_no_failure_of_theirs(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as twice, writing(engine) as connection:
        connection.execute(insert(subject), [ROW, ROW])
    assert failure_of(twice.value) == "records_refused"
