"""Atoms tested on many rows at once, all comparisons of one column and operator together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.predicate import AttributeRef, Compare, OneOf, Operator, Present
from catalog.vocabulary import ValueType
from models.eligibility.circuit import Atom
from models.eligibility.encoding import Codec
from models.eligibility.planes import POSSIBLE, TRUE, Column, Plane, Slot, pack

COMPARE: dict[Operator, np.ufunc] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
EPOCH = dt.date(1970, 1, 1).toordinal()
DTYPES: dict[ValueType, type[np.generic]] = {
    ValueType.BOOLEAN: np.uint8,
    ValueType.ENUM: np.uint16,
    ValueType.DATE: np.int32,
    ValueType.NUMBER: np.float64,
}
"""The types that columns are compared in; constants have them too, so that comparing converts nothing."""

SimpleAtom = Compare | Present
Bits = NDArray[np.bool_]
Planes = NDArray[np.uint64]
"""Verdicts by row; of each the planes TRUE and POSSIBLE; of each plane its words."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Comparisons of one column with several constants; their verdicts follow one another."""

    slot: int
    compare: np.ufunc
    constants: Column
    first: int

    @property
    def atoms(self) -> int:
        """How many atoms are tested together."""
        return len(self.constants)

    def test(self, slots: Sequence[Slot], out: Planes, room: Bits) -> None:
        """Fill the planes of these atoms."""
        read = slots[self.slot]
        holds = room[: self.atoms, : len(read.values)]
        self.compare(read.values, self.constants[:, None], out=holds)
        settle(holds, read.known, read.maybe, out[self.first : self.first + self.atoms])


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison of two columns."""

    left: int
    compare: np.ufunc
    right: int
    first: int
    atoms: int = 1

    def test(self, slots: Sequence[Slot], out: Planes, room: Bits) -> None:
        """Fill the planes of this atom."""
        left, right = slots[self.left], slots[self.right]
        known = left.known & right.known
        # What either register denies is false, whatever the other says.
        maybe = (left.known | left.maybe) & (right.known | right.maybe) & ~known
        holds = self.compare(left.values, right.values)
        settle(holds[None, :], known, maybe, out[self.first : self.first + 1])


@dataclass(frozen=True, slots=True)
class Presence:
    """A question to a register whether there is a value."""

    slot: int
    first: int
    atoms: int = 1

    def test(self, slots: Sequence[Slot], out: Planes, room: Bits) -> None:
        """Fill the planes of this atom."""
        out[self.first, TRUE] = slots[self.slot].present
        out[self.first, POSSIBLE] = slots[self.slot].perhaps_present


PlaneTest = Comparisons | Pair | Presence


def settle(holds: Bits, known: Plane, maybe: Plane, out: Planes) -> None:
    """Planes of comparisons: true where known to hold, possible there and where nothing is known."""
    np.bitwise_and(pack(holds), known, out=out[:, TRUE])
    np.bitwise_or(out[:, TRUE], maybe, out=out[:, POSSIBLE])


def simple_atoms(atom: Atom) -> tuple[SimpleAtom, ...]:
    """An atom, or the equalities any of which makes a membership hold."""
    if isinstance(atom, OneOf):
        return tuple(Compare(atom.attribute, "=", value) for value in atom.values)
    return (atom,)


def plane_tests(
    atoms: Iterable[SimpleAtom], codec: Codec
) -> tuple[tuple[PlaneTest, ...], Mapping[SimpleAtom, int]]:
    """The tests of some atoms, and the row that each atom's planes are found in."""
    slots = {name: slot for slot, name in enumerate(codec.names)}
    groups: dict[tuple[int, Operator], list[Compare]] = {}
    alone: list[SimpleAtom] = []
    for atom in dict.fromkeys(atoms):
        if isinstance(atom, Compare) and not isinstance(atom.value, AttributeRef):
            groups.setdefault((slots[atom.attribute], atom.op), []).append(atom)
        else:
            alone.append(atom)
    tests: list[PlaneTest] = []
    rows: dict[SimpleAtom, int] = {}
    for (slot, op), members in sorted(groups.items()):
        kind = codec.types[codec.names[slot]]
        constants = np.array([_constant(codec, atom) for atom in members], dtype=DTYPES[kind])
        tests.append(Comparisons(slot, COMPARE[op], constants, len(rows)))
        rows.update({atom: len(rows) + place for place, atom in enumerate(members)})
    for atom in alone:
        tests.append(_alone(atom, slots, len(rows)))
        rows[atom] = len(rows)
    return tuple(tests), rows


def _alone(atom: SimpleAtom, slots: Mapping[str, int], row: int) -> PlaneTest:
    match atom:
        case Compare(name, op, AttributeRef(other)):
            return Pair(slots[name], COMPARE[op], slots[other], row)
        case _:
            return Presence(slots[atom.attribute], row)


def _constant(codec: Codec, atom: Compare) -> float:
    """A constant as its column is compared: dates count from 1970 there."""
    number = codec.number(atom.attribute, atom.value)
    return number - EPOCH if codec.types[atom.attribute] is ValueType.DATE else number
