"""An attribute as one of a few words: on a column, and on one value."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from itertools import pairwise

import polars as pl

from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import ValueType
from features.named import Trait
from features.schema import Absence, Value

NONE = "none"
"""What is known not to exist."""


def category(trait: Trait, frame: pl.DataFrame, catalogue: Catalogue, on: dt.date) -> pl.Expr:
    """The word of a trait on each row; null where the attribute is."""
    value = pl.col(trait.attribute)
    match catalogue.attributes[trait.attribute].type:
        case ValueType.DATE:
            word = _banded((value - pl.lit(on)).dt.total_days(), trait.cuts)
        case ValueType.NUMBER:
            word = _banded(value, trait.cuts)
        case _:
            word = value.cast(pl.String)
    flag = presence(trait.attribute)
    if flag not in frame.columns or flag in catalogue.attributes:
        return word
    return pl.when(pl.col(flag).eq_missing(False)).then(pl.lit(NONE)).otherwise(word)


def category_of(trait: Trait, value: Value | None, on: dt.date) -> str | None:
    """The word of a trait for one value; None where it is unknown."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case dt.date():
            return _band(float((value - on).days), trait.cuts)
        case int() | float():
            return _band(value, trait.cuts)
        case Absence.ABSENT:
            return NONE
    return value


def _banded(number: pl.Expr, cuts: tuple[float, ...]) -> pl.Expr:
    words = _words(cuts)
    word = pl.lit(words[0])
    for cut, name in zip(cuts, words[1:], strict=True):
        word = pl.when(number >= cut).then(pl.lit(name)).otherwise(word)
    return pl.when(number.is_not_null()).then(word)


def _band(number: float, cuts: tuple[float, ...]) -> str:
    return _words(cuts)[bisect_right(cuts, number)]


def _words(cuts: tuple[float, ...]) -> list[str]:
    """`<low`, `low..high` (high left out), `>=high`."""
    between = [f"{low:g}..{high:g}" for low, high in pairwise(cuts)]
    return [f"<{cuts[0]:g}", *between, f">={cuts[-1]:g}"]
