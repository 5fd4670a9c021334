"""Adding rows that may be there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(
    connection: Connection, table: Table, unique: str, rows: Sequence[Mapping[str, Any]]
) -> set[Any]:
    """Add the rows whose `unique` column is not taken; the values of those that were added."""
    if not rows:
        return set()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=[unique])
    added = connection.execute(statement.returning(table.c[unique]), [dict(row) for row in rows])
    return set(added.scalars())


def insert_or_change(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Add the row, or set the other columns of the one that has its primary key."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    key = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in key}
    statement = dialect.insert(table).values(dict(row))
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))
