"""Conditions compiled to one shared circuit of AND and OR over distinct atoms.

Verdicts are numbered 0 false, 1 unknown, 2 true, so AND is min, OR is max and NOT is 2 - x. Negation
is pushed down to the atoms (an atom and its negation are two inputs), equal sub-conditions become
one gate, and gates are laid out by level so that a level is a few array operations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.predicate import And, Compare, Constant, Not, OneOf, Or, Predicate, Present

Atom = Compare | OneOf | Present
Wires = NDArray[np.intp]
Verdicts = NDArray[np.int8]

ATOM, AND, OR, TRUE, FALSE = range(5)
Gate = tuple[int, tuple[int, ...]]
"""What a gate is and what it reads: (ATOM, (atom, positive)), (AND | OR, gates), (TRUE | FALSE, ())."""


def atoms_of(predicate: Predicate) -> Iterator[Atom]:
    """Every atom of a condition, in order, with repeats."""
    match predicate:
        case And(terms) | Or(terms):
            for term in terms:
                yield from atoms_of(term)
        case Not(term):
            yield from atoms_of(term)
        case Constant():
            return
        case _:
            yield predicate


@dataclass(frozen=True, slots=True)
class Fan:
    """Gates of one kind, level and width, side by side: a row of their first inputs, of their second …

    The width is a power of two, so that inputs are joined by halves.
    """

    inputs: Wires
    first: int
    """The wire of the first gate; the others follow."""

    def join(self, operation: np.ufunc, wires: Verdicts) -> None:
        """Fill the wires of these gates."""
        width, count = self.inputs.shape
        read = wires.take(self.inputs)
        while width > 2:
            width //= 2
            read = operation(read[:width], read[width:])
        operation(read[0], read[1], out=wires[self.first : self.first + count])


@dataclass(frozen=True, slots=True)
class Level:
    """Gates that read only what lies below them."""

    ands: tuple[Fan, ...]
    ors: tuple[Fan, ...]


@dataclass(frozen=True, slots=True)
class Circuit:
    """Wires: atoms, negated atoms, TRUE, FALSE, then the gates level by level."""

    atoms: tuple[Atom, ...]
    levels: tuple[Level, ...]
    roots: Wires
    """The wire of each condition that was added, in order."""
    width: int
    gates: tuple[Gate, ...]
    """By wire, with inputs as wires: for those who explain a verdict."""

    def evaluate(self, atoms: Verdicts, negated: Verdicts | None = None) -> Verdicts:
        """The verdict on every wire, from the verdict of every atom (and, if need be, of its negation)."""
        count = len(self.atoms)
        wires = np.empty(self.width, dtype=np.int8)
        wires[:count] = atoms
        wires[count : 2 * count] = 2 - atoms if negated is None else negated
        wires[2 * count], wires[2 * count + 1] = 2, 0
        for level in self.levels:
            for fan in level.ands:
                fan.join(np.minimum, wires)
            for fan in level.ors:
                fan.join(np.maximum, wires)
        return wires
