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
from pyarrow import Buffer

from catalog.predicate import presence
from catalog.vocabulary import ValueType
from models.eligibility.encoding import Codec

Plane = NDArray[np.uint64]
Column = NDArray[Any]

WORD = 64
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
    codes = {word: int(code) for word, code in codec.words.items()}
    columns = frame.to_dict()
    return [
        _slot(columns[name], columns.get(presence(name)), codec.types[name], codes)
        if name in columns
        else _untold(frame.height)
        for name in codec.names
    ]


def _slot(column: pl.Series, told: pl.Series | None, kind: ValueType, codes: dict[str, int]) -> Slot:
    """One column, and what is told of its presence where that may be asked."""
    held = _validity(column)
    values, known = _values(column, kind, codes), held
    if kind is ValueType.NUMBER and np.isnan(values).any():
        known = held & ~pack(_pad(np.isnan(values)))
    if told is None:
        return Slot(_pad(values), known, ~known, known, ~np.zeros_like(known))
    asserted, spoken = _ones(told), _validity(told)
    denied, confirmed = spoken & ~asserted & ~held, (spoken & asserted) | held
    return Slot(_pad(values), known, ~(known | denied), confirmed, ~denied)


def _values(column: pl.Series, kind: ValueType, codes: dict[str, int]) -> Column:
    """A column's values where there are any, and anything where there are none."""
    match kind:
        case ValueType.BOOLEAN:
            return np.unpackbits(_ones(column).view(np.uint8), count=len(column), bitorder="little")
        case ValueType.NUMBER:
            return _data(column.cast(pl.Float64), np.dtype(np.float64))
        case ValueType.DATE:
            return _data(column.cast(pl.Date), np.dtype(np.int32))
        case ValueType.ENUM:
            return _codes(column.cast(pl.Categorical), codes)


def _untold(rows: int) -> Slot:
    """A column that is not there."""
    nothing = np.zeros(padded(rows) // WORD, dtype=np.uint64)
    return Slot(np.zeros(padded(rows)), nothing, ~nothing, nothing, ~nothing)


def _codes(series: pl.Series, codes: dict[str, int]) -> Column:
    """Words as 16-bit codes. Words that nobody expected get codes of their own, added to `codes`."""
    physical = series.to_physical().fill_null(0).to_numpy()
    # A null's number may be a word's too, so nulls are no examples of it.
    worded = np.flatnonzero(series.is_not_null().to_numpy())
    example = np.full(int(physical.max(initial=0)) + 1, -1)
    example[physical[worded]] = worded
    found = np.flatnonzero(example >= 0)
    table = np.zeros(len(example), dtype=np.uint16)
    table[found] = [
        codes.setdefault(word, len(codes)) for word in series.gather(example[found]).cast(pl.String)
    ]
    codes_of_rows: Column = table[physical]
    return codes_of_rows


def _data(column: pl.Series, kind: np.dtype[Any]) -> Column:
    """A column's values as they lie in memory, not copied."""
    array = column.rechunk().to_arrow()
    return np.frombuffer(array.buffers()[1], kind)[array.offset : array.offset + len(array)]


def _validity(column: pl.Series) -> Plane:
    """Where a column is not null, as the bits lie in memory."""
    array = column.rechunk().to_arrow()
    bits = array.buffers()[0]
    return _whole(len(array)) if bits is None else _plane(bits, array.offset, len(array))


def _ones(column: pl.Series) -> Plane:
    """The bits of a Boolean column; where it is null, any."""
    array = column.cast(pl.Boolean).rechunk().to_arrow()
    return _plane(array.buffers()[1], array.offset, len(array))


def _plane(bits: Buffer | None, first: int, rows: int) -> Plane:
    """Some bits of memory in words of our own; rows beyond the last are noughts."""
    words = np.zeros(padded(rows) // WORD, dtype=np.uint64)
    if bits is None:
        return words
    memory = np.frombuffer(bits, np.uint8)
    if first % 8:
        return pack(_pad(np.unpackbits(memory, bitorder="little")[first : first + rows]))
    held = memory[first // 8 : -(-(first + rows) // 8)]
    words.view(np.uint8)[: len(held)] = held
    return words & _whole(rows)


def _whole(rows: int) -> Plane:
    """Ones for so many rows."""
    words = np.full(padded(rows) // WORD, ~np.uint64(0))
    if rows % WORD:
        words[-1] >>= np.uint64(WORD - rows % WORD)
    return words


def _pad(values: Column) -> Column:
    missing = padded(len(values)) - len(values)
    return np.pad(values, (0, missing)) if missing else values
