"""Atoms tested on many rows at once: a comparison of a whole column, packed to planes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.predicate import AttributeRef, Compare, OneOf, Operator, Present
from catalog.vocabulary import ValueType
from models.eligibility.circuit import Atom
from models.eligibility.encoding import Codec
from models.eligibility.planes import POSSIBLE, TRUE, WORD, Plane, Slot, pack

COMPARE: dict[Operator, np.ufunc] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Room:
    """Where columns are compared: two rows of bits, one for each row of the table."""

    bits: NDArray[np.bool_]
    more: NDArray[np.bool_]

    @classmethod
    def of(cls, words: int) -> Room:
        """Room for so many words of rows."""
        return cls(np.empty(words * WORD, dtype=np.bool_), np.empty(words * WORD, dtype=np.bool_))


PlaneTest = Callable[[Sequence[Slot], Room, Plane], None]
"""Fills the two planes of an atom."""


def plane_test(atom: Atom, codec: Codec) -> PlaneTest:
    """How one atom is tested."""
    slots = {name: slot for slot, name in enumerate(codec.names)}
    match atom:
        case Present(name):
            return _presence(slots[name])
        case OneOf(name, options):
            return _membership(slots[name], [_scalar(codec, name, option) for option in options])
        case Compare(name, op, AttributeRef(other)):
            return _pair(slots[name], COMPARE[op], slots[other])
        case Compare(name, op, value):
            return _comparison(slots[name], COMPARE[op], _scalar(codec, name, value))


def _scalar(codec: Codec, name: str, value: object) -> np.generic:
    """A value in the type of its column, so that comparing converts nothing."""
    number = codec.number(name, value)
    match codec.types[name]:
        case ValueType.BOOLEAN:
            return np.uint8(number)
        case ValueType.ENUM:
            return np.uint16(number)
        case ValueType.DATE:
            return np.int32(number - EPOCH)
        case ValueType.NUMBER:
            return np.float64(number)


def _settle(bits: NDArray[np.bool_], known: Plane, maybe: Plane, planes: Plane) -> None:
    np.bitwise_and(pack(bits), known, out=planes[TRUE])
    np.bitwise_or(planes[TRUE], maybe, out=planes[POSSIBLE])


def _comparison(slot: int, compare: np.ufunc, value: np.generic) -> PlaneTest:
    def test(slots: Sequence[Slot], room: Room, planes: Plane) -> None:
        read = slots[slot]
        compare(read.values, value, out=room.bits)
        _settle(room.bits, read.known, read.maybe, planes)

    return test


def _membership(slot: int, values: Sequence[np.generic]) -> PlaneTest:
    def test(slots: Sequence[Slot], room: Room, planes: Plane) -> None:
        read = slots[slot]
        np.equal(read.values, values[0], out=room.bits)
        for value in values[1:]:
            np.equal(read.values, value, out=room.more)
            np.logical_or(room.bits, room.more, out=room.bits)
        _settle(room.bits, read.known, read.maybe, planes)

    return test


def _pair(left: int, compare: np.ufunc, right: int) -> PlaneTest:
    def test(slots: Sequence[Slot], room: Room, planes: Plane) -> None:
        one, other = slots[left], slots[right]
        compare(one.values, other.values, out=room.bits)
        known = one.known & other.known
        # What either register denies is false, whatever the other says.
        maybe = (one.known | one.maybe) & (other.known | other.maybe) & ~known
        _settle(room.bits, known, maybe, planes)

    return test


def _presence(slot: int) -> PlaneTest:
    def test(slots: Sequence[Slot], room: Room, planes: Plane) -> None:
        planes[TRUE] = slots[slot].present
        planes[POSSIBLE] = slots[slot].perhaps_present

    return test
