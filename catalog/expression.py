"""Conditions as written: the SQL subset parsed by sqlglot into predicates, and written out again."""

from __future__ import annotations

from functools import cache
from typing import Final

import sqlglot
from sqlglot import expressions as sql
from sqlglot.errors import SqlglotError

from catalog.faults import WordingError
from catalog.predicate import (
    And,
    AttributeRef,
    Compare,
    Constant,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Present,
)

SUBSET: Final = (
    "use attribute = != < <= > >= value, IN, NOT IN, BETWEEN, IS [NOT] NULL, "
    "a boolean attribute by itself, TRUE, FALSE, AND, OR, NOT and brackets"
)
_OPERATORS: Final[dict[type[sql.Expr], Operator]] = {
    sql.EQ: "=",
    sql.NEQ: "!=",
    sql.LT: "<",
    sql.LTE: "<=",
    sql.GT: ">",
    sql.GTE: ">=",
}


@cache
def parse_condition(text: str) -> Predicate:
    """The predicate of a condition. Raises WordingError outside the subset."""
    if "--" in text or "/*" in text:
        raise WordingError("a condition cannot hold a comment", "move it to the item's note")
    try:
        statements = sqlglot.parse(text)
    except SqlglotError as error:
        raise WordingError(f"`{text}` is not a condition: {_first_line(error)}", SUBSET) from error
    if len(statements) != 1 or statements[0] is None:
        raise WordingError(f"`{text}` is not one condition", SUBSET)
    return _predicate(statements[0])


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].split(". Line")[0]


def _predicate(node: sql.Expr) -> Predicate:  # noqa: PLR0911 - one return a kind of node
    match node:
        case sql.Paren():
            return _predicate(node.this)
        case sql.And():
            return And(tuple(_predicate(term) for term in _flat(node, sql.And)))
        case sql.Or():
            return Or(tuple(_predicate(term) for term in _flat(node, sql.Or)))
        case sql.Not():
            term = _predicate(node.this)
            # sqlglot reads `x IS NOT NULL` as NOT (x IS NULL); in three values NOT NOT is nothing.
            return term.term if isinstance(term, Not) else Not(term)
        case sql.Boolean():
            return Constant(bool(node.this))
        case sql.Column():
            return Compare(_name(node), "=", True)
        case sql.Is() if isinstance(node.expression, sql.Null):
            return Not(Present(_name(node.this)))
        case sql.In():
            return _one_of(node)
        case sql.Between():
            name = _name(node.this)
            low, high = _value(node.args["low"]), _value(node.args["high"])
            return And((Compare(name, ">=", low), Compare(name, "<=", high)))
    if operator := _OPERATORS.get(type(node)):
        return Compare(_name(node.this), operator, _value(node.expression))
    raise WordingError(f"`{node.sql()}` is outside the language of conditions", SUBSET)


def _flat(node: sql.Expr, kind: type[sql.Expr]) -> list[sql.Expr]:
    """The terms of nested ANDs (or ORs) on one level, brackets of the same kind opened."""
    if isinstance(node, sql.Paren) and isinstance(node.this, kind):
        return _flat(node.this, kind)
    if isinstance(node, kind):
        return _flat(node.args["this"], kind) + _flat(node.args["expression"], kind)
    return [node]


def _name(node: sql.Expr) -> str:
    if isinstance(node, sql.Column) and len(node.parts) == 1 and not node.parts[0].args.get("quoted"):
        return node.name
    raise WordingError(f"`{node.sql()}` is not an attribute", "write the attribute's name on the left")


def _value(node: sql.Expr) -> bool | float | str | AttributeRef:
    match node:
        case sql.Boolean():
            return bool(node.this)
        case sql.Literal():
            return str(node.this) if node.is_string else float(node.this)
        case sql.Neg() if isinstance(node.this, sql.Literal) and not node.this.is_string:
            return -float(node.this.this)
        case sql.Column():
            return AttributeRef(_name(node))
    raise WordingError(
        f"`{node.sql()}` is not a value", "compare with a number, a quoted word, TRUE, FALSE or an attribute"
    )


def _one_of(node: sql.In) -> Predicate:
    name = _name(node.this)
    values = [_value(option) for option in node.expressions]
    if not values:
        raise WordingError(f"`{node.sql()}` has no list of values", "list quoted words in brackets after IN")
    if all(isinstance(value, str) for value in values):
        return OneOf(name, tuple(str(value) for value in values))
    equal = tuple(Compare(name, "=", value) for value in values)
    return equal[0] if len(equal) == 1 else Or(equal)


def write_condition(predicate: Predicate) -> str:  # noqa: PLR0911 - one return a kind of predicate
    """The condition of a predicate, such that parsing it gives the predicate back."""
    match predicate:
        case Compare(attribute, op, value):
            return f"{attribute} {op} {_literal(value)}"
        case OneOf(attribute, values):
            return f"{attribute} IN ({', '.join(_literal(value) for value in values)})"
        case Present(attribute):
            return f"{attribute} IS NOT NULL"
        case Constant(value):
            return "TRUE" if value else "FALSE"
        case Not(Present(attribute)):
            return f"{attribute} IS NULL"
        case Not(OneOf(attribute, values)):
            return f"{attribute} NOT IN ({', '.join(_literal(value) for value in values)})"
        case Not(term):
            return f"NOT ({write_condition(term)})"
        case And(terms):
            return " AND ".join(_bracketed(term) for term in terms)
        case Or(terms):
            return " OR ".join(_bracketed(term) for term in terms)


def _bracketed(predicate: Predicate) -> str:
    text = write_condition(predicate)
    return f"({text})" if isinstance(predicate, And | Or) else text


def _literal(value: bool | float | str | AttributeRef) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float() | int():
            return f"{int(value)}" if float(value).is_integer() else repr(float(value))
        case str():
            return "'" + value.replace("'", "''") + "'"
        case AttributeRef(name):
            return name
