"""Columns of a table as numbers and bit planes: one bit a row, 64 rows a word.

A verdict on many rows is two planes: where it is true, and where it is not false. AND and OR work on
both at once, and NOT swaps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalog.predicate import presence
from catalog.vocabulary import ValueType
from models.eligibility.encoding import Codec

Plane = NDArray[np.uint64]
Column = NDArray[Any]

WORD = 64
KNOWN, DENIED, CONFIRMED = "?known:", "?denied:", "?confirmed:"
"""Beside a column: where its value is known, where it is known not to exist, where it is known to."""
TRUE, POSSIBLE = 0, 1
"""The places of the two planes of a verdict: where it is true, where it is not false."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One attribute of some rows: values (any number where there is none), and what is known."""

    values: Column
    known: Plane
    maybe: Plane
    """Where a value may exist but is not known: there a comparison is unknown."""
    present: Plane
    perhaps_present: Plane

    def rows(self, first: int, count: int) -> Slot:
        """Some of the rows, from the first bit of a word on."""
        words = slice(first // WORD, (first + count) // WORD)
        return Slot(
            self.values[first : first + count],
            self.known[words],
            self.maybe[words],
            self.present[words],
            self.perhaps_present[words],
        )


def pack(bits: NDArray[Any]) -> Plane:
    """Planes of as many words as the rows (the last axis) fill; whatever is not nought is a one."""
    return np.packbits(bits, axis=-1, bitorder="little").view(np.uint64)


def padded(rows: int) -> int:
    """The number of rows that fill whole words."""
    return -(-rows // WORD) * WORD


def encode_table(frame: pl.DataFrame, codec: Codec) -> list[Slot]:
    """The columns of a completed table in the codec's order, padded with unknown rows to whole words."""
    there = set(frame.columns)
    read = [name for name in codec.names if name in there]
    asked = {name: presence(name) in there for name in read}
    expressions: list[pl.Expr] = []
    for name in read:
        expressions += _expressions(name, codec.types[name], asked[name])
    typed = frame.select(expressions) if expressions else frame.clear()
    columns = {series.name: series for series in typed}
    codes = {word: int(code) for word, code in codec.words.items()}
    return [
        _slot(columns, name, codec.types[name], codes) if name in asked else _untold(frame.height)
        for name in codec.names
    ]


def _expressions(name: str, kind: ValueType, asked: bool) -> list[pl.Expr]:
    """A column's values without gaps, where they are known, and what is told of their presence."""
    column = pl.col(name)
    known = column.is_not_null()
    match kind:
        case ValueType.BOOLEAN:
            values = column.cast(pl.UInt8).fill_null(0)
        case ValueType.NUMBER:
            known &= column.cast(pl.Float64).is_not_nan()
            values = column.cast(pl.Float64).fill_null(0.0)
        case ValueType.DATE:
            values = column.cast(pl.Date).to_physical().fill_null(0)
        case ValueType.ENUM:
            values = column.cast(pl.Categorical)
    found = [values.alias(name), known.fill_null(False).alias(KNOWN + name)]
    if asked:
        told = pl.col(presence(name))
        found.append((told.not_().fill_null(False) & column.is_null()).alias(DENIED + name))
        found.append((told.fill_null(False) | column.is_not_null()).alias(CONFIRMED + name))
    return found


def _slot(columns: dict[str, pl.Series], name: str, kind: ValueType, codes: dict[str, int]) -> Slot:
    values = columns[name]
    numbers = _codes(values, codes) if kind is ValueType.ENUM else values.to_numpy()
    known = _plane(columns[KNOWN + name])
    if DENIED + name not in columns:
        return Slot(_pad(numbers), known, ~known, known, ~np.zeros_like(known))
    denied, confirmed = _plane(columns[DENIED + name]), _plane(columns[CONFIRMED + name])
    return Slot(_pad(numbers), known, ~(known | denied), confirmed, ~denied)


def _untold(rows: int) -> Slot:
    """A column that is not there."""
    nothing = np.zeros(padded(rows) // WORD, dtype=np.uint64)
    return Slot(np.zeros(padded(rows)), nothing, ~nothing, nothing, ~nothing)


def _codes(series: pl.Series, codes: dict[str, int]) -> Column:
    """Words as 16-bit codes. Words that nobody expected get codes of their own, added to `codes`."""
    words = series.drop_nulls().unique()
    physical = words.to_physical().to_numpy()
    table = np.zeros(int(physical.max(initial=0)) + 1, dtype=np.uint16)
    table[physical] = [codes.setdefault(word, len(codes)) for word in words.cast(pl.String)]
    codes_of_rows: Column = table[series.to_physical().fill_null(0).to_numpy()]
    return codes_of_rows


def _plane(series: pl.Series) -> Plane:
    """A Boolean column as it lies in memory, bit by bit: rows beyond the last are false."""
    array = series.rechunk().to_arrow()
    _, bits = array.buffers()
    words = np.zeros(padded(len(series)) // WORD, dtype=np.uint64)
    if not len(series):
        return words
    if array.offset:
        return pack(_pad(series.to_numpy()))
    size = -(-len(series) // 8)
    words.view(np.uint8)[:size] = np.frombuffer(bits, np.uint8, size)
    words[-1] &= ~np.uint64(0) >> np.uint64(-len(series) % WORD)
    return words


def _pad(values: Column) -> Column:
    missing = padded(len(values)) - len(values)
    return np.pad(values, (0, missing)) if missing else values
