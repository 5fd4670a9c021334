"""Atoms tested on one scope item: a few whole-array tests over its encoded facts.

A comparison that can be made keeps or loses its 2; one that cannot keeps what is known, 0 or 1. So every
test multiplies what is known by whether the comparison does not fail, and NaN fails nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Differences:
    """Atoms that hold while a value is not one certain value."""

    slots: Wires
    constants: Values

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        return _unless(facts.values.take(self.slots) == self.constants, facts.known.take(self.slots))


@dataclass(frozen=True, slots=True)
class Memberships:
    """Atoms that hold while an enum's word is one of several.

    `fails` has a row an atom, end to end, and in each a place for every word, for unexpected ones, and
    for none at all.
    """

    slots: Wires
    enums: Wires
    """The slots without repeats, and by atom which of them it reads."""
    which: Wires
    rows: Wires
    fails: Bools
    words: int

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        codes = facts.values.take(self.enums)
        codes[codes < 0] = self.words
        codes[np.isnan(codes)] = self.words + 1
        places = codes.astype(np.intp).take(self.which)
        places += self.rows
        return _unless(self.fails.take(places), facts.known.take(self.slots))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Atoms that compare two attributes: which of below, equal, above makes them fail."""

    left: Wires
    right: Wires
    fails: Bools

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        left, right = facts.values.take(self.left), facts.values.take(self.right)
        below, equal, above = self.fails
        fails = (below & (left < right)) | (equal & (left == right)) | (above & (left > right))
        return _unless(fails, np.minimum(facts.known.take(self.left), facts.known.take(self.right)))


@dataclass(frozen=True, slots=True)
class Presences:
    """Atoms that ask the register whether there is a value at all."""

    slots: Wires

    def test(self, facts: Encoded) -> Verdicts:
        """The verdict of each atom."""
        return facts.present.take(self.slots)


def _unless(fails: Bools, known: Verdicts) -> Verdicts:
    np.logical_not(fails, out=fails)
    known *= fails.view(np.int8)
    return known


AtomTests = Ranges | Differences | Memberships | Pairs | Presences
