"""Which refusals of a whole table time alone might turn: few of them, so that only these are gone into.

A timed attribute is looked at on two days, the first and the last. What it is on any day between lies
between what it is on these (a length of time grows), or is one of the two (a calendar year changes once).
Of a derivation that promises neither, everything is taken to be possible.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalog.derivation import TODAY, Arithmetic, Call, Comparison, Number, Ref, Term, When, Word
from catalog.predicate import (
    And,
    AttributeRef,
    Compare,
    Constant,
    Not,
    Operator,
    Or,
    Predicate,
    attributes_of,
)
from models.eligibility.circuit import Atom
from models.eligibility.inference import Derivation
from models.eligibility.near_miss import figures_change
from models.eligibility.rules import RuleSet
from models.eligibility.table_completion import complete_table
from models.recommendation import Verdict

LENGTHS: Final = ("years_between", "months_between")
OF_THE_YEAR: Final = ("year_of", "august_31")
A_YEAR: Final = dt.timedelta(days=365)
Bits = NDArray[np.bool_]
Rows = NDArray[np.intp]
Verdicts = NDArray[np.int8]
_REACH: Final[dict[Operator, Callable[[NDArray[np.float64], NDArray[np.float64], float], Bits]]] = {
    "=": lambda low, high, other: (low <= other) & (other <= high),
    "!=": lambda low, high, other: (low != other) | (high != other),
    "<": lambda low, high, other: low < other,
    "<=": lambda low, high, other: low <= other,
    ">": lambda low, high, other: high > other,
    ">=": lambda low, high, other: high >= other,
}
_OPPOSITE: Final[dict[Operator, Operator]] = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}


@dataclass(frozen=True)
class Turning:
    """A judged table and the last day that is looked ahead to."""

    rules: RuleSet
    frame: pl.DataFrame
    """What may be known and is believed of each row."""
    atoms: Mapping[Atom, Verdicts]
    """The verdict of each atom on each row, on the day of the rules."""
    until: dt.date
    _bounds: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)

    def may_turn(self, item: str, rows: Rows) -> Rows:
        """Those of the rows on which an item might come to hold after the day, up to the last one.

        None that does hold on such a day is left out; some may be kept that never do.
        """
        place = self.rules.places[item]
        read = {name for predicate in self.rules.predicates[place] for name in attributes_of(predicate)}
        if not len(rows) or read.isdisjoint(self.rules.completion.timed):
            return rows[:0]
        bounded = not figures_change(self.rules, item, self.until)
        for predicate in self.rules.predicates[place]:
            rows = rows[self._best(predicate, rows, holds=True, bounded=bounded) == Verdict.TRUE]
        return rows

    def _best(self, predicate: Predicate, rows: Rows, *, holds: bool, bounded: bool) -> Verdicts:
        """The best verdict on a condition (or, where it is not to hold, on its denial) on any of the days."""
        match predicate:
            case Not(term):
                return self._best(term, rows, holds=not holds, bounded=bounded)
            case And(terms) | Or(terms):
                every = isinstance(predicate, And) == holds
                best = np.full(len(rows), Verdict.TRUE if every else Verdict.FALSE, dtype=np.int8)
                for term in terms:
                    other = self._best(term, rows, holds=holds, bounded=bounded)
                    best = np.minimum(best, other) if every else np.maximum(best, other)
                return best
            case Constant(value):
                told = Verdict.TRUE if value == holds else Verdict.FALSE
                return np.full(len(rows), told, dtype=np.int8)
            case _:
                return self._of_atom(predicate, rows, holds=holds, bounded=bounded)

    def _of_atom(self, atom: Atom, rows: Rows, *, holds: bool, bounded: bool) -> Verdicts:
        now = self.atoms[atom][rows]
        today: Verdicts = now if holds else 2 - now
        if self.rules.completion.timed.isdisjoint(attributes_of(atom)):
            return today
        anything = np.full(len(rows), Verdict.TRUE, dtype=np.int8)
        if not bounded or not isinstance(atom, Compare) or atom.attribute not in self._two_days_tell:
            return anything
        if isinstance(atom.value, AttributeRef | str):
            return anything
        first, last = (values[rows] for values in self._of_attribute(atom.attribute))
        reach = _REACH[atom.op if holds else _OPPOSITE[atom.op]]
        possible = reach(np.fmin(first, last), np.fmax(first, last), float(atom.value))
        neither, both = np.isnan(first) & np.isnan(last), ~np.isnan(first) & ~np.isnan(last)
        reached = np.where(possible | ~both, np.int8(Verdict.TRUE), np.int8(Verdict.FALSE))
        return np.where(neither, today, reached)

    def _of_attribute(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if name not in self._bounds:
            days = (self._today, self._last)
            first, last = (day[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for day in days)
            self._bounds[name] = first, last
        return self._bounds[name]

    @cached_property
    def _today(self) -> pl.DataFrame:
        return complete_table(self.frame, self.rules.completion, self.rules.on)

    @cached_property
    def _last(self) -> pl.DataFrame:
        return complete_table(self.frame, self.rules.completion, self.until)

    @cached_property
    def _two_days_tell(self) -> frozenset[str]:
        if self.until - self.rules.on >= A_YEAR:
            return frozenset()
        timed = self.rules.completion.timed
        return frozenset(
            step.attribute
            for step in self.rules.completion.steps
            if isinstance(step, Derivation)
            and timed.isdisjoint(step.sources)
            and len(self.rules.completion.by_attribute[step.attribute]) == 1
            and two_days_tell(step.term)
        )


def two_days_tell(term: Term) -> bool:
    """Whether what a derivation yields on any day of less than a year is bounded by the first and last."""
    match term:
        case Call(function, (first, Ref(name))) if function in LENGTHS and name == TODAY:
            return not _reads_today(first)
        case _:
            return _yearly(term)


def _yearly(term: Term) -> bool:
    """Whether the day counts in it by its calendar year alone."""
    match term:
        case Call(function, (Ref(name),)) if function in OF_THE_YEAR and name == TODAY:
            return True
        case Ref(name):
            return name != TODAY
        case Call(_, arguments):
            return all(_yearly(argument) for argument in arguments)
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            return _yearly(left) and _yearly(right)
        case When(condition, value, otherwise):
            return all(_yearly(part) for part in (condition, value, otherwise))
        case Number() | Word():
            return True


def _reads_today(term: Term) -> bool:
    match term:
        case Ref(name):
            return name == TODAY
        case Call(_, arguments):
            return any(_reads_today(argument) for argument in arguments)
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            return _reads_today(left) or _reads_today(right)
        case When(condition, value, otherwise):
            return any(_reads_today(part) for part in (condition, value, otherwise))
        case Number() | Word():
            return False
