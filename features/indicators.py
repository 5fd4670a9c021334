"""Attributes as indicators: what learned models read of a subject. Unknown has no indicator at all.

A boolean becomes `name=true` and `name=false`, an enum one indicator a value, a number or the months to a
date one a bucket, and a thing known not to exist `name=none`. Values held by fewer than `least` of the
training rows get none: too rare to learn from, and rare enough to point at somebody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from catalog.attribute import Attribute
from catalog.predicate import presence
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Value

Kind = Literal["boolean", "enum", "number", "months"]
Indices = npt.NDArray[np.int32]
DAYS_A_MONTH = 30.4375


class Coded(msgspec.Struct, frozen=True):
    """One attribute: which values, or which buckets between edges, have an indicator."""

    name: str
    kind: Kind
    values: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Its indicators' names, in column order."""
        if self.kind in ("boolean", "enum"):
            return tuple(f"{self.name}={value}" for value in self.values)
        ends = [-np.inf, *self.edges, np.inf]
        buckets = tuple(f"{self.name}={low:g}..{high:g}" for low, high in pairwise(ends))
        return (*buckets, f"{self.name}=none") if "none" in self.values else buckets


@dataclass(frozen=True, slots=True)
class Indicators:
    """A fitted coding of attributes into indicator columns."""

    coded: tuple[Coded, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """One name a column; `group=value`."""
        return tuple(label for coded in self.coded for label in coded.labels)

    def encode(self, frame: pl.DataFrame, on: dt.date) -> sparse.csr_array:
        """(rows, columns) in float32 of ones; columns the frame lacks are unknown."""
        places = np.full((len(frame), len(self.coded)), -1, dtype=np.int32)
        start = 0
        for at, coded in enumerate(self.coded):
            own = _places(coded, frame, on)
            places[:, at] = np.where(own >= 0, own + start, -1)
            start += len(coded.labels)
        rows, slots = np.nonzero(places >= 0)
        ones = np.ones(len(rows), dtype=np.float32)
        return sparse.csr_array((ones, (rows, places[rows, slots])), shape=(len(frame), start))

    def encode_one(self, facts: Mapping[str, Value], on: dt.date) -> Indices:
        """The columns that are one for a single subject, ascending."""
        found, start = [], 0
        for coded in self.coded:
            own = _place(coded, facts.get(coded.name), facts.get(presence(coded.name)), on)
            if own >= 0:
                found.append(start + own)
            start += len(coded.labels)
        return np.asarray(found, dtype=np.int32)

    def dump(self) -> str:
        """The coding as JSON."""
        return msgspec.json.encode(self.coded).decode()

    @classmethod
    def load(cls, text: str) -> Indicators:
        """The coding that was dumped. Raises msgspec.ValidationError for anything else."""
        return cls(msgspec.json.decode(text, type=tuple[Coded, ...]))


def fit_indicators(
    frame: pl.DataFrame, attributes: Iterable[Attribute], on: dt.date, *, least: int = 20, buckets: int = 6
) -> Indicators:
    """The coding of those attributes the frame has columns for, buckets at quantiles of what is known."""
    coded = (
        _fit(frame, attribute, on, least, buckets)
        for attribute in sorted(attributes, key=lambda a: a.name)
        if attribute.name in frame.columns
    )
    return Indicators(tuple(c for c in coded if len(c.labels) > 1))


def _fit(frame: pl.DataFrame, attribute: Attribute, on: dt.date, least: int, buckets: int) -> Coded:
    name, column = attribute.name, frame[attribute.name]
    none = ("none",) if _absent(frame, name).sum() >= least else ()
    if attribute.type in (ValueType.BOOLEAN, ValueType.ENUM):
        text = _text(column)
        counts = text.drop_nulls().value_counts().filter(pl.col("count") >= least)
        kind: Kind = "boolean" if attribute.type is ValueType.BOOLEAN else "enum"
        return Coded(name, kind, (*sorted(counts[name].to_list()), *none))
    kind = "months" if attribute.type is ValueType.DATE else "number"
    numbers = _numbers(column, kind, on)
    known = numbers[np.isfinite(numbers)]
    if len(known) < 2 * least:
        return Coded(name, kind, none)
    # A quantile that many rows share is one edge; an edge at either end would cut off an empty bucket.
    cuts = np.unique(np.round(np.quantile(known, np.linspace(0, 1, buckets + 1)[1:-1]), 6))
    return Coded(name, kind, none, tuple(float(cut) for cut in cuts if known.min() < cut))


def _places(coded: Coded, frame: pl.DataFrame, on: dt.date) -> Indices:
    """Each row's place among the attribute's own indicators, -1 where it has none."""
    if coded.name not in frame.columns:
        return np.full(len(frame), -1, dtype=np.int32)
    column = frame[coded.name]
    if coded.kind in ("boolean", "enum"):
        at = {value: place for place, value in enumerate(coded.values)}
        known = _text(column).replace_strict(at, default=-1, return_dtype=pl.Int32).fill_null(-1)
        places: Indices = known.to_numpy().copy()
    else:
        numbers = _numbers(column, coded.kind, on)
        places = np.searchsorted(coded.edges, numbers, side="right").astype(np.int32)
        places[~np.isfinite(numbers)] = -1
    places[_absent(frame, coded.name)] = len(coded.labels) - 1 if "none" in coded.values else -1
    return places


def _place(coded: Coded, value: Value | None, present: Value | None, on: dt.date) -> int:
    if value is ABSENT or (value is None and present is False):
        return len(coded.labels) - 1 if "none" in coded.values else -1
    if value is None:
        return -1
    if coded.kind in ("boolean", "enum"):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return coded.values.index(text) if text in coded.values else -1
    number = (value - on).days / DAYS_A_MONTH if isinstance(value, dt.date) else float(value)
    return int(np.searchsorted(coded.edges, number, side="right"))


def _text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Boolean:
        return column.replace_strict({True: "true", False: "false"}, return_dtype=pl.String)
    return column.cast(pl.String)


def _numbers(column: pl.Series, kind: Kind, on: dt.date) -> npt.NDArray[np.float64]:
    if kind == "months":
        days = (column.cast(pl.Date) - on).dt.total_days()
        return np.asarray(days.cast(pl.Float64).fill_null(np.nan).to_numpy() / DAYS_A_MONTH, dtype=np.float64)
    return np.asarray(column.cast(pl.Float64).fill_null(np.nan).to_numpy(), dtype=np.float64)


def _absent(frame: pl.DataFrame, name: str) -> npt.NDArray[np.bool_]:
    """Rows whose register says that there is none."""
    if presence(name) not in frame.columns:
        return np.zeros(len(frame), dtype=np.bool_)
    return np.asarray((frame[presence(name)] == False).fill_null(False).to_numpy(), dtype=np.bool_)  # noqa: E712


def joined(blocks: Sequence[sparse.csr_array]) -> sparse.csr_array:
    """Indicator blocks side by side."""
    return sparse.csr_array(sparse.hstack(list(blocks), format="csr", dtype=np.float32))
