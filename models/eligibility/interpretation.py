"""One condition read as it stands: for a single item on a day no rule set was compiled for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from catalog.predicate import (
    And,
    AttributeRef,
    Compare,
    Constant,
    Not,
    OneOf,
    Or,
    Predicate,
    Present,
    presence,
)
from features.schema import ABSENT, Value
from models.eligibility.circuit import Atom
from models.eligibility.completion import Facts
from models.recommendation import Verdict


def interpret(predicate: Predicate, facts: Facts) -> Verdict:
    """The verdict of a condition whose figures are written out, on completed facts."""
    match predicate:
        case And(terms):
            return min((interpret(term, facts) for term in terms), default=Verdict.TRUE)
        case Or(terms):
            return max((interpret(term, facts) for term in terms), default=Verdict.FALSE)
        case Not(term):
            return Verdict(2 - interpret(term, facts))
        case Constant(value):
            return Verdict.TRUE if value else Verdict.FALSE
        case _:
            return atom_verdict(predicate, facts)


def atom_verdict(atom: Atom, facts: Facts) -> Verdict:
    """The verdict of one comparison or question of presence."""
    value = facts.get(atom.attribute)
    match atom:
        case Present(attribute):
            known = value is not None or facts.get(presence(attribute)) is True
            return Verdict.FALSE if value is ABSENT else Verdict.TRUE if known else Verdict.UNKNOWN
        case OneOf(_, options):
            return _decided(value, value, lambda: value in options)
        case Compare(_, op, AttributeRef(name)):
            other = facts.get(name)
            return _decided(value, other, lambda: _compare(value, op, other))
        case Compare(_, op, literal):
            return _decided(value, value, lambda: _compare(value, op, literal))


def _decided(left: Value | None, right: Value | None, holds: Callable[[], bool]) -> Verdict:
    if left is ABSENT or right is ABSENT:
        return Verdict.FALSE
    if left is None or right is None:
        return Verdict.UNKNOWN
    return Verdict.TRUE if holds() else Verdict.FALSE


def _compare(left: object, op: str, right: object) -> bool:
    if isinstance(left, dt.date) and isinstance(right, str):
        right = dt.date.fromisoformat(right)
    match op:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right  # type: ignore[operator, no-any-return]
        case "<=":
            return left <= right  # type: ignore[operator, no-any-return]
        case ">":
            return left > right  # type: ignore[operator, no-any-return]
        case _:
            return left >= right  # type: ignore[operator, no-any-return]
