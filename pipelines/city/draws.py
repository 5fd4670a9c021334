"""Turn a `Draw` of the world file into values for many rows."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from catalog.vocabulary import ValueType
from pipelines.city.draw_spec import Draw
from pipelines.city.randomness import Bools, Ints
from pipelines.city.scope_state import NO_DAY, Column, ColumnType


@functools.lru_cache(maxsize=8192)
def expression(sql: str) -> pl.Expr:
    """A condition of the world file, compiled once."""
    return pl.sql_expr(sql)


@functools.lru_cache(maxsize=8192)
def names_in(sql: str) -> frozenset[str]:
    """The attributes an expression reads."""
    return frozenset(expression(sql).meta.root_names())


def names_read(draw: Draw) -> frozenset[str]:
    """The attributes a draw reads."""
    names = names_in(draw.expr) if draw.expr is not None else frozenset[str]()
    for case in draw.cases:
        names |= names_in(case.when) | names_read(case)
    return names


def holds(frame: pl.DataFrame, condition: str) -> Bools:
    """Where a condition is known to hold."""
    if condition == "TRUE":
        return np.ones(frame.height, dtype=np.bool_)
    answer = frame.select(expression(condition).alias("_")).to_series()
    return np.asarray(answer.fill_null(value=False).to_numpy(), dtype=np.bool_)


def holds_each(frame: pl.DataFrame, conditions: Sequence[str]) -> Bools:
    """Rows x conditions: where each is known to hold, in one pass over the frame."""
    held = np.ones((frame.height, len(conditions)), dtype=np.bool_)
    asked = [n for n, condition in enumerate(conditions) if condition != "TRUE"]
    if asked and frame.height:
        answers = frame.select([expression(conditions[n]).fill_null(False).alias(f"_{n}") for n in asked])
        held[:, asked] = answers.to_numpy()
    return held


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where values are drawn: known columns, randomness, day zero of each row."""

    frame: pl.DataFrame
    rng: np.random.Generator
    day: Ints
    """Day number that `days`, `after` and `years` count from, for each row."""

    def draw(self, spec: Draw, column: ColumnType) -> Column:
        """One value a row; cases replace the default where their condition holds."""
        values = self._plain(spec, column)
        for case in reversed(spec.cases):
            rows = holds(self.frame, case.when)
            if rows.any():
                values = np.where(rows, self._plain(case, column), values).astype(values.dtype)
        return values

    def _plain(self, spec: Draw, column: ColumnType) -> Column:
        rows = self.frame.height
        if spec.absent:
            return column.empty(rows)
        values = self._drawn(spec, column, rows)
        if spec.present < 1.0:
            values = np.where(self.rng.random(rows) < spec.present, values, column.empty(rows))
        return values.astype(column.empty(0).dtype)

    def _drawn(self, spec: Draw, column: ColumnType, rows: int) -> Column:
        if spec.value is not None:
            return np.full(rows, column.code(spec.value))
        if spec.share is not None:
            return (self.rng.random(rows) < spec.share).astype(np.int8)
        if spec.choice is not None:
            return self._chosen(spec.choice, column, rows)
        if spec.expr is not None:
            known = self.frame.select(expression(spec.expr).alias("_")).to_series()
            return _rounded(column.stored(_broadcast(known, rows)), spec, column)
        if column.type is ValueType.DATE:
            return self._dated(spec, rows)
        return _rounded(self._numbers(spec, rows), spec, column)

    def _chosen(self, shares: dict[str, float], column: ColumnType, rows: int) -> Column:
        weights = np.array(list(shares.values()), dtype=np.float64)
        codes = np.array([column.code(_plain_word(word, column)) for word in shares])
        return np.asarray(codes[self.rng.choice(len(codes), size=rows, p=weights / weights.sum())])

    def _dated(self, spec: Draw, rows: int) -> Column:
        if spec.after is not None:
            return (self.day + spec.after).astype(np.int32)
        if spec.years is not None:
            return np.asarray(self.day + np.round(spec.years * 365.2425), dtype=np.int32)
        low, high = spec.days or (0, 0)
        return (self.day + self.rng.integers(low, high + 1, size=rows)).astype(np.int32)

    def _numbers(self, spec: Draw, rows: int) -> Column:
        if spec.lognormal is not None:
            median, sigma = spec.lognormal
            return median * np.exp(sigma * self.rng.standard_normal(rows))
        if spec.normal is not None:
            return spec.normal[0] + spec.normal[1] * self.rng.standard_normal(rows)
        if spec.uniform is not None:
            return self.rng.uniform(spec.uniform[0], spec.uniform[1], rows)
        if spec.poisson is not None:
            return self.rng.poisson(spec.poisson, rows).astype(np.float64)
        raise ValueError("a number needs one of: value, lognormal, normal, uniform, poisson, expr")


def _plain_word(word: str, column: ColumnType) -> bool | float | str:
    return float(word) if column.type is ValueType.NUMBER else word


def _broadcast(series: pl.Series, rows: int) -> pl.Series:
    return series if len(series) == rows else series.new_from_index(0, rows)


def _rounded(values: Column, spec: Draw, column: ColumnType) -> Column:
    if column.type is not ValueType.NUMBER:
        return values
    if spec.low is not None or spec.high is not None:
        values = np.clip(values, spec.low, spec.high)
    return np.round(values / spec.round) * spec.round if spec.round else values


def absent(column: Column, kind: ValueType) -> Bools:
    """Where a stored column holds nothing."""
    if kind is ValueType.NUMBER:
        return np.isnan(column)
    if kind is ValueType.DATE:
        return np.asarray(column == NO_DAY)
    return np.asarray(column < 0)
