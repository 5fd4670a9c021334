"""Small changes to a condition that leave it well-formed: other thresholds, values, attributes."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

from catalog.attribute import Attribute
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
from catalog.vocabulary import ValueType

SWAPPED = 0.35
"""How often an attribute gives way to one of its kind."""
MOVED = 0.6
"""How often a threshold moves."""
_NEAR: dict[Operator, tuple[Operator, ...]] = {
    ">=": (">=", ">"),
    ">": (">", ">="),
    "<=": ("<=", "<"),
    "<": ("<", "<="),
}


class Kindred:
    """Attributes that can stand for one another: of one subject, scope, type, unit and set of values."""

    def __init__(self, attributes: Mapping[str, Attribute]) -> None:
        self._attributes = attributes
        self._kin: dict[tuple[object, ...], list[str]] = {}
        for attribute in attributes.values():
            self._kin.setdefault(self._kind(attribute), []).append(attribute.name)
        self._present: dict[tuple[str, str], list[str]] = {}
        for attribute in attributes.values():
            if attribute.optional:
                self._present.setdefault((attribute.subject, attribute.scope), []).append(attribute.name)

    @staticmethod
    def _kind(attribute: Attribute) -> tuple[object, ...]:
        return attribute.subject, attribute.scope, attribute.type, attribute.unit, attribute.allowed

    def of(self, name: str) -> Sequence[str]:
        """The attributes a name can give way to, itself among them."""
        return self._kin[self._kind(self._attributes[name])] if name in self._attributes else [name]

    def present(self, name: str) -> Sequence[str]:
        """The attributes whose presence can be asked for instead."""
        attribute = self._attributes[name]
        return self._present[attribute.subject, attribute.scope]

    def type_of(self, name: str) -> ValueType:
        """The type of an attribute."""
        return self._attributes[name].type

    def allowed(self, name: str) -> tuple[str, ...]:
        """The values an enum can take."""
        return self._attributes[name].allowed


def perturbed(  # noqa: PLR0911 - one return a kind of predicate
    predicate: Predicate, kindred: Kindred, generator: random.Random
) -> Predicate:
    """The condition with some of its atoms changed; its shape stays."""
    match predicate:
        case And(terms):
            return And(tuple(perturbed(term, kindred, generator) for term in terms))
        case Or(terms):
            return Or(tuple(perturbed(term, kindred, generator) for term in terms))
        case Not(term):
            return Not(perturbed(term, kindred, generator))
        case Present(attribute):
            return Present(_swapped(attribute, kindred.present(attribute), generator))
        case OneOf(attribute, values):
            chosen = _swapped(attribute, kindred.of(attribute), generator)
            return OneOf(chosen, _subset(values, kindred.allowed(chosen), generator))
        case Compare():
            return _compare(predicate, kindred, generator)
        case Constant():
            return predicate


def _compare(compare: Compare, kindred: Kindred, generator: random.Random) -> Compare:
    attribute = _swapped(compare.attribute, kindred.of(compare.attribute), generator)
    match compare.value:
        case AttributeRef():
            return compare
        case bool(value):
            return Compare(attribute, compare.op, value if generator.random() < 0.9 else not value)
        case str(word):
            if kindred.type_of(attribute) is ValueType.DATE:
                return compare
            return Compare(attribute, compare.op, generator.choice((word, *kindred.allowed(attribute))))
        case number:
            op = generator.choice(_NEAR.get(compare.op, (compare.op,)))
            return Compare(attribute, op, _moved(float(number), generator))


def _swapped(name: str, kin: Sequence[str], generator: random.Random) -> str:
    return generator.choice(kin) if generator.random() < SWAPPED else name


def _subset(values: tuple[str, ...], allowed: tuple[str, ...], generator: random.Random) -> tuple[str, ...]:
    if generator.random() >= MOVED:
        return values
    size = generator.randint(1, max(1, len(allowed) - 1))
    return tuple(sorted(generator.sample(allowed, size)))


def _moved(value: float, generator: random.Random) -> float:
    """Another threshold of the same size, rounded as a lawmaker would round it."""
    if value == 0 or generator.random() >= MOVED:
        return value
    moved = value * generator.choice((0.5, 0.6, 0.75, 0.8, 0.9, 1.1, 1.2, 1.25, 1.5, 2.0))
    digits = 1 - math.floor(math.log10(abs(moved)))
    rounded = round(moved, digits)
    whole = value.is_integer() and abs(value) >= 2
    return float(max(1, round(rounded))) if whole else rounded
