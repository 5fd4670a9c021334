"""Whether a condition can hold at all: sound reasoning, bound by bound, over its ways to hold.

What is called unsatisfiable is so; what is not may still be. Comparisons between two attributes are
taken as free, and a condition with more ways to hold than `MOST_WAYS` is not judged.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

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

MOST_WAYS: Final = 512
_OPPOSITE: Final[dict[Operator, Operator]] = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}

Atom = Compare | OneOf | Present
Literal_ = tuple[Atom, bool]
"""An atom, and whether it is to hold or to fail."""


def unsatisfiable(predicate: Predicate, attributes: Mapping[str, Attribute]) -> bool:
    """True when no values of the attributes can make the condition hold."""
    ways = _ways(predicate, wanted=True)
    return ways is not None and not any(_possible(way, attributes) for way in ways)


def always_true(predicate: Predicate, attributes: Mapping[str, Attribute]) -> bool:
    """True when no values of the attributes can make the condition fail."""
    return unsatisfiable(Not(predicate), attributes)


def _ways(predicate: Predicate, *, wanted: bool) -> list[tuple[Literal_, ...]] | None:
    """The condition as alternatives of literals; None when there are too many of them."""
    match predicate:
        case Constant(value):
            return [()] if value == wanted else []
        case Not(term):
            return _ways(term, wanted=not wanted)
        case And(terms) | Or(terms):
            parts = [_ways(term, wanted=wanted) for term in terms]
            known = [part for part in parts if part is not None]
            if len(known) < len(parts):
                return None
            if isinstance(predicate, And) == wanted:
                return _together(known)
            return _bounded([way for part in known for way in part])
        case Compare() | OneOf() | Present():
            return [((predicate, wanted),)]


def _together(parts: Iterable[list[tuple[Literal_, ...]]]) -> list[tuple[Literal_, ...]] | None:
    ways: list[tuple[Literal_, ...]] = [()]
    for part in parts:
        if len(ways) * len(part) > MOST_WAYS:
            return None
        ways = [(*left, *right) for left, right in product(ways, part)]
    return ways


def _bounded(ways: list[tuple[Literal_, ...]]) -> list[tuple[Literal_, ...]] | None:
    return ways if len(ways) <= MOST_WAYS else None


def _possible(way: Iterable[Literal_], attributes: Mapping[str, Attribute]) -> bool:
    """Whether every attribute, by itself, is left a value (or its absence)."""
    rooms: dict[str, _Room] = {}
    # What must hold comes first: it settles that the attribute exists before a failure is weighed.
    for atom, holds in sorted(way, key=lambda literal: not (literal[1] or isinstance(literal[0], Present))):
        room = rooms.setdefault(atom.attribute, _Room.of(attributes.get(atom.attribute)))
        room.narrow(atom, holds)
    return all(room.has_place() for room in rooms.values())


@dataclass(slots=True)
class _Room:
    """What is left of one attribute's values, and whether it may be absent."""

    words: set[bool | str] | None = None
    """The values left to a yes-or-no or an enum; None for numbers and dates."""
    low: float = -math.inf
    high: float = math.inf
    excluded: set[float] = field(default_factory=set)
    """Points that are out, an open bound's own among them."""
    present: bool = True
    absent: bool = False

    @classmethod
    def of(cls, attribute: Attribute | None) -> _Room:
        """All of an attribute's values; a parameter is a number that exists."""
        if attribute is None:
            return cls()
        words: set[bool | str] | None = set(attribute.allowed) or None
        if attribute.type is ValueType.BOOLEAN:
            words = {True, False}
        return cls(words=words, absent=attribute.optional)

    def narrow(self, atom: Atom, holds: bool) -> None:
        """Keep what a literal allows. A comparison on what is absent fails, so it may stay absent."""
        if isinstance(atom, Present):
            self.present, self.absent = self.present and holds, self.absent and not holds
            return
        if holds:
            self.absent = False
        elif self.absent:
            return
        if self.words is not None:
            named = _named(atom)
            self.words = self.words & named if holds == _includes(atom) else self.words - named
        elif isinstance(atom, Compare) and not isinstance(atom.value, AttributeRef):
            self._bound(atom.op if holds else _OPPOSITE[atom.op], _position(atom.value))

    def _bound(self, op: Operator, value: float) -> None:
        if op in ("=", ">=", ">"):
            self.low = max(self.low, value)
        if op in ("=", "<=", "<"):
            self.high = min(self.high, value)
        if op in ("!=", ">", "<"):
            self.excluded.add(value)

    def has_place(self) -> bool:
        """Whether absence, or some value, is left."""
        if self.absent:
            return True
        if not self.present or self.words == set() or self.low > self.high:
            return False
        return self.low < self.high or self.low not in self.excluded


def _named(atom: Compare | OneOf) -> set[bool | str]:
    """The values an atom on a yes-or-no or an enum names."""
    if isinstance(atom, OneOf):
        return set(atom.values)
    return {atom.value} if isinstance(atom.value, bool | str) else set()


def _includes(atom: Compare | OneOf) -> bool:
    """Whether the atom asks for the values it names, or for any other."""
    return isinstance(atom, OneOf) or atom.op == "="


def _position(value: bool | float | str) -> float:
    """A number or a day as a point on a line."""
    return float(dt.date.fromisoformat(value).toordinal()) if isinstance(value, str) else float(value)
