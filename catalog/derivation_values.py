"""Derivations on one scope item: values in, value out, None for unknown."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from typing import Final

from catalog import anniversary
from catalog.derivation import (
    TODAY,
    Arithmetic,
    Call,
    Comparison,
    Function,
    Number,
    Ref,
    Term,
    When,
    Word,
    reads,
)
from catalog.predicate import Operator

Known = bool | int | float | str | dt.date
"""A value somebody has told us."""

_FUNCTIONS: Final[dict[Function, Callable[..., Known]]] = {
    "years_between": anniversary.years_between,
    "months_between": anniversary.months_between,
    "add_years": anniversary.add_years,
    "add_months": anniversary.add_months,
    "year_of": lambda day: day.year,
    "august_31": lambda day: dt.date(day.year, 8, 31),
    "stepped_months": anniversary.stepped_months,
}
_SIGNS: Final[dict[str, Callable[..., Known]]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_OPS: Final[dict[Operator, Callable[..., bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(
    term: Term, values: Mapping[str, Known | None], on: dt.date
) -> bool | float | str | dt.date | None:
    """The derived value on a day; None when something it needs is unknown or outside the calendar."""
    try:
        value = _value(term, values, on)
    except OverflowError:
        return None
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def compares(op: Operator, left: Known | None, right: Known) -> bool:
    """Whether a known value stands in a relation to another; an unknown one does not."""
    return left is not None and _OPS[op](left, right)


def presence(term: Term, present: Mapping[str, bool | None]) -> bool | None:
    """Whether the derived value exists: not where a register says that a source does not exist."""
    known = [present.get(name) for name in reads(term)]
    if False in known:
        return False
    return None if None in known else True


def _value(  # noqa: PLR0911 - one return a kind of term
    term: Term, values: Mapping[str, Known | None], on: dt.date
) -> Known | None:
    match term:
        case Ref(name):
            return on if name == TODAY else values.get(name)
        case Number(value):
            return value
        case Word(text):
            return text
        case Call(function, arguments):
            given = [_dated(_value(argument, values, on), argument) for argument in arguments]
            return None if None in given else _FUNCTIONS[function](*given)
        case Arithmetic(sign, left, right):
            return _both(_SIGNS[sign], left, right, values, on)
        case Comparison(op, left, right):
            return _both(_OPS[op], left, right, values, on)
        case When(condition, value, otherwise):
            holds = _value(condition, values, on)
            return None if holds is None else _value(value if holds else otherwise, values, on)


def _both(
    apply: Callable[..., Known], left: Term, right: Term, values: Mapping[str, Known | None], on: dt.date
) -> Known | None:
    first, second = _value(left, values, on), _value(right, values, on)
    if first is None or second is None:
        return None
    if isinstance(first, dt.date):
        second = _dated(second, right)
    return apply(first, second)


def _dated(value: Known | None, term: Term) -> Known | None:
    """A fixed date, written as a word, as a date."""
    if isinstance(term, Word) and isinstance(value, str):
        return dt.date.fromisoformat(value)
    return value
