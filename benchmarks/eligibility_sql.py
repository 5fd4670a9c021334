"""The rules as SQL over a completed table, for DuckDB."""

from __future__ import annotations

import datetime as dt

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
from catalog.vocabulary import ValueType
from models.eligibility.rules import RuleSet


def condition(predicates: tuple[Predicate, ...], rules: RuleSet) -> str:
    """All of one rule's conditions, with SQL's own three values: a comparison with none is false."""
    return _write(And(predicates), rules)


def _write(predicate: Predicate, rules: RuleSet) -> str:  # noqa: PLR0911 - one return a kind of term
    match predicate:
        case Constant(value):
            return "TRUE" if value else "FALSE"
        case Not(term):
            return f"NOT ({_write(term, rules)})"
        case And(terms):
            return " AND ".join(f"({_write(term, rules)})" for term in terms) or "TRUE"
        case Or(terms):
            return " OR ".join(f"({_write(term, rules)})" for term in terms) or "FALSE"
        case Present(name):
            return presence(name)
        case Compare(name, op, AttributeRef(other)):
            known = other in rules.register.attributes
            # A figure that the State has not published.
            right = other if known else "CAST(NULL AS DOUBLE)"
            return _existing(f"{name} {op} {right}", (name, other), rules)
        case Compare(name, op, bool() | float() | str() as value):
            return _existing(f"{name} {op} {_literal(value, rules.codec.types[name])}", (name,), rules)
        case OneOf(name, options):
            words = ", ".join(_literal(option, ValueType.ENUM) for option in options)
            return _existing(f"{name} IN ({words})", (name,), rules)
    raise TypeError(f"{predicate} is no condition that SQL could state")


def _existing(comparison: str, names: tuple[str, ...], rules: RuleSet) -> str:
    """A comparison on what need not exist: false where the register says there is none."""
    asked = [presence(name) for name in names if name in rules.completion.absentable]
    return " AND ".join([*asked, comparison])


def _literal(value: bool | float | str, kind: ValueType) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(value)
    if kind is ValueType.DATE:
        return f"DATE '{dt.date.fromisoformat(value).isoformat()}'"
    return "'" + value.replace("'", "''") + "'"
