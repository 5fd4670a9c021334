"""Conditions and anchors held against the attribute register: every misuse is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.attribute import Attribute, Parameter
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from catalog.vocabulary import Scope, SubjectKind, ValueType

Misuse = tuple[str, str]
"""What is wrong, and the remedy."""


@dataclass(frozen=True, slots=True)
class Register:
    """What rules may read."""

    attributes: Mapping[str, Attribute]
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose rule it is: it may read its own scope item and that item's owner."""

    subject: SubjectKind
    scope: Scope

    def may_read(self, attribute: Attribute) -> bool:
        """Whether the attribute belongs to this reader's scope item or its owner."""
        return attribute.subject == self.subject and attribute.scope in (self.scope, Scope.SELF)


def misuses(predicate: Predicate, register: Register, reader: Reader) -> Iterator[Misuse]:
    """All that is wrong with a condition's use of attributes."""
    match predicate:
        case And(terms) | Or(terms):
            for term in terms:
                yield from misuses(term, register, reader)
        case Not(term):
            yield from misuses(term, register, reader)
        case Compare(name):
            yield from _readable(name, register, reader)
            if name in register.attributes:
                yield from _comparison(predicate, register, reader)
        case OneOf(name, values):
            yield from _readable(name, register, reader)
            if name in register.attributes:
                for value in values:
                    yield from _word(register.attributes[name], value)
        case Present(name):
            yield from _readable(name, register, reader)
            if name in register.attributes and not register.attributes[name].optional:
                yield (
                    f"the rule asks whether `{name}` exists, which the register does not say",
                    f"mark `{name}` with `optional: true` or drop the test",
                )
        case Constant():
            return


def anchor_misuses(name: str, register: Register, reader: Reader) -> Iterator[Misuse]:
    """All that is wrong with a deadline's anchor."""
    yield from _readable(name, register, reader)
    if name in register.attributes and register.attributes[name].type is not ValueType.DATE:
        yield f"the deadline counts from `{name}`, which is no date", "anchor it to a date attribute"


def _readable(name: str, register: Register, reader: Reader) -> Iterator[Misuse]:
    if name not in register.attributes:
        yield f"unknown attribute `{name}`", "register it under attributes/ or correct its name"
        return
    attribute = register.attributes[name]
    if not reader.may_read(attribute):
        yield (
            f"a rule of {reader.subject}/{reader.scope} reads `{name}`, "
            f"which belongs to {attribute.subject}/{attribute.scope}",
            f"read only {reader.scope} and self attributes of the {reader.subject}, or split the attribute",
        )


def _comparison(compare: Compare, register: Register, reader: Reader) -> Iterator[Misuse]:
    attribute = register.attributes[compare.attribute]
    value = compare.value
    ordered = compare.op not in ("=", "!=")
    if ordered and attribute.type in (ValueType.BOOLEAN, ValueType.ENUM):
        yield f"`{compare.op}` puts the {attribute.type} `{attribute.name}` in order", "compare it by = or !="
    if isinstance(value, AttributeRef):
        yield from _other_side(attribute, value.name, register, reader)
    elif isinstance(value, bool):
        yield from _typed(attribute, ValueType.BOOLEAN, "TRUE or FALSE")
    elif isinstance(value, str):
        yield from _word(attribute, value)
    else:
        yield from _typed(attribute, ValueType.NUMBER, "a number")


def _other_side(attribute: Attribute, other: str, register: Register, reader: Reader) -> Iterator[Misuse]:
    if other in register.parameters:
        yield from _typed(attribute, ValueType.NUMBER, f"the parameter `{other}`")
        return
    yield from _readable(other, register, reader)
    if other not in register.attributes:
        return
    kind = register.attributes[other].type
    if kind is not attribute.type or kind in (ValueType.BOOLEAN, ValueType.ENUM):
        yield (
            f"type mismatch: {attribute.type} `{attribute.name}` is compared with {kind} `{other}`",
            "compare two numbers or two dates",
        )


def _typed(attribute: Attribute, kind: ValueType, given: str) -> Iterator[Misuse]:
    if attribute.type is not kind:
        yield (
            f"type mismatch: {attribute.type} `{attribute.name}` is compared with {given}",
            f"compare it with a value of type {attribute.type}",
        )


def _word(attribute: Attribute, value: str) -> Iterator[Misuse]:
    if attribute.type is ValueType.DATE:
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            yield f"`{value}` is an impossible date", "write an existing day as 'YYYY-MM-DD'"
    elif attribute.type is not ValueType.ENUM:
        yield from _typed(attribute, ValueType.ENUM, f"the word '{value}'")
    elif value not in attribute.allowed:
        yield (
            f"`{attribute.name}` has no value '{value}'",
            f"use one of {', '.join(attribute.allowed)}, or add the value to the register",
        )
