"""A column on the scale of the constants it is compared with, its places written in binary, bit by bit.

Numbers fall between the constants or on one of them. Constants c1 < c2 < ... < cm leave 2m + 1 places:
below c1, on c1, between c1 and c2, ... above cm. A place takes few bits, and the bits of many rows lie in
planes, so that comparing 64 rows with one constant is a few word operations, whatever the column's type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.predicate import Operator
from models.eligibility.planes import Column, Plane, pack

Places = NDArray[np.unsignedinteger]
WIDEST = 1 << 18
"""Whole numbers in a range up to this are looked up; others are searched for among the constants."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What holds of a place: that it is below a limit, or exactly there; or the opposite."""

    place: int
    exact: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """The distinct constants in rising order, and the place of each whole number from `lowest` on."""

    constants: NDArray[np.float64]
    lowest: int
    table: Places | None
    """None where the constants are too far apart."""
    bits: int

    @classmethod
    def of(cls, constants: Iterable[float]) -> Scale:
        """The scale of at least one constant."""
        distinct = np.unique(np.asarray(list(constants), dtype=np.float64))
        lowest, highest = float(np.floor(distinct[0])) - 1, float(np.ceil(distinct[-1])) + 1
        bits = (2 * len(distinct)).bit_length()
        if highest - lowest >= WIDEST or max(-lowest, highest) >= np.iinfo(np.int32).max:
            return cls(distinct, 0, None, bits)
        whole = np.arange(lowest, highest + 1)
        return cls(distinct, int(lowest), _places(distinct, whole), bits)

    def mark(self, op: Operator, constant: float) -> Mark:
        """What a comparison with one of the constants asks of a place."""
        on = 2 * int(np.searchsorted(self.constants, constant)) + 1
        match op:
            case "=" | "!=":
                return Mark(on, exact=True, negated=op == "!=")
            case "<" | ">=":
                return Mark(on, exact=False, negated=op == ">=")
            case "<=" | ">":
                return Mark(on + 1, exact=False, negated=op == ">")

    def digits(self, values: Column) -> Digits:
        """The places of some rows."""
        places = self._looked_up(values)
        planes = [pack(places & places.dtype.type(1 << bit)) for bit in range(self.bits)]
        return Digits(tuple(planes), tuple(~plane for plane in planes))

    def _looked_up(self, values: Column) -> Places:
        """The place of each value. Whatever lies beyond the outermost constants is in the outermost place."""
        if self.table is None or (values.dtype.kind == "f" and not _whole(values)):
            return _places(self.constants, values)
        last = self.lowest + len(self.table) - 1
        signed = values if values.dtype.kind == "f" else values.astype(np.int32, copy=False)
        nearest = np.clip(signed, self.lowest, last).astype(np.int32, copy=False)
        places: Places = self.table.take(nearest - np.int32(self.lowest))
        return places


@dataclass(frozen=True, slots=True)
class Digits:
    """The binary digits of many places, the lowest first: a plane each, and its opposite."""

    ones: tuple[Plane, ...]
    noughts: tuple[Plane, ...]

    def holds(self, mark: Mark) -> Plane:
        """Where the mark holds."""
        found = self._equal(mark.place) if mark.exact else self._below(mark.place)
        return np.invert(found, out=found) if mark.negated else found

    def _equal(self, place: int) -> Plane:
        found = self._digit(place, 0).copy()
        for bit in range(1, len(self.ones)):
            np.bitwise_and(found, self._digit(place, bit), out=found)
        return found

    def _digit(self, place: int, bit: int) -> Plane:
        return self.ones[bit] if place >> bit & 1 else self.noughts[bit]

    def _below(self, limit: int) -> Plane:
        """From the lowest digit up: a higher one decides, unless it is the limit's own."""
        lowest = (limit & -limit).bit_length() - 1
        found = self.noughts[lowest].copy()
        for bit in range(lowest + 1, len(self.ones)):
            join = np.bitwise_or if limit >> bit & 1 else np.bitwise_and
            join(found, self.noughts[bit], out=found)
        return found


def _places(constants: NDArray[np.float64], values: Column) -> Places:
    """Twice the constants below each value, and one more where it is on a constant."""
    kind = np.uint8 if 2 * len(constants) < 256 else np.uint16 if 2 * len(constants) < 65_536 else np.uint32
    below = constants.searchsorted(values, side="left")
    on = np.append(constants, np.nan).take(below) == values
    places: Places = (2 * below).astype(kind) + on
    return places


def _whole(values: Column) -> bool:
    return bool((np.rint(values) == values).all())
