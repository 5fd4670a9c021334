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
    """One attribute of the rows at hand: values (any number where there is none), and what is known."""

    values: Column
    known: Plane
    maybe: Plane
    """Where a value may exist but is not known: there a comparison is unknown."""
    present: Plane
    perhaps_present: Plane


def pack(bits: NDArray[np.bool_]) -> Plane:
    """A plane of as many words as the rows fill."""
    return np.packbits(bits, bitorder="little").view(np.uint64)


def padded(rows: int) -> int:
    """The number of rows that fill whole words."""
    return -(-rows // WORD) * WORD


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """A completed table whose enum words have become codes."""

    frame: pl.DataFrame
    codec: Codec

    def slots(self, first: int, count: int) -> list[Slot]:
        """The slots of some rows, in the codec's order, padded with unknown rows to whole words."""
        part = self.frame.slice(first, count)
        return [self._slot(part, name) for name in self.codec.names]

    def _slot(self, part: pl.DataFrame, name: str) -> Slot:
        if name not in part.columns:
            nothing = np.zeros(padded(part.height) // WORD, dtype=np.uint64)
            return Slot(np.zeros(padded(part.height)), nothing, ~nothing, nothing, ~nothing)
        series = part.get_column(name)
        known = _bits(series.is_not_null())
        told = part.get_column(presence(name)) if presence(name) in part.columns else None
        if told is None:
            return Slot(_filled(series), known, ~known, known, np.full_like(known, ~np.uint64(0)))
        denied = _bits(told.eq_missing(False)) & ~known
        confirmed = _bits(told.eq_missing(True)) | known
        return Slot(_filled(series), known, ~(known | denied), confirmed, ~denied)


def encode_table(frame: pl.DataFrame, codec: Codec) -> EncodedTable:
    """The columns that are read, enum words as 16-bit codes shared by all columns."""
    codes = {word: int(code) for word, code in codec.words.items()}
    read = [name for name in codec.names if name in frame.columns]
    asked = [presence(name) for name in read if presence(name) in frame.columns]
    typed = frame.select(*(_typed(name, codec.types[name]) for name in read), *asked)
    words = [name for name in read if codec.types[name] is ValueType.ENUM]
    return EncodedTable(typed.with_columns(_coded(typed.get_column(name), codes) for name in words), codec)


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


def _coded(series: pl.Series, codes: dict[str, int]) -> pl.Series:
    """Words as codes. Words that nobody expected get codes of their own, added to `codes`."""
    words = series.drop_nulls().unique()
    physical = words.to_physical().to_numpy()
    table = np.zeros(int(physical.max(initial=0)) + 1, dtype=np.uint16)
    table[physical] = [codes.setdefault(word, len(codes)) for word in words.cast(pl.String)]
    coded = table[series.to_physical().fill_null(0).to_numpy()] if len(words) else np.zeros(len(series), "u2")
    known = pl.Series(series.is_not_null())
    return pl.select(pl.when(known).then(pl.Series(coded)).otherwise(None).alias(series.name)).to_series()


def _bits(series: pl.Series) -> Plane:
    return pack(_pad(series.to_numpy()))


def _filled(series: pl.Series) -> Column:
    return _pad(series.fill_null(0).to_numpy() if series.null_count() else series.to_numpy())


def _pad(values: Column) -> Column:
    missing = padded(len(values)) - len(values)
    return np.pad(values, (0, missing)) if missing else values
