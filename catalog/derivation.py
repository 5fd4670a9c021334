"""Derived attributes: the small language they are written in, parsed and typed.

A derivation is a call of the functions below over attributes, numbers, 'words' and `on`, the day
of the assessment; with + - * on numbers, comparisons, and `when(condition, value, otherwise)`.
`years_between(birth_date, on)` is one. What it reads is unknown, it is unknown too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Final, Literal

import msgspec

from catalog.faults import WordingError
from catalog.predicate import Operator
from catalog.vocabulary import ValueType

TODAY: Final = "on"
"""The name of the assessment date in a derivation."""

Function = Literal[
    "years_between", "months_between", "add_years", "add_months", "year_of", "august_31", "stepped_months"
]
_D, _N, _B, _E = ValueType.DATE, ValueType.NUMBER, ValueType.BOOLEAN, ValueType.ENUM
SIGNATURES: Final[dict[Function, tuple[tuple[ValueType, ...], ValueType]]] = {
    "years_between": ((_D, _D), _N),
    "months_between": ((_D, _D), _N),
    "add_years": ((_D, _N), _D),
    "add_months": ((_D, _N), _D),
    "year_of": ((_D,), _N),
    "august_31": ((_D,), _D),
    "stepped_months": ((_D, _D, _N, _N), _N),
}


class Ref(msgspec.Struct, frozen=True):
    """An attribute, or `on`."""

    name: str


class Number(msgspec.Struct, frozen=True):
    """A whole number."""

    value: int


class Word(msgspec.Struct, frozen=True):
    """A quoted word: an enum's value, or a fixed date where a date is wanted."""

    text: str


class Call(msgspec.Struct, frozen=True):
    """One of the functions, applied."""

    function: Function
    arguments: tuple[Term, ...]


class Arithmetic(msgspec.Struct, frozen=True):
    """A sum, difference or product of numbers."""

    sign: Literal["+", "-", "*"]
    left: Term
    right: Term


class Comparison(msgspec.Struct, frozen=True):
    """A comparison of two terms of one type."""

    op: Operator
    left: Term
    right: Term


class When(msgspec.Struct, frozen=True):
    """`value` where the condition holds, else `otherwise`; unknown where the condition is."""

    condition: Term
    value: Term
    otherwise: Term


Term = Ref | Number | Word | Call | Arithmetic | Comparison | When

_SIGNS: Final[dict[type[ast.operator], Literal["+", "-", "*"]]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_OPS: Final[dict[type[ast.cmpop], Operator]] = {
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_SINGLE_EQUALS: Final = re.compile(r"(?<![<>!=])=(?!=)")
_REMEDY: Final = f"use {', '.join(SIGNATURES)}, when(condition, value, otherwise), + - * and comparisons"


@cache
def parse_derivation(text: str) -> Term:
    """The term a derivation writes. Raises WordingError for anything outside the language."""
    try:
        # Python's own grammar reads calls, arithmetic and comparisons; only `=` is spelt otherwise.
        tree = ast.parse(_SINGLE_EQUALS.sub("==", text), mode="eval").body
    except SyntaxError as error:
        raise WordingError(f"`{text}` is not a derivation: {error.msg}", _REMEDY) from error
    return _term(tree)


def _term(node: ast.expr) -> Term:  # noqa: PLR0911 - one return a kind of node
    match node:
        case ast.Name(name):
            return Ref(name)
        case ast.Constant(bool()):
            pass
        case ast.Constant(int(value)):
            return Number(value)
        case ast.Constant(str(text)):
            return Word(text)
        case ast.BinOp(left, sign, right) if type(sign) in _SIGNS:
            return Arithmetic(_SIGNS[type(sign)], _term(left), _term(right))
        case ast.Compare(left, [op], [right]) if type(op) in _OPS:
            return Comparison(_OPS[type(op)], _term(left), _term(right))
        case ast.Call(ast.Name("when"), [condition, value, otherwise], []):
            return When(_term(condition), _term(value), _term(otherwise))
        case ast.Call(ast.Name(function), arguments, []):
            for known in SIGNATURES:
                if known == function:
                    return Call(known, tuple(_term(argument) for argument in arguments))
    raise WordingError(f"`{ast.unparse(node)}` is outside the language of derivations", _REMEDY)


def reads(term: Term) -> Iterator[str]:
    """Every attribute a derivation reads, in order, with repeats; not `on`."""
    match term:
        case Ref(name):
            if name != TODAY:
                yield name
        case Call(_, arguments):
            for argument in arguments:
                yield from reads(argument)
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            yield from reads(left)
            yield from reads(right)
        case When(condition, value, otherwise):
            for part in (condition, value, otherwise):
                yield from reads(part)
        case Number() | Word():
            return
