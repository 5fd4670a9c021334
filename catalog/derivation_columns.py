"""Derivations on whole tables: the same terms as Polars expressions, null for unknown."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable
from typing import Final

import polars as pl

from catalog.derivation import (
    TODAY,
    Arithmetic,
    Call,
    Comparison,
    Number,
    Ref,
    Term,
    When,
    Word,
    reads,
)
from catalog.predicate import Operator, presence

_SIGNS: Final[dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_OPS: Final[dict[Operator, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def column(term: Term, on: dt.date) -> pl.Expr:  # noqa: PLR0911 - one return a kind of term
    """The expression of a derivation over a table with one column an attribute; numbers as Int64."""
    match term:
        case Ref(name):
            return pl.lit(on) if name == TODAY else pl.col(name)
        case Number(value):
            return pl.lit(value, dtype=pl.Int64)
        case Word(text):
            return pl.lit(text)
        case Call(function, arguments):
            return _call(function, [_argument(argument, on) for argument in arguments])
        case Arithmetic(sign, left, right):
            return _SIGNS[sign](column(left, on), column(right, on))
        case Comparison(op, left, right):
            return _OPS[op](column(left, on), column(right, on))
        case When(condition, value, otherwise):
            holds = column(condition, on)
            # SQL's CASE would take an unknown condition for a false one.
            return (
                pl.when(holds.is_null())
                .then(None)
                .when(holds)
                .then(column(value, on))
                .otherwise(column(otherwise, on))
            )


def presence_column(term: Term, optional: frozenset[str]) -> pl.Expr:
    """Whether the derived value exists, from the presence columns of the optional attributes it reads.

    A source that is not optional always exists.
    """
    asked = [pl.col(presence(name)) for name in dict.fromkeys(reads(term)) if name in optional]
    return pl.all_horizontal(asked) if asked else pl.lit(True)


def _argument(term: Term, on: dt.date) -> pl.Expr:
    return pl.lit(dt.date.fromisoformat(term.text)) if isinstance(term, Word) else column(term, on)


def _call(function: str, given: list[pl.Expr]) -> pl.Expr:  # noqa: PLR0911 - one return a function
    match function, given:
        case "years_between", [start, end]:
            return _months(start, end) // 12
        case "months_between", [start, end]:
            return _months(start, end)
        case "add_years", [day, years]:
            return day.dt.offset_by(pl.format("{}mo", years * 12))
        case "add_months", [day, months]:
            return day.dt.offset_by(pl.format("{}mo", months))
        case "year_of", [day]:
            return day.dt.year().cast(pl.Int64)
        case "august_31", [day]:
            return pl.date(day.dt.year(), 8, 31)
        case "stepped_months", [day, first, every, most]:
            months = _calendar_months(first, day)
            stepped = pl.min_horizontal(months // every + 1, most)
            return pl.when(months.is_null()).then(None).when(months >= 0).then(stepped).otherwise(0)
    raise ValueError(f"`{function}` is no function of derivations")


def _calendar_months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    years = end.dt.year().cast(pl.Int64) - start.dt.year().cast(pl.Int64)
    return years * 12 + end.dt.month().cast(pl.Int64) - start.dt.month().cast(pl.Int64)


def _months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    corresponding = pl.min_horizontal(start.dt.day(), end.dt.month_end().dt.day())
    return _calendar_months(start, end) - (end.dt.day() < corresponding).cast(pl.Int64)
