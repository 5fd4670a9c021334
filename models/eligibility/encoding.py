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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.predicate import presence
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Absence, Value

UNSEEN = -1
"""Enum words that no condition mentions and no register allows have codes from here downwards."""
TYPE_ORDER = (ValueType.NUMBER, ValueType.BOOLEAN, ValueType.DATE, ValueType.ENUM)
"""Attributes of one type lie side by side, so that they are encoded together."""
PLAIN: dict[ValueType, frozenset[type]] = {
    ValueType.NUMBER: frozenset({int, float, NoneType, Absence}),
    ValueType.BOOLEAN: frozenset({bool, NoneType, Absence}),
    ValueType.DATE: frozenset({dt.date, NoneType, Absence}),
    ValueType.ENUM: frozenset({str, NoneType, Absence}),
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
    def _codes(self) -> dict[str | Absence | None, float]:
        codes: dict[str | Absence | None, float] = {ABSENT: math.nan, None: math.nan}
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

    def values_of(self, told: Sequence[Value | None]) -> tuple[Values, Known]:
        """What is told of the attributes in order as values, and what is known of them."""
        values = np.array(self._numbers(told), dtype=np.float64)
        finite = np.isfinite(values)
        absent = [slot for slot, value in enumerate(told) if value is ABSENT] if ABSENT in told else []
        if int(np.count_nonzero(finite)) != len(told) - told.count(None) - len(absent):
            values = self._one_by_one(told)
            finite = np.isfinite(values)
        known = finite.view(np.int8)
        known += 1
        known[absent] = 0
        return values, known

    def _numbers(self, told: Sequence[Value | None]) -> list[float | None]:
        """Numbers, booleans and dates at a stroke, provided they are what they should be."""
        numbers: list[float | None] = []
        for kind, span in self._spans:
            part = told[span]
            if not PLAIN[kind].issuperset(map(type, part)):
                return list(self._one_by_one(told))
            match kind:
                case ValueType.DATE:
                    numbers += [v.toordinal() if isinstance(v, dt.date) else None for v in part]
                case ValueType.ENUM:
                    numbers += map(self._codes.get, part)  # type: ignore[arg-type]
                case _:
                    numbers += [None if v is ABSENT else v for v in part]  # type: ignore[misc]
        return numbers

    def _one_by_one(self, told: Sequence[Value | None]) -> Values:
        return np.array(
            [
                math.nan if value is None or value is ABSENT else self.number(name, value)
                for name, value in zip(self.names, told, strict=True)
            ]
        )
