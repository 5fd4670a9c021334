"""The migrations build exactly the tables the code declares, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError

from records.database import engine_for, migrate, reading, writing
from records.tables import METADATA, audit, case, interaction, rating, scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=dt.timezone(dt.timedelta(hours=8)))
CASE = {"id": "c", "scope_item": "s1", "item": "i", "cycle": "once", "opened_at": NOON}


def shape_of(engine: Engine) -> dict[str, Any]:
    """Everything the database itself says of its tables."""
    inspector = inspect(engine)
    shape: dict[str, Any] = {}
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        shape[table] = {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            ],
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign_keys": sorted(
                (key["name"], key["referred_table"]) for key in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(str(unique["name"]) for unique in inspector.get_unique_constraints(table)),
            "indexes": sorted(
                (str(index["name"]), index["column_names"]) for index in inspector.get_indexes(table)
            ),
            "checks": sorted(
                (str(check["name"]), check["sqltext"]) for check in inspector.get_check_constraints(table)
            ),
        }
    shape["triggers"] = triggers_of(engine)
    return shape


def triggers_of(engine: Engine) -> list[tuple[str, ...]]:
    statement = (
        "select name, sql from sqlite_master where type = 'trigger' order by name"
        if engine.dialect.name == "sqlite"
        else "select trigger_name, event_manipulation, action_statement from information_schema.triggers "
        "order by 1, 2"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_migrations_equal_the_declared_tables(empty_url: str) -> None:
    migrate(empty_url)
    engine = engine_for(empty_url)
    migrated = shape_of(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table alembic_version")
        METADATA.drop_all(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("drop function audit_is_append_only()")
        METADATA.create_all(connection)
    declared = shape_of(engine)
    engine.dispose()
    assert set(migrated) == {table.name for table in METADATA.sorted_tables} | {"triggers"}
    for name, shape in declared.items():
        assert migrated[name] == shape, name


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    before = shape_of(engine)
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="s1", kind="citizen"))
    migrate(engine.url.render_as_string(hide_password=False))
    assert shape_of(engine) == before
    with reading(engine) as connection:
        assert connection.execute(select(subject.c.id)).scalars().all() == ["s1"]


def test_times_come_back_aware_and_in_utc(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="s1", kind="citizen"))
        connection.execute(insert(interaction).values(client_id="i1", subject="s1", kind="view", at=NOON))
    with reading(engine) as connection:
        at = connection.execute(select(interaction.c.at)).scalar_one()
    assert at == NOON
    assert at.tzinfo is dt.UTC


def test_a_naive_time_is_refused(engine: Engine) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="no time zone"), writing(engine) as connection:
        connection.execute(insert(subject).values(id="s1", kind="citizen"))
        connection.execute(insert(interaction).values(client_id="i1", subject="s1", kind="view", at=naive))
    with reading(engine) as connection:
        assert connection.execute(select(subject)).all() == []


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (subject, {"id": "s2", "kind": "robot"}),
        (scope_item, {"id": "v1", "scope": "self", "owner": "s1"}),
        (scope_item, {"id": "v1", "scope": "vehicle", "owner": "nobody"}),
        (case, {**CASE, "status": "won"}),
        (case, {**CASE, "status": "failed", "closed_at": NOON - dt.timedelta(days=1)}),
        (case, {**CASE, "status": "open", "closed_at": NOON}),
        (rating, {"subject": "s1", "item": "i", "score": 6, "source": "hall", "at": NOON}),
    ],
)
def test_the_database_itself_refuses_what_cannot_be(engine: Engine, table: Any, row: dict[str, Any]) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="s1", kind="citizen"))
        connection.execute(insert(scope_item).values(id="s1", scope="self", owner="s1"))
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(table).values(**row))


@pytest.mark.parametrize("deed", ["update audit set actor = 'x'", "delete from audit"])
def test_audit_rows_cannot_be_changed_or_removed(engine: Engine, deed: str) -> None:
    row = {"at": NOON, "role": "auditor", "actor": "a", "action": "read", "detail": {}}
    with writing(engine) as connection:
        connection.execute(insert(audit).values(**row, previous_hash="0" * 64, hash="1" * 64))
    with pytest.raises(SQLAlchemyError, match="append-only"), writing(engine) as connection:
        connection.execute(text(deed))
    with reading(engine) as connection:
        assert connection.execute(select(audit.c.actor)).scalars().all() == ["a"]


def test_an_error_names_no_value(engine: Engine) -> None:
    with pytest.raises(SQLAlchemyError) as raised, writing(engine) as connection:
        connection.execute(insert(subject).values(id="planted-value", kind="robot"))
    assert "planted-value" not in str(raised.value).replace(str(raised.value.__cause__), "")


def test_an_unknown_database_is_refused_with_a_remedy() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        engine_for("mysql://localhost/records")
