"""Who is truly eligible for what: the catalogue's conditions on the true state, where nothing is unknown."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
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
    assumed: Mapping[str, float] = field(default_factory=dict)
    """Figures the authorities of this city go by where the catalogue has no sourced value."""
    _compiled: dict[tuple[object, ...], list[pl.Expr]] = field(default_factory=dict)

    def eligible(self, frame: pl.DataFrame, on: dt.date) -> Bools:
        """Rows x items: where every criterion holds on a day. In the true state a null is a known absence."""
        if not self.items or frame.height == 0:
            return np.zeros((frame.height, len(self.items)), dtype=np.bool_)
        known = {name: figure_on(self.catalogue, name, on) for name in sorted(self.catalogue.parameters)}
        figures = {**self.assumed, **{name: value for name, value in known.items() if value is not None}}
        key = (*frame.columns, *sorted(figures.items()))
        if key not in self._compiled:
            facts = Facts(frozenset(frame.columns), figures, self.catalogue)
            self._compiled[key] = [_item(item, facts).alias(f"_{n}") for n, item in enumerate(self.items)]
        return frame.select(self._compiled[key]).to_numpy().astype(np.bool_)


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions may read: the columns there are, and the figures in force."""

    columns: frozenset[str]
    figures: Mapping[str, float]
    catalogue: Catalogue

    def side(self, name: str) -> pl.Expr | None:
        """An attribute or figure, or None where there is none of that name."""
        if name.startswith("param_"):
            return pl.lit(self.figures[name]) if name in self.figures else None
        return pl.col(name) if name in self.columns else None

    def value(self, compare: Compare) -> pl.Expr | None:
        """The right-hand side of a comparison."""
        if isinstance(compare.value, AttributeRef):
            return self.side(compare.value.name)
        attribute = self.catalogue.attributes.get(compare.attribute)
        if isinstance(compare.value, str) and attribute is not None and attribute.type is ValueType.DATE:
            return pl.lit(dt.date.fromisoformat(compare.value))
        return pl.lit(compare.value)


def _item(item: Item, facts: Facts) -> pl.Expr:
    terms = [truth(criterion.predicate, facts) for criterion in item.criteria]
    whole = reduce(operator.and_, terms, pl.lit(True))
    # A constant rule would answer with one row; tie it to the table's length.
    return whole & pl.int_range(pl.len()).ge(0)


def truth(predicate: Predicate, facts: Facts) -> pl.Expr:
    """A predicate as a two-valued expression: a comparison with something that does not exist is false."""
    match predicate:
        case And(terms):
            return reduce(operator.and_, [truth(term, facts) for term in terms])
        case Or(terms):
            return reduce(operator.or_, [truth(term, facts) for term in terms])
        case Not(term):
            return ~truth(term, facts)
        case Compare():
            left, right = facts.side(predicate.attribute), facts.value(predicate)
            if left is None or right is None:
                return pl.lit(False)
            return _OPS[predicate.op](left, right).fill_null(value=False)
    return _settled(predicate, facts.columns)


def _settled(predicate: Constant | Present | OneOf, columns: frozenset[str]) -> pl.Expr:
    match predicate:
        case Constant(value):
            return pl.lit(value)
        case Present(attribute):
            return pl.col(attribute).is_not_null() if attribute in columns else pl.lit(False)
        case OneOf(attribute, values) if attribute in columns:
            return pl.col(attribute).is_in(list(values)).fill_null(value=False)
    return pl.lit(False)


def figure_on(catalogue: Catalogue, name: str, on: dt.date) -> float | None:
    """A parameter's value on a day, or None where no sourced value holds."""
    parameter = catalogue.parameters.get(name)
    if parameter is None:
        return None
    held = [figure for figure in parameter.values if figure.valid_from <= on.isoformat()]
    return max(held, key=lambda figure: figure.valid_from).value if held else None
