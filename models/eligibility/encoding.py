"""Attribute values as numbers, and atoms as a few whole-array tests over them.

A value is a float64: numbers as they are, booleans 0 and 1, dates as ordinals, enum words as codes.
Beside it stands what is known: 0 the register says there is none, 1 unknown, 2 known; which is also
the verdict of every comparison that cannot be made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.predicate import presence
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Value
from models.eligibility.circuit import Verdicts, Wires

UNSEEN = -1
"""Enum words that no condition mentions and no register allows have codes from here downwards."""

Values = NDArray[np.float64]
Known = NDArray[np.int8]


def unseen_code(word: str) -> float:
    """A code of its own for a word nobody expected: below every expected one, the same every time."""
    digest = hashlib.blake2b(word.encode(), digest_size=6).digest()
    return float(UNSEEN - int.from_bytes(digest, "big"))


@dataclass(frozen=True, slots=True)
class Codec:
    """Which attributes are read, in which order, and how each value becomes a number."""

    names: tuple[str, ...]
    types: Mapping[str, ValueType]
    words: Mapping[str, float]

    def number(self, attribute: str, value: object) -> float:
        """One value as a number. Raises ValueError when it is not of the attribute's type."""
        match self.types[attribute], value:
            case ValueType.ENUM, str():
                code = self.words.get(value)
                return unseen_code(value) if code is None else code
            case ValueType.DATE, dt.datetime():
                pass
            case ValueType.DATE, dt.date():
                return float(value.toordinal())
            case ValueType.DATE, str():
                return float(dt.date.fromisoformat(value).toordinal())
            case ValueType.BOOLEAN, bool():
                return float(value)
            case ValueType.NUMBER, int() | float() if not isinstance(value, bool) and math.isfinite(value):
                return float(value)
        raise ValueError(f"{attribute} is a {self.types[attribute]}, but its value is {value!r}")

    def encode(self, facts: Mapping[str, Value]) -> tuple[Values, Known, Known]:
        """Values (NaN where there is none to compare), what is known of them, and of their presence."""
        values = np.full(len(self.names), np.nan)
        known = np.ones(len(self.names), dtype=np.int8)
        present = np.ones(len(self.names), dtype=np.int8)
        for slot, name in enumerate(self.names):
            value = facts.get(name)
            if value is ABSENT:
                known[slot] = present[slot] = 0
            elif value is not None:
                values[slot] = self.number(name, value)
                known[slot] = present[slot] = 2
            elif facts.get(presence(name)) is True:
                present[slot] = 2
        return values, known, present


@dataclass(frozen=True, slots=True)
class Ranges:
    """Atoms that hold while a value lies in a closed range (outside it, where `outside`)."""

    slots: Wires
    lowest: Values
    highest: Values
    outside: NDArray[np.bool_]

    def test(self, values: Values, known: Known, present: Known) -> Verdicts:
        """The verdict of each atom."""
        read = values[self.slots]
        holds = ((read >= self.lowest) & (read <= self.highest)) ^ self.outside
        return _verdicts(holds, known[self.slots])


@dataclass(frozen=True, slots=True)
class Memberships:
    """Atoms that hold while an enum's word is one of several: a row of `members` each, by code."""

    slots: Wires
    members: NDArray[np.bool_]

    def test(self, values: Values, known: Known, present: Known) -> Verdicts:
        """The verdict of each atom."""
        seen = known[self.slots]
        codes = np.where(seen == 2, np.maximum(values[self.slots], UNSEEN), UNSEEN).astype(np.intp)
        return _verdicts(self.members[np.arange(len(self.slots)), codes], seen)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Atoms that compare two attributes: which of below, equal, above makes them hold."""

    left: Wires
    right: Wires
    accepts: NDArray[np.bool_]

    def test(self, values: Values, known: Known, present: Known) -> Verdicts:
        """The verdict of each atom."""
        left, right = values[self.left], values[self.right]
        below, equal, above = self.accepts
        holds = (below & (left < right)) | (equal & (left == right)) | (above & (left > right))
        return _verdicts(holds, np.minimum(known[self.left], known[self.right]))


@dataclass(frozen=True, slots=True)
class Presences:
    """Atoms that ask the register whether there is a value at all."""

    slots: Wires

    def test(self, values: Values, known: Known, present: Known) -> Verdicts:
        """The verdict of each atom."""
        return present[self.slots]


def _verdicts(holds: NDArray[np.bool_], known: Known) -> Verdicts:
    """A comparison that can be made says yes or no; one that cannot says what is known."""
    return np.where(known == 2, holds.view(np.int8) * np.int8(2), known)


AtomTests = Ranges | Memberships | Pairs | Presences
