"""Conditions as trees: the small SQL subset of the catalogue, parsed once.

A condition has three values. A comparison on an attribute that a register says does not exist
(`has_x` is false) is false; on an attribute nobody has told us, unknown. `Present(x)` is what
`x IS NOT NULL` is rewritten to: a question to the register, not a test for an empty cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

Operator = Literal["=", "!=", "<", "<=", ">", ">="]


class AttributeRef(msgspec.Struct, frozen=True, tag="attribute"):
    """The right-hand side of a comparison between two attributes (or with a `param_*`)."""

    name: str


class Compare(msgspec.Struct, frozen=True, tag="compare"):
    """`attribute op value`; a date is compared as an ISO-8601 string."""

    attribute: str
    op: Operator
    value: bool | float | str | AttributeRef


class OneOf(msgspec.Struct, frozen=True, tag="one_of"):
    """`attribute IN (values)`; NOT IN is `Not(OneOf(...))`."""

    attribute: str
    values: tuple[str, ...]


class Present(msgspec.Struct, frozen=True, tag="present"):
    """`attribute IS NOT NULL`, read from the presence attribute `has_<attribute>`."""

    attribute: str


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """`TRUE` or `FALSE`."""

    value: bool


class And(msgspec.Struct, frozen=True, tag="and"):
    """All terms hold."""

    terms: tuple[Predicate, ...]


class Or(msgspec.Struct, frozen=True, tag="or"):
    """At least one term holds."""

    terms: tuple[Predicate, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The term does not hold."""

    term: Predicate


Predicate = Compare | OneOf | Present | Constant | And | Or | Not


def presence(attribute: str) -> str:
    """The presence attribute that says whether `attribute` exists for a scope item."""
    return f"has_{attribute}"


def attributes_of(predicate: Predicate) -> Iterator[str]:
    """Every attribute (and `param_*`) a predicate reads, in order, with repeats."""
    match predicate:
        case Compare(attribute, _, value):
            yield attribute
            if isinstance(value, AttributeRef):
                yield value.name
        case OneOf(attribute, _) | Present(attribute):
            yield attribute
        case And(terms) | Or(terms):
            for term in terms:
                yield from attributes_of(term)
        case Not(term):
            yield from attributes_of(term)
        case Constant():
            return


def denied(predicate: Predicate) -> Iterator[str]:
    """The boolean attributes that a predicate demands to be false, in order, with repeats."""
    match predicate:
        case Compare(attribute, "=", False) | Not(Compare(attribute, "=", True)):
            yield attribute
        case And(terms):
            for term in terms:
                yield from denied(term)
        case _:
            return
