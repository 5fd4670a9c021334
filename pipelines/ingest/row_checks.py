"""What one row must satisfy by itself: filled, allowed, in range, consistent across its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Final

import polars as pl

from features.statements import business_day
from pipelines.ingest.contract import (
    Absent,
    Check,
    Column,
    ConsentTarget,
    Contract,
    Differs,
    EmptyWhen,
    FilledWhen,
    NotBefore,
    SelfItem,
)
from pipelines.ingest.masks import Masks, Reason

Wrong = tuple[Reason, pl.Expr]
_CLOCKS_DIFFER: Final = dt.timedelta(days=1)


def check_rows(
    raw: pl.DataFrame,
    typed: pl.DataFrame,
    contract: Contract,
    targets: Collection[str],
    at: dt.datetime,
    masks: Masks,
) -> None:
    """Mask the rows that are wrong by themselves; `targets` is what one can consent to the use of."""
    required = [c for c in contract.columns if not c.nullable and c.name in raw.columns]
    masks.add(raw, {Reason("missing_value", c.name): pl.col(c.name).is_null() for c in required})
    masks.add(typed, dict(wrong for column in contract.columns for wrong in _column(column, at)))
    masks.add(typed, dict(wrong for check in contract.checks for wrong in _across(check, targets)))


def _column(column: Column, at: dt.datetime) -> Iterator[Wrong]:
    value = pl.col(column.name)
    if column.type == "choice":
        reason = Reason("not_allowed", column.name, allowed=", ".join(column.allowed))
        yield reason, ~value.is_in(column.allowed)
    if column.type == "moment":
        yield Reason("in_the_future", column.name), value > at + _CLOCKS_DIFFER
    if column.past:
        yield Reason("in_the_future", column.name), value > business_day(at)
    if column.least is not None or column.above is not None or column.most is not None:
        yield Reason("out_of_range", column.name, allowed=_range(column)), _outside(column, value)


def _outside(column: Column, value: pl.Expr) -> pl.Expr:
    bounds = [pl.lit(False)]
    if column.least is not None:
        bounds.append(value < column.least)
    if column.above is not None:
        bounds.append(value <= column.above)
    if column.most is not None:
        bounds.append(value > column.most)
    return pl.any_horizontal(bounds)


def _range(column: Column) -> str:
    low = (
        f"[{column.least:g}"
        if column.least is not None
        else f"({column.above:g}"
        if column.above is not None
        else "("
    )
    return f"{low}, {column.most:g}]" if column.most is not None else f"{low}, )"


def _across(check: Check, targets: Collection[str]) -> Iterator[Wrong]:
    """Checks that need nothing but the row; those on what it refers to are made elsewhere."""
    match check:
        case NotBefore(column, other):
            yield Reason("before", column, other), pl.col(column) < pl.col(other)
        case Differs(column, other):
            yield Reason("not_different", column, other), pl.col(column) == pl.col(other)
        case EmptyWhen(column, where, values):
            wrong = pl.col(where).is_in(values) & pl.col(column).is_not_null()
            yield Reason("must_be_empty", column, where, ", ".join(values)), wrong
        case FilledWhen(column, where, values):
            wrong = pl.col(where).is_in(values) & pl.col(column).is_null()
            yield Reason("must_be_filled", column, where, ", ".join(values)), wrong
        case SelfItem(id_, scope, owner):
            itself = pl.col(id_) == pl.col(owner)
            yield Reason("not_self", id_, owner), (pl.col(scope) == "self") != itself
        case ConsentTarget(column):
            yield Reason("unknown_target", column), ~pl.col(column).is_in(list(targets))
        case Absent(column, presence):
            wrong = pl.col(presence).not_() & pl.col(column).is_not_null()
            yield Reason("value_despite_absence", column, presence), wrong
