"""Dated figures put in the place of their names: parameters, and the day of assessment itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from catalog.attribute import Parameter
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, Operator, Or, Predicate

TODAY = "today"
"""The name under which a condition may read the day of assessment."""

Figure = float | str
Figures = Mapping[str, Figure | None]
"""Every parameter by name; None where no sourced value is known on the day."""

MIRRORED: dict[Operator, Operator] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def figures_on(parameters: Iterable[Parameter], on: dt.date) -> dict[str, Figure | None]:
    """The value of every parameter on a day, and the day itself."""
    figures: dict[str, Figure | None] = {p.name: value_on(p, on) for p in parameters}
    figures[TODAY] = on.isoformat()
    return figures


def value_on(parameter: Parameter, on: dt.date) -> float | None:
    """The latest sourced value in force on a day; None when there is none."""
    in_force = [v for v in parameter.values if v.valid_from <= on.isoformat() and v.source]
    return max(in_force, key=lambda value: value.valid_from).value if in_force else None


def substitute(predicate: Predicate, figures: Figures) -> Predicate:
    """The condition with every known figure written out; an unknown one stays a name nobody can tell."""
    match predicate:
        case Compare():
            return _compare(predicate, figures)
        case And(terms):
            return And(tuple(substitute(term, figures) for term in terms))
        case Or(terms):
            return Or(tuple(substitute(term, figures) for term in terms))
        case Not(term):
            return Not(substitute(term, figures))
        case _:
            return predicate


def _compare(comparison: Compare, figures: Figures) -> Predicate:
    value = comparison.value
    if isinstance(value, AttributeRef) and (figure := figures.get(value.name)) is not None:
        value = figure
    left = figures.get(comparison.attribute)
    if left is None:
        return Compare(comparison.attribute, comparison.op, value)
    if isinstance(value, AttributeRef):
        return Compare(value.name, MIRRORED[comparison.op], left)
    return Constant(_holds(left, comparison.op, value))


def _holds(left: Figure, op: Operator, right: bool | float | str) -> bool:
    if isinstance(left, str) != isinstance(right, str):
        raise ValueError(f"cannot compare {left!r} with {right!r}: one is a date, the other a number")
    below, equal = left < right, left == right  # type: ignore[operator]
    return {
        "=": equal,
        "!=": not equal,
        "<": below,
        "<=": below or equal,
        ">": not (below or equal),
        ">=": not below,
    }[op]
