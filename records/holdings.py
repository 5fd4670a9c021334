"""Everything the records hold of one subject, table by table, found by what refers to what.

A row is the subject's when it refers, through whatever foreign keys, to the subject's own row. A table
that is added later is found the same way; there is no list to forget it in.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, or_, select

from records.tables import METADATA
from records.tables import subject as subjects


@lru_cache(maxsize=1)
def personal_tables() -> tuple[Table, ...]:
    """Every table that holds something of subjects, each after those it refers to."""
    found: list[Table] = []
    for table in METADATA.sorted_tables:
        if table is subjects or any(_referred(column) in found for column in table.columns):
            found.append(table)
    return tuple(found)


def owned(table: Table, subject: str) -> ColumnElement[bool]:
    """Which rows of a personal table are the subject's. ValueError for a table that is not personal."""
    if table is subjects:
        return subjects.c.id == subject
    referring = [column for column in table.columns if _referred(column) in personal_tables()]
    # What names a subject outright is theirs alone, whoever else had a hand in it.
    outright = [column for column in referring if _referred(column) is subjects]
    conditions = [
        column.in_(select(_target(column)).where(owned(_target(column).table, subject)))
        for column in outright or referring
    ]
    if not conditions:
        raise ValueError(f"{table.name} holds nothing of anybody")
    return or_(*conditions)


def held_rows(connection: Connection, subject: str) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """By table, the subject's rows in the order of their keys; tables without any too."""
    for table in personal_tables():
        statement = select(table).where(owned(table, subject)).order_by(*table.primary_key.columns)
        yield table, [dict(row._mapping) for row in connection.execute(statement)]


def held_counts(connection: Connection, subject: str) -> dict[str, int]:
    """By table, how many rows are the subject's."""
    return {
        table.name: connection.execute(
            select(func.count()).select_from(table).where(owned(table, subject))
        ).scalar_one()
        for table in personal_tables()
    }


def _target(column: Column[Any]) -> Any:
    return next(iter(column.foreign_keys)).column


def _referred(column: Column[Any]) -> Table | None:
    """The table a column refers to; None where it refers to none, or to its own."""
    if not column.foreign_keys:
        return None
    table: Table = _target(column).table
    return None if table is column.table else table
