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


def pack(bits: NDArray[np.bool_]) -> Plane:
    """Planes of as many words as the rows (the last axis) fill."""
    return np.packbits(bits, axis=-1, bitorder="little").view(np.uint64)


def padded(rows: int) -> int:
    """The number of rows that fill whole words."""
    return -(-rows // WORD) * WORD


def encode_table(frame: pl.DataFrame, codec: Codec) -> list[Slot]:
    """The columns of a completed table in the codec's order, padded with unknown rows to whole words."""
    codes = {word: int(code) for word, code in codec.words.items()}
    read = [name for name in codec.names if name in frame.columns]
    asked = [presence(name) for name in read if presence(name) in frame.columns]
    typed = frame.select(*(_typed(name, codec.types[name]) for name in read), *asked)
    return [
        _slot(typed, name, codec.types[name], codes) if name in read else _untold(frame.height)
        for name in codec.names
    ]


def _typed(name: str, kind: ValueType) -> pl.Expr:
    match kind:
        case ValueType.BOOLEAN:
            return pl.col(name).cast(pl.UInt8)
        case ValueType.NUMBER:
            return pl.col(name).cast(pl.Float64).fill_nan(None)
        case ValueType.DATE:
            return pl.col(name).cast(pl.Date).to_physical()
        case ValueType.ENUM:
            return pl.col(name).cast(pl.Categorical)


def _untold(rows: int) -> Slot:
    """A column that is not there."""
    nothing = np.zeros(padded(rows) // WORD, dtype=np.uint64)
    return Slot(np.zeros(padded(rows)), nothing, ~nothing, nothing, ~nothing)


def _slot(frame: pl.DataFrame, name: str, kind: ValueType, codes: dict[str, int]) -> Slot:
    series = frame.get_column(name)
    values = _codes(series, codes) if kind is ValueType.ENUM else series.fill_null(0).to_numpy()
    known = _plane(series.is_not_null())
    if presence(name) not in frame.columns:
        return Slot(_pad(values), known, ~known, known, ~np.zeros_like(known))
    told = frame.get_column(presence(name))
    denied = _plane(told.eq_missing(pl.Series([False]))) & ~known
    confirmed = _plane(told.eq_missing(pl.Series([True]))) | known
    return Slot(_pad(values), known, ~(known | denied), confirmed, ~denied)


def _codes(series: pl.Series, codes: dict[str, int]) -> Column:
    """Words as 16-bit codes. Words that nobody expected get codes of their own, added to `codes`."""
    words = series.drop_nulls().unique()
    physical = words.to_physical().to_numpy()
    table = np.zeros(int(physical.max(initial=0)) + 1, dtype=np.uint16)
    table[physical] = [codes.setdefault(word, len(codes)) for word in words.cast(pl.String)]
    codes_of_rows: Column = table[series.to_physical().fill_null(0).to_numpy()]
    return codes_of_rows


def _plane(series: pl.Series) -> Plane:
    return pack(_pad(series.to_numpy()))


def _pad(values: Column) -> Column:
    missing = padded(len(values)) - len(values)
    return np.pad(values, (0, missing)) if missing else values
