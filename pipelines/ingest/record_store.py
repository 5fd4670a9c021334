"""Good rows into the records, and what the records hold under the same keys."""

from __future__ import annotations

import datetime as dt

import polars as pl
from sqlalchemy import Connection, insert, literal, select

from catalog.vocabulary import Scope
from pipelines.ingest.contract import Contract
from pipelines.ingest.duplicates import Sorted
from records import tables
from records.bulk import insert_rows, rows_with_keys, schema_of, update_rows
from records.tables import METADATA


def held_rows(connection: Connection, contract: Contract, distinct: pl.DataFrame) -> pl.DataFrame:
    """What the records hold under the rows' keys, in the contract's columns."""
    table = METADATA.tables[str(contract.into)]
    stored = {column.stored_as: column.name for column in contract.columns}
    if connection.execute(select(1).select_from(table).limit(1)).first() is None:
        return pl.DataFrame(schema=schema_of(table)).rename(stored)
    keys = distinct.select(
        pl.col(c.name).alias(c.stored_as) for c in contract.columns if c.name in contract.key
    )
    return rows_with_keys(connection, table, keys).rename(stored)


def load_rows(connection: Connection, contract: Contract, rows: Sorted, at: dt.datetime) -> None:
    """Add what is new and change what changed, stamped with the moment of ingest where the table says so."""
    table = METADATA.tables[str(contract.into)]
    columns = [pl.col(column.name).alias(column.stored_as) for column in contract.columns]
    if contract.stamped is not None:
        columns.append(pl.lit(at, pl.Datetime("us", "UTC")).alias(contract.stamped))
    if not rows.new.is_empty():
        insert_rows(connection, table, _together(rows.new, contract).select(columns))
    if not rows.changed.is_empty():
        update_rows(connection, table, rows.changed.select(columns))


def _together(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Rows of one subject or scope item side by side: indexes fill in order, a third less time."""
    owners = [column.name for column in contract.columns if column.references in ("subjects", "scope_items")]
    return rows.sort([*owners[:1], *contract.key])


def complete_scope_items(connection: Connection) -> int:
    """Give each subject that has none a scope item of its own; how many lacked it."""
    subject, scope_item = tables.subject, tables.scope_item
    lacking = ~select(1).where(scope_item.c.id == subject.c.id).exists()
    selves = select(subject.c.id, literal(Scope.SELF.value), subject.c.id).where(lacking)
    statement = insert(scope_item).from_select(["id", "scope", "owner"], selves)
    return connection.execute(statement).rowcount
