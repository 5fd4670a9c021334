"""Whether a file has the columns its contract asks for; all that is wrong with its header at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from pipelines.ingest.contract import Column, ColumnType, Contract
from pipelines.ingest.reading import REASONS, header_of, repeated_in
from pipelines.ingest.report import FileFault, FileRefused
from pipelines.ingest.sources import SourceFile
from pipelines.ingest.wording import file_fault

_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Null)


def structure_faults(file: SourceFile, contract: Contract, derived: Collection[str]) -> list[FileFault]:
    """What is wrong with the file before a single row is looked at."""
    try:
        names, types = _columns(file)
    except FileRefused as refusal:
        return list(refusal.faults)
    return [
        file_fault(file.name, code, ", ".join(sorted(at_fault)))
        for code, at_fault in _wrong(names, types, contract, frozenset(derived))
        if at_fault
    ]


def left_out(names: Collection[str], contract: Contract) -> tuple[str, ...]:
    """The columns a file may lack and does."""
    return tuple(c.name for c in contract.columns if c.optional and c.name not in names)


def _columns(file: SourceFile) -> tuple[list[str], Mapping[str, pl.DataType]]:
    if file.is_csv:
        with file.path.open("rb") as stream:
            return header_of(stream.readline(), file.name), {}
    try:
        schema = pl.read_parquet_schema(file.path)
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise FileRefused(file_fault(file.name, "unreadable")) from fault
    return list(schema), schema


def _wrong(
    names: Collection[str], types: Mapping[str, pl.DataType], contract: Contract, derived: frozenset[str]
) -> Iterator[tuple[str, list[str]]]:
    known = {column.name: column for column in contract.columns}
    unknown = set(names) - known.keys() - set(REASONS)
    yield "repeated_columns", repeated_in(names)
    yield "missing_columns", [c.name for c in contract.columns if not c.optional and c.name not in names]
    yield "unknown_columns", [name or "(empty)" for name in unknown - derived]
    yield "derived_columns", list(unknown & derived)
    mistyped = (
        f"{name} ({types[name]})" for name in known if name in types and not _fits(known[name], types[name])
    )
    yield "wrong_column_type", list(mistyped)


def _fits(column: Column, dtype: pl.DataType) -> bool:
    """Whether such a Parquet column can hold the contract's values; text always can."""
    aware = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    fitting: dict[ColumnType, bool] = {
        "integer": dtype.is_integer(),
        "number": dtype.is_numeric(),
        "boolean": dtype == pl.Boolean,
        "date": dtype == pl.Date,
        "moment": aware,
    }
    return isinstance(dtype, _TEXT) or fitting.get(column.type, False)
