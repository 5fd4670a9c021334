"""From what a file says to values: each column in its contract's type, or a reason why not."""

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl

from pipelines.ingest.contract import Column, Contract
from pipelines.ingest.masks import Masks, Reason
from pipelines.ingest.reading import ROW

MOMENT: Final = pl.Datetime("us", "UTC")
DTYPES: Final[dict[str, pl.DataType]] = {
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "moment": MOMENT,
}
"""Every other type is text."""
EARLIEST: Final = dt.date(1800, 1, 1)
LATEST: Final = dt.date(2199, 12, 31)
ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$"
_WORD = r"^[\pL\pN][\pL\pN._:~/-]{0,63}$"
_CONTROL = r"[\p{Cc}\u{2028}\u{2029}]"
_IDENTIFYING = (
    r"^(?:[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|1[3-9]\d{9})$"
)
"""A resident identity number (GB 11643) or a mobile telephone number."""
_TRUTH = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}


def dtype_of(column: Column) -> pl.DataType:
    """The Polars type of a column's values."""
    return DTYPES.get(column.type, pl.String())


def cast_rows(raw: pl.DataFrame, contract: Contract, masks: Masks) -> pl.DataFrame:
    """`_row` and every column of the contract in its type; what has no such value is masked."""
    present = [column for column in contract.columns if column.name in raw.columns]
    typed = raw.select(ROW, *(_cast(column, raw.schema[column.name]) for column in present))
    failed = {
        Reason(f"bad_{column.type}", column.name): raw[column.name].is_not_null()
        & typed[column.name].is_null()
        for column in present
        if column.type in DTYPES
    }
    masks.add(raw, {reason: pl.lit(mask) for reason, mask in failed.items()})
    masks.add(typed, dict(_form(column) for column in present if column.type in ("id", "word", "text")))
    masks.add(
        typed,
        {_identifying(c): pl.col(c.name).str.contains(_IDENTIFYING) for c in present if c.identifies_nobody},
    )
    missing = [pl.lit(c.empty_means, dtype_of(c)).alias(c.name) for c in contract.columns if c not in present]
    filled = [pl.col(c.name).fill_null(c.empty_means) for c in present if c.empty_means is not None]
    return typed.with_columns(*missing, *filled).select(ROW, *(c.name for c in contract.columns))


def may_be_cut_off(typed: pl.DataFrame, column: Column) -> bool:
    """Whether the last value of the table could be the start of a longer one.

    A date cut short is no date; a number or a word cut short is another number or word.
    """
    value = typed[column.name][-1]
    if value is None or column.type not in ("choice", "boolean", "date", "moment"):
        return True
    return any(word != value and word.startswith(str(value)) for word in column.allowed)


def _identifying(column: Column) -> Reason:
    return Reason("identifying_id", column.name)


def _form(column: Column) -> tuple[Reason, pl.Expr]:
    """Text that does not look as its kind of text must."""
    value = pl.col(column.name)
    match column.type:
        case "id":
            return Reason("bad_id", column.name), ~value.str.contains(ID)
        case "word":
            return Reason("bad_word", column.name), ~value.str.contains(_WORD)
        case _:
            wrong = (value.str.len_chars() > column.longest) | value.str.contains(_CONTROL)
            return Reason("bad_text", column.name, allowed=str(column.longest)), wrong


def _cast(column: Column, given: pl.DataType) -> pl.Expr:
    value = pl.col(column.name)
    if column.type not in DTYPES or isinstance(given, pl.Null):
        return value.cast(dtype_of(column))
    if not isinstance(given, pl.String):
        value = value.cast(pl.String) if isinstance(given, pl.Categorical | pl.Enum) else value
    parsed = _parsed(column, value) if isinstance(given, pl.String | pl.Categorical | pl.Enum) else value
    return _plausible(column, parsed.cast(dtype_of(column), strict=False))


def _parsed(column: Column, text: pl.Expr) -> pl.Expr:
    """A value read from text, null where it cannot be."""
    match column.type:
        case "boolean":
            return text.str.to_lowercase().replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
        case "date":
            whole = pl.when(text.str.contains(r"^\d{4}-\d{2}-\d{2}$")).then(text)
            return whole.str.to_date("%Y-%m-%d", strict=False)
        case "moment":
            iso = text.str.replace(r"^(\S{10}) ", "${1}T").str.replace("[Zz]$", "+00:00")
            return iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", strict=False)
        case _:
            return text


def _plausible(column: Column, value: pl.Expr) -> pl.Expr:
    """Null for numbers that are none and times outside the calendar we keep."""
    match column.type:
        case "number":
            return pl.when(value.is_finite()).then(value)
        case "date":
            return pl.when(value.is_between(EARLIEST, LATEST)).then(value)
        case "moment":
            return pl.when(value.dt.date().is_between(EARLIEST, LATEST)).then(value)
        case _:
            return value
