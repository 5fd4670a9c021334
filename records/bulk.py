"""Many rows at once, as columns, between Polars and either database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final, cast

import polars as pl
from sqlalchemy import Column, Connection, Date, MetaData, Select, Table, and_, select
from sqlalchemy import types as sql
from sqlalchemy.schema import CreateTable, DropTable

from records.tables.columns import UtcDateTime

_SLICE: Final = 50_000
_MOMENT: Final = pl.Datetime("us", "UTC")
_DTYPES: Final[tuple[tuple[type[Any], Any], ...]] = (
    (UtcDateTime, _MOMENT),
    (Date, pl.Date()),
    (sql.Boolean, pl.Boolean()),
    (sql.Integer, pl.Int64()),
    (sql.Float, pl.Float64()),
    (sql.JSON, pl.String()),
    (sql.String, pl.String()),
)


def dtype_of(column: Column[Any]) -> pl.DataType:
    """The Polars type of a column's values; structured values come as JSON text.

    TypeError for a type that does not travel in bulk: ciphertext stays in its table.
    """
    for kind, dtype in _DTYPES:
        if isinstance(column.type, kind):
            return cast(pl.DataType, dtype)
    raise TypeError(f"{column.name} ({column.type}) does not travel in bulk; read it row by row")


def schema_of(table: Table) -> dict[str, pl.DataType]:
    """The Polars types of a table's columns."""
    return {column.name: dtype_of(column) for column in table.columns}


def insert_rows(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Add the rows; the frame's columns are columns of the table. IntegrityError if a key is taken."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in frame.columns)
    if connection.dialect.name == "sqlite":
        values = ", ".join("?" * frame.width)
        statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({values})"  # noqa: S608
        for rows in _as_text(frame, bool_as=pl.Int64()):
            connection.exec_driver_sql(statement, rows.rows())
        return
    statement = f"COPY {quote(table.name)} ({columns}) FROM STDIN (FORMAT CSV)"
    with cast(Any, connection.connection.cursor()).copy(statement) as copy:
        for rows in _as_text(frame, bool_as=pl.String()):
            copy.write(rows.write_csv(include_header=False))


def update_rows(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Set the other columns of the rows whose key the frame names."""
    key = [column.name for column in table.primary_key]
    rest = [name for name in frame.columns if name not in key]
    staged = _stage(connection, table, frame)
    same = and_(*(table.c[name] == staged.c[name] for name in key))
    connection.execute(table.update().where(same).values({name: staged.c[name] for name in rest}))
    connection.execute(DropTable(staged))


def rows_with_keys(
    connection: Connection, table: Table, keys: pl.DataFrame, statement: Select[Any] | None = None
) -> pl.DataFrame:
    """The rows that hold, in the frame's columns, one of the frame's (distinct, not null) combinations.

    `statement` selects from the table (and what it joins) where whole rows are not wanted.
    """
    staged = _stage(connection, table, keys)
    same = and_(*(table.c[name] == staged.c[name] for name in keys.columns))
    wanted = select(table) if statement is None else statement
    rows = read_rows(connection, wanted.join(staged, same))
    connection.execute(DropTable(staged))
    return rows


def read_rows(connection: Connection, statement: Select[Any]) -> pl.DataFrame:
    """What a SELECT of plain columns yields, in the types of `dtype_of`."""
    columns = {column.name: dtype_of(column) for column in cast(Any, statement.selected_columns)}
    if connection.dialect.name == "sqlite":
        raw = _fetch(connection, statement, columns)
    else:
        raw = _copy_out(connection, statement, columns)
    return raw.with_columns(_parsed(name, dtype, raw.schema[name]) for name, dtype in columns.items())


def _stage(connection: Connection, table: Table, frame: pl.DataFrame) -> Table:
    """A temporary table with the frame's rows, its columns typed as the table's."""
    columns = [Column(name, table.c[name].type) for name in frame.columns]
    staged = Table(f"staged_{table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    connection.execute(CreateTable(staged))
    insert_rows(connection, staged, frame)
    return staged


def _as_text(frame: pl.DataFrame, bool_as: pl.DataType) -> Iterator[pl.DataFrame]:
    """Slices of the frame, dates and times as the text both databases read."""
    for rows in frame.iter_slices(_SLICE):
        yield rows.with_columns(
            pl.col(_MOMENT).dt.to_string("%Y-%m-%d %H:%M:%S%.6f"),
            pl.col(pl.Date).dt.to_string("%Y-%m-%d"),
            pl.col(pl.Boolean).cast(bool_as),
        )


def _fetch(connection: Connection, statement: Select[Any], columns: dict[str, pl.DataType]) -> pl.DataFrame:
    """From SQLite, past SQLAlchemy's row by row conversion."""
    kept = {name: _kept_by_sqlite(dtype) for name, dtype in columns.items()}
    result = connection.execute(statement)
    cursor = cast(Any, result).cursor
    slices = [pl.DataFrame(schema=kept)]
    while rows := cursor.fetchmany(_SLICE):
        slices.append(pl.DataFrame(rows, schema=kept, orient="row"))
    result.close()
    return pl.concat(slices)


def _copy_out(
    connection: Connection, statement: Select[Any], columns: dict[str, pl.DataType]
) -> pl.DataFrame:
    """From PostgreSQL, as one stream of CSV."""
    compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
    command = f"COPY ({compiled}) TO STDOUT (FORMAT CSV)"
    with cast(Any, connection.connection.cursor()).copy(command, compiled.params) as copy:
        text = b"".join(copy)
    if not text:
        return pl.DataFrame(schema={name: pl.String() for name in columns})
    return pl.read_csv(
        io.BytesIO(text), has_header=False, new_columns=list(columns), infer_schema=False, null_values=[]
    )


def _kept_by_sqlite(dtype: pl.DataType) -> pl.DataType:
    if dtype.is_temporal():
        return pl.String()
    return pl.Int64() if dtype == pl.Boolean else dtype


def _parsed(name: str, dtype: pl.DataType, kept: pl.DataType) -> pl.Expr:
    """A column as either database gives it, in its own type."""
    column = pl.col(name)
    if dtype == _MOMENT:
        moment = column.str.extract("^([^+]*)").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
        return moment.dt.replace_time_zone("UTC")
    if dtype == pl.Date:
        return column.str.to_date("%Y-%m-%d")
    if dtype == pl.Boolean and kept == pl.String:
        return column == "t"
    return column.cast(dtype)
