"""Attribute values as numbers, in the order in which atoms find them.

A value is a float64: numbers as they are, booleans 0 and 1, dates as ordinals, enum words as codes, NaN
where there is none to compare. Beside it stands what is known: 0 the register says there is none, 1
unknown, 2 known; which is also the verdict of every comparison that cannot be made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from types import NoneType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.predicate import presence
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Value

UNSEEN = -1
"""Enum words that no condition mentions and no register allows have codes from here downwards."""
TYPE_ORDER = (ValueType.NUMBER, ValueType.BOOLEAN, ValueType.DATE, ValueType.ENUM)
"""Attributes of one type lie side by side, so that they are encoded together."""
PLAIN: dict[ValueType, frozenset[type]] = {
    ValueType.NUMBER: frozenset({int, float, NoneType}),
    ValueType.BOOLEAN: frozenset({bool, NoneType}),
    ValueType.DATE: frozenset({dt.date, NoneType}),
    ValueType.ENUM: frozenset({str, NoneType}),
}
"""What the values of each type may be; anything else is looked at one by one."""

Values = NDArray[np.float64]
Known = NDArray[np.int8]


class Encoded(NamedTuple):
    """One scope item's facts by slot: values, what is known of them, and of their presence."""

    values: Values
    known: Known
    present: Known


def unseen_code(word: str) -> float:
    """A code of its own for a word nobody expected: below every expected one, the same every time."""
    digest = hashlib.blake2b(word.encode(), digest_size=6).digest()
    return float(UNSEEN - int.from_bytes(digest, "big"))


@dataclass(frozen=True)
class Codec:
    """Which attributes are read, by type and then as given, and how each value becomes a number."""

    names: tuple[str, ...]
    types: Mapping[str, ValueType]
    words: Mapping[str, float]
    asked: frozenset[str]
    """The attributes whose presence is asked for."""
    absentable: frozenset[str]
    """The attributes that need not exist."""

    @cached_property
    def slots(self) -> dict[str, int]:
        """The place of each attribute."""
        return {name: slot for slot, name in enumerate(self.names)}

    @cached_property
    def _spans(self) -> list[tuple[ValueType, slice]]:
        counts = [sum(self.types[name] is kind for name in self.names) for kind in TYPE_ORDER]
        ends = list(accumulate(counts))
        return [(k, slice(end - n, end)) for k, n, end in zip(TYPE_ORDER, counts, ends, strict=True)]

    @cached_property
    def _asked(self) -> tuple[tuple[int, str], ...]:
        return tuple((self.slots[name], presence(name)) for name in sorted(self.asked))

    @cached_property
    def _absentable(self) -> tuple[int, ...]:
        return tuple(slot for slot, name in enumerate(self.names) if name in self.absentable)

    @cached_property
    def _codes(self) -> dict[str | None, float]:
        codes: dict[str | None, float] = {None: math.nan}
        codes.update(self.words)
        return codes

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

    def encode(self, facts: Mapping[str, Value]) -> Encoded:
        """The facts by slot. Raises ValueError for a value that is not of its attribute's type."""
        values, known = self.values_of(list(map(facts.get, self.names)))
        present = known.copy()
        for slot, name in self._asked:
            if facts.get(name) is True and known[slot] == 1:
                present[slot] = 2
        return Encoded(values, known, present)

    def values_of(self, told: list[Value | None]) -> tuple[Values, Known]:
        """What is told of the attributes in order as values, and what is known of them."""
        absent = [slot for slot in self._absentable if told[slot] is ABSENT]
        for slot in absent:
            told[slot] = None
        values = self._at_once(told)
        if values is None:
            absent += [slot for slot, value in enumerate(told) if value is ABSENT]
            values = self._one_by_one(told)
        known = (values == values).view(np.int8)  # noqa: PLR0124 - NaN alone differs from itself
        known += 1
        known[absent] = 0
        return values, known

    def _at_once(self, told: Sequence[Value | None]) -> Values | None:
        """All values at a stroke; None where some are not plainly what they should be."""
        numbers: list[Any] = []
        for kind, span in self._spans:
            part: Sequence[Any] = told[span]
            if not PLAIN[kind].issuperset(map(type, part)):
                return None
            if kind is ValueType.DATE:
                part = [None if day is None else day.toordinal() for day in part]
            elif kind is ValueType.ENUM:
                part = list(map(self._codes.get, part))
                if None in part:
                    return None
            numbers += part
        values = np.array(numbers, dtype=np.float64)
        first, last = self._spans[0][1].start, self._spans[0][1].stop
        plain = np.count_nonzero(np.isfinite(values[first:last]))
        return values if plain == last - first - told[first:last].count(None) else None

    def _one_by_one(self, told: Sequence[Value | None]) -> Values:
        pairs = zip(self.names, told, strict=True)
        untold = (None, ABSENT)
        return np.array([math.nan if value in untold else self.number(name, value) for name, value in pairs])
