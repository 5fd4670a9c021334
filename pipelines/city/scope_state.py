"""The true state of many scope items of one kind: numpy columns that lives change month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from catalog.attribute import Attribute
from catalog.vocabulary import ValueType
from pipelines.city.randomness import Bools, Ints

EPOCH = dt.date(1970, 1, 1)
NO_DAY = np.int32(-(2**31))
Column = npt.NDArray[Any]


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


@dataclass(frozen=True, slots=True)
class ColumnType:
    """How one attribute is held: booleans int8, enums int16 codes, numbers float64, dates int32 days.

    Absent is -1, -1, NaN and `NO_DAY`.
    """

    name: str
    type: ValueType
    allowed: tuple[str, ...] = ()

    @classmethod
    def of(cls, attribute: Attribute) -> ColumnType:
        """The column an attribute is held in."""
        return cls(attribute.name, attribute.type, tuple(attribute.allowed))

    def empty(self, rows: int) -> Column:
        """A column of absent values."""
        match self.type:
            case ValueType.BOOLEAN:
                return np.full(rows, -1, dtype=np.int8)
            case ValueType.ENUM:
                return np.full(rows, -1, dtype=np.int16)
            case ValueType.NUMBER:
                return np.full(rows, np.nan, dtype=np.float64)
            case ValueType.DATE:
                return np.full(rows, NO_DAY, dtype=np.int32)

    def code(self, value: bool | float | str) -> Any:
        """One plain value as stored; raises ValueError for a value the attribute may not take."""
        match self.type:
            case ValueType.BOOLEAN:
                return np.int8(bool(value))
            case ValueType.ENUM:
                if str(value) not in self.allowed:
                    raise ValueError(f"{self.name} may not be {value!r}; allowed: {', '.join(self.allowed)}")
                return np.int16(self.allowed.index(str(value)))
            case ValueType.NUMBER:
                return np.float64(value)
            case ValueType.DATE:
                return np.int32(day_number(dt.date.fromisoformat(str(value))))

    def series(self, column: Column) -> pl.Series:
        """The column as Polars sees it: absent is null."""
        match self.type:
            case ValueType.BOOLEAN:
                return pl.Series(self.name, pa.array(column == 1, mask=column < 0))
            case ValueType.ENUM:
                words = pa.array(self.allowed, type=pa.large_string())
                return pl.Series(self.name, words.take(pa.array(column, mask=column < 0)))
            case ValueType.NUMBER:
                return pl.Series(self.name, pa.array(column, mask=np.isnan(column)))
            case ValueType.DATE:
                days = pa.array(column.astype(np.int32), mask=column == NO_DAY, type=pa.date32())
                return pl.Series(self.name, days)

    def stored(self, series: pl.Series) -> Column:
        """A Polars column as stored; nulls become absent."""
        match self.type:
            case ValueType.BOOLEAN:
                return series.cast(pl.Int8).fill_null(-1).to_numpy()
            case ValueType.ENUM:
                words = series.cast(pl.String).cast(pl.Enum(list(self.allowed)))
                return words.to_physical().cast(pl.Int16).fill_null(-1).to_numpy()
            case ValueType.NUMBER:
                return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
            case ValueType.DATE:
                return series.cast(pl.Date).cast(pl.Int32).fill_null(int(NO_DAY)).to_numpy()


@dataclass(slots=True)
class ScopeState:
    """Scope items of one (kind, scope) in one block; rows are never removed, only ended."""

    key: str
    types: Mapping[str, ColumnType]
    owner: Ints
    """Row of the owning subject in the block's self state."""
    born: Ints
    """Day the item came to be, as a day number (the city's first day for the initial ones)."""
    columns: dict[str, Column] = field(default_factory=dict)
    alive: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    labels: list[str | None] = field(default_factory=list)
    changed: dict[str, Ints] = field(default_factory=dict)
    """By attribute register: last day of a change this month for each row, or -1."""

    @property
    def rows(self) -> int:
        """How many items there are or were."""
        return len(self.owner)

    def frame(self, rows: Ints | None = None, names: frozenset[str] | None = None) -> pl.DataFrame:
        """Columns (all, or some) of items (all, or some) as a Polars frame; absent is null."""
        chosen = [name for name in self.columns if names is None or name in names]
        count = self.rows if rows is None else len(rows)
        return pl.DataFrame(
            [
                self.types[name].series(self.columns[name] if rows is None else self.columns[name][rows])
                for name in chosen
            ]
            or [pl.Series("_row", np.arange(count))]
        )

    def touch(self, register: str, rows: Ints, days: Ints) -> None:
        """Remember that a register's view of these rows changed on these days."""
        last = self.changed.get(register)
        if last is None or len(last) < self.rows:
            grown = np.full(self.rows, -1, dtype=np.int64)
            if last is not None:
                grown[: len(last)] = last
            last = self.changed[register] = grown
        np.maximum.at(last, rows, days)

    def append(
        self, columns: Mapping[str, Column], owner: Ints, born: Ints, labels: list[str | None]
    ) -> Ints:
        """Add items; returns their rows."""
        first = self.rows
        self.owner = np.concatenate([self.owner, owner.astype(np.int64)])
        self.born = np.concatenate([self.born, born.astype(np.int64)])
        self.alive = np.concatenate([self.alive, np.ones(len(owner), dtype=np.bool_)])
        self.labels.extend(labels)
        for name, type_ in self.types.items():
            held = self.columns.get(name, type_.empty(first))
            more = columns.get(name, type_.empty(len(owner)))
            self.columns[name] = np.concatenate([held, more])
        return np.arange(first, self.rows, dtype=np.int64)
