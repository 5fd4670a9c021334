"""Atoms tested on one scope item: a few whole-array tests over its encoded facts.

A comparison that can be made keeps or loses its 2; one that cannot keeps what is known, 0 or 1. So every
test multiplies what is known by whether the comparison does not fail, and NaN fails nothing. Tests of one
kind can be moved to other slots and joined end to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.eligibility.circuit import Verdicts, Wires
from models.eligibility.encoding import Encoded, Values

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranges:
    """Atoms that hold while a value lies in a closed range."""

    slots: Wires
    lowest: Values
    highest: Values

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        read = facts.values.take(self.slots)
        fails = read < self.lowest
        fails |= read > self.highest
        return _unless(fails, facts.known.take(self.slots))

    def moved(self, slots: Wires) -> Ranges:
        """The same atoms read from other slots."""
        return replace(self, slots=slots[self.slots])

    @staticmethod
    def joined(tests: Sequence[Ranges]) -> Ranges:
        """Tests end to end."""
        return Ranges(
            np.concatenate([test.slots for test in tests]),
            np.concatenate([test.lowest for test in tests]),
            np.concatenate([test.highest for test in tests]),
        )


@dataclass(frozen=True, slots=True)
class Differences:
    """Atoms that hold while a value is not one certain value."""

    slots: Wires
    constants: Values

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        return _unless(facts.values.take(self.slots) == self.constants, facts.known.take(self.slots))

    def moved(self, slots: Wires) -> Differences:
        """The same atoms read from other slots."""
        return replace(self, slots=slots[self.slots])

    @staticmethod
    def joined(tests: Sequence[Differences]) -> Differences:
        """Tests end to end."""
        return Differences(
            np.concatenate([test.slots for test in tests]), np.concatenate([test.constants for test in tests])
        )


@dataclass(frozen=True, slots=True)
class Memberships:
    """Atoms that hold while an enum's word is one of several.

    `fails` has a row an atom, and in each a place for every word, one for unexpected words, and one for
    no word at all.
    """

    slots: Wires
    fails: Bools
    enums: Wires
    """The slots without repeats."""
    places: Wires
    """By atom, which of them it reads, and the start of its row: so that `fails` is read at once."""
    rows: Wires

    @classmethod
    def of(cls, slots: Wires, fails: Bools) -> Memberships:
        """The test of atoms that read some slots and fail at some words."""
        enums, places = np.unique(slots, return_inverse=True)
        rows = np.arange(len(slots), dtype=np.intp) * fails.shape[1]
        return cls(slots, fails, enums, places.astype(np.intp), rows)

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        unexpected = self.fails.shape[1] - 2
        codes = facts.values.take(self.enums)
        codes[codes < 0] = unexpected
        codes[np.isnan(codes)] = unexpected + 1
        at = codes.astype(np.intp).take(self.places)
        at += self.rows
        return _unless(self.fails.take(at), facts.known.take(self.slots))

    def moved(self, slots: Wires) -> Memberships:
        """The same atoms read from other slots."""
        return Memberships.of(slots[self.slots], self.fails)

    @staticmethod
    def joined(tests: Sequence[Memberships]) -> Memberships:
        """Tests end to end; they must know the same words."""
        slots = np.concatenate([test.slots for test in tests])
        return Memberships.of(slots, np.concatenate([test.fails for test in tests]))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Atoms that compare two attributes: which of below, equal, above makes them fail."""

    slots: Wires
    right: Wires
    fails: Bools

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        left, right = facts.values.take(self.slots), facts.values.take(self.right)
        below, equal, above = self.fails
        fails = (below & (left < right)) | (equal & (left == right)) | (above & (left > right))
        return _unless(fails, np.minimum(facts.known.take(self.slots), facts.known.take(self.right)))

    def moved(self, slots: Wires) -> Pairs:
        """The same atoms read from other slots."""
        return Pairs(slots[self.slots], slots[self.right], self.fails)

    @staticmethod
    def joined(tests: Sequence[Pairs]) -> Pairs:
        """Tests end to end."""
        return Pairs(
            np.concatenate([test.slots for test in tests]),
            np.concatenate([test.right for test in tests]),
            np.concatenate([test.fails for test in tests], axis=1),
        )


@dataclass(frozen=True, slots=True)
class Presences:
    """Atoms that ask the register whether there is a value at all."""

    slots: Wires

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        return facts.present.take(self.slots)

    def moved(self, slots: Wires) -> Presences:
        """The same atoms read from other slots."""
        return Presences(slots[self.slots])

    @staticmethod
    def joined(tests: Sequence[Presences]) -> Presences:
        """Tests end to end."""
        return Presences(np.concatenate([test.slots for test in tests]))


def _unless(fails: Bools, known: Verdicts) -> Verdicts:
    np.logical_not(fails, out=fails)
    known *= fails.view(np.int8)
    return known


AtomTests = Ranges | Differences | Memberships | Pairs | Presences
