"""Derivations turned round: the first day on which time alone makes a comparison hold."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from catalog import anniversary
from catalog.derivation import TODAY, Call, Ref, Term, reads
from catalog.derivation_values import Known, compares, evaluate
from catalog.predicate import Operator

_ADD = {"years_between": anniversary.add_years, "months_between": anniversary.add_months}


def moves_with_time(term: Term) -> bool:
    """Whether the derived value depends on the day of the assessment, and not on its sources alone."""
    return any(isinstance(part, Ref) and part.name == TODAY for part in _parts(term))


def grows_with_time(term: Term) -> bool:
    """Whether the derived number only ever grows from one day to the next (an age, months since ...)."""
    match term:
        case Call("years_between" | "months_between", (start, Ref(name))):
            return name == TODAY and not moves_with_time(start)
    return False


def first_day_at_least(term: Term, threshold: float, values: Mapping[str, Known | None]) -> dt.date | None:
    """The first day on which a growing number reaches the threshold; None when a source is unknown.

    Raises ValueError for a derivation that does not grow with time.
    """
    if not grows_with_time(term) or not isinstance(term, Call):
        raise ValueError("this derivation does not grow with time; scan the days with `first_day_when`")
    start = evaluate(term.arguments[0], values, dt.date.min)
    if not isinstance(start, dt.date):
        return None
    try:
        return _ADD[term.function](start, math.ceil(threshold))
    except OverflowError:
        return None


def first_day_when(
    term: Term,
    op: Operator,
    value: bool | float | str | dt.date,
    values: Mapping[str, Known | None],
    after: dt.date,
    until: dt.date,
) -> dt.date | None:
    """The first day later than `after`, and not later than `until`, on which the comparison holds.

    None when there is no such day, or when a source is unknown.
    """
    if any(values.get(name) is None for name in reads(term)):
        return None
    first = after + dt.timedelta(days=1)
    if op in (">", ">=") and grows_with_time(term) and isinstance(value, int | float):
        threshold = value if op == ">=" else math.floor(value) + 1
        reached = first_day_at_least(term, threshold, values)
        return None if reached is None or reached > until else max(reached, first)
    for offset in range((until - after).days if moves_with_time(term) else 0):
        day = first + dt.timedelta(days=offset)
        if compares(op, evaluate(term, values, day), value):
            return day
    return None


def _parts(term: Term) -> list[Term]:
    """A derivation and everything it is made of."""
    inside = [getattr(term, name) for name in term.__struct_fields__]
    parts: list[Term] = [term]
    for each in inside:
        for part in each if isinstance(each, tuple) else (each,):
            if hasattr(part, "__struct_fields__"):
                parts += _parts(part)
    return parts
