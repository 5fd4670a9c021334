"""Who is truly eligible for what: the catalogue's conditions on the true state, where nothing is unknown."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

import numpy as np
import polars as pl

from catalog.catalogue import Catalogue, Item
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from catalog.vocabulary import ValueType
from pipelines.city.randomness import Bools

_OPS: Final[dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Judge:
    """The conditions of some items, compiled once for each set of columns and figures."""

    items: tuple[Item, ...]
    catalogue: Catalogue
    _compiled: dict[tuple[object, ...], list[pl.Expr]] = field(default_factory=dict)

    def eligible(self, frame: pl.DataFrame, on: dt.date) -> Bools:
        """Rows x items: where every criterion holds on a day. In the true state a null is a known absence."""
        if not self.items or frame.height == 0:
            return np.zeros((frame.height, len(self.items)), dtype=np.bool_)
        figures = tuple(figure_on(self.catalogue, name, on) for name in sorted(self.catalogue.parameters))
        key = (*frame.columns, *figures)
        if key not in self._compiled:
            self._compiled[key] = [
                _item(item, self.catalogue, on, frame.columns).alias(f"_{n}") for n, item in enumerate(self.items)
            ]
        return frame.select(self._compiled[key]).to_numpy().astype(np.bool_)


def _item(item: Item, catalogue: Catalogue, on: dt.date, columns: Sequence[str]) -> pl.Expr:
    terms = [truth(criterion.predicate, catalogue, on, columns) for criterion in item.criteria]
    whole = reduce(operator.and_, terms, pl.lit(True))
    # A constant rule would answer with one row; tie it to the table's length.
    return whole & pl.int_range(pl.len()).ge(0)


def truth(predicate: Predicate, catalogue: Catalogue, on: dt.date, columns: Sequence[str]) -> pl.Expr:
    """A predicate as a two-valued expression: a comparison with something that does not exist is false."""
    match predicate:
        case Constant(value):
            return pl.lit(value)
        case And(terms):
            return reduce(operator.and_, [truth(term, catalogue, on, columns) for term in terms])
        case Or(terms):
            return reduce(operator.or_, [truth(term, catalogue, on, columns) for term in terms])
        case Not(term):
            return ~truth(term, catalogue, on, columns)
        case Present(attribute):
            return pl.col(attribute).is_not_null() if attribute in columns else pl.lit(False)
        case OneOf(attribute, values):
            if attribute not in columns:
                return pl.lit(False)
            return pl.col(attribute).is_in(list(values)).fill_null(value=False)
        case Compare(attribute, op, value):
            sides = (_side(attribute, catalogue, on, columns), _value(predicate, catalogue, on, columns))
            if sides[0] is None or sides[1] is None:
                return pl.lit(False)
            return _OPS[op](sides[0], sides[1]).fill_null(value=False)


def _side(name: str, catalogue: Catalogue, on: dt.date, columns: Sequence[str]) -> pl.Expr | None:
    if name.startswith("param_"):
        figure = figure_on(catalogue, name, on)
        return None if figure is None else pl.lit(figure)
    return pl.col(name) if name in columns else None


def _value(compare: Compare, catalogue: Catalogue, on: dt.date, columns: Sequence[str]) -> pl.Expr | None:
    value = compare.value
    if isinstance(value, AttributeRef):
        return _side(value.name, catalogue, on, columns)
    attribute = catalogue.attributes.get(compare.attribute)
    if isinstance(value, str) and attribute is not None and attribute.type is ValueType.DATE:
        return pl.lit(dt.date.fromisoformat(value))
    return pl.lit(value)


def figure_on(catalogue: Catalogue, name: str, on: dt.date) -> float | None:
    """A parameter's value on a day, or None where no sourced value holds."""
    parameter = catalogue.parameters.get(name)
    if parameter is None:
        return None
    held = [figure for figure in parameter.values if figure.valid_from <= on.isoformat()]
    return max(held, key=lambda figure: figure.valid_from).value if held else None
