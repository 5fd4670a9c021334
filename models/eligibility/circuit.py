"""Conditions compiled to one shared circuit of AND and OR over distinct atoms.

Verdicts are numbered 0 false, 1 unknown, 2 true, so AND is min, OR is max and NOT is 2 - x. Negation
is pushed down to the atoms (an atom and its negation are two inputs), equal sub-conditions become
one gate, and gates are laid out by level so that a level is a few array operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

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


@dataclass(slots=True)
class CircuitBuilder:
    """Collects conditions; `build` lays them out."""

    atoms: dict[Atom, int] = field(default_factory=dict)
    gates: dict[Gate, int] = field(default_factory=dict)
    places: list[Gate] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)

    def add(self, predicate: Predicate) -> int:
        """Take in one condition; the answer is its place among the roots."""
        return self.root(self.gate(predicate))

    def root(self, gate: int) -> int:
        """Ask for a gate's verdict; the answer is its place among the roots."""
        self.roots.append(gate)
        return len(self.roots) - 1

    def gate(self, predicate: Predicate, positive: bool = True) -> int:
        """The gate of a condition, or of its negation."""
        match predicate:
            case Constant(value):
                return self._intern((TRUE if value == positive else FALSE, ()), depth=0)
            case Not(term):
                return self.gate(term, not positive)
            case And(terms):
                return self.join(AND if positive else OR, [self.gate(term, positive) for term in terms])
            case Or(terms):
                return self.join(OR if positive else AND, [self.gate(term, positive) for term in terms])
            case _:
                atom = self.atoms.setdefault(predicate, len(self.atoms))
                return self._intern((ATOM, (atom, int(positive))), depth=0)

    def join(self, kind: int, gates: Iterable[int]) -> int:
        """All (AND) or any (OR) of some gates: flattened, without repeats and neutral constants."""
        neutral, absorbing = (TRUE, FALSE) if kind == AND else (FALSE, TRUE)
        flat: dict[int, None] = {}
        for gate in gates:
            inner, inputs = self.places[gate]
            if inner == absorbing:
                return gate
            if inner != neutral:
                flat.update(dict.fromkeys(inputs if inner == kind else (gate,)))
        if not flat:
            return self._intern((neutral, ()), depth=0)
        if len(flat) == 1:
            return next(iter(flat))
        return self._intern((kind, tuple(sorted(flat))), 1 + max(self.depths[gate] for gate in flat))

    def _intern(self, gate: Gate, depth: int) -> int:
        place = self.gates.setdefault(gate, len(self.gates))
        if place == len(self.depths):
            self.places.append(gate)
            self.depths.append(depth)
        return place

    def build(self) -> Circuit:
        """The circuit of everything added so far."""
        wires, layout = self._wires()
        gates: list[Gate] = [(ATOM, (atom, 1)) for atom in range(len(self.atoms))]
        gates += [(ATOM, (atom, 0)) for atom in range(len(self.atoms))]
        gates += [(TRUE, ()), (FALSE, ())]
        levels = []
        for ands, ors in layout:
            fans: list[tuple[Fan, ...]] = []
            for members in (ands, ors):
                inputs = [tuple(wires[i] for i in self.places[gate][1]) for gate in members]
                fans.append(_fans(inputs, first=len(gates)))
                gates += [(self.places[gate][0], read) for gate, read in zip(members, inputs, strict=True)]
            levels.append(Level(*fans))
        roots = np.array([wires[gate] for gate in self.roots], dtype=np.intp)
        return Circuit(tuple(self.atoms), tuple(levels), roots, len(gates), tuple(gates))

    def _by_width(self, ands: list[int], ors: list[int]) -> tuple[list[int], list[int]]:
        def width(gate: int) -> int:
            return _padded(len(self.places[gate][1]))

        return sorted(ands, key=width), sorted(ors, key=width)

    def _wires(self) -> tuple[dict[int, int], list[tuple[list[int], list[int]]]]:
        """Each gate's wire, and the AND and OR gates of every level."""
        count = len(self.atoms)
        wires: dict[int, int] = {}
        by_level: dict[int, tuple[list[int], list[int]]] = {}
        for place, (kind, inputs) in enumerate(self.places):
            if kind == ATOM:
                wires[place] = inputs[0] + (0 if inputs[1] else count)
            elif kind in (TRUE, FALSE):
                wires[place] = 2 * count + (kind == FALSE)
            else:
                by_level.setdefault(self.depths[place], ([], []))[kind == OR].append(place)
        following = 2 * count + 2
        layout = [self._by_width(*by_level[depth]) for depth in sorted(by_level)]
        for ands, ors in layout:
            for place in (*ands, *ors):
                wires[place] = following
                following += 1
        return wires, layout


def _fans(inputs: Sequence[Sequence[int]], first: int) -> tuple[Fan, ...]:
    """Fans of gates that are sorted by width; narrower gates of a fan read their first input again."""
    fans: list[Fan] = []
    for width, members in groupby(inputs, key=lambda read: _padded(len(read))):
        rows = [[*read, *[read[0]] * (width - len(read))] for read in members]
        fans.append(Fan(np.array(rows, dtype=np.intp).T.copy(), first))
        first += len(rows)
    return tuple(fans)


def _padded(width: int) -> int:
    """Widths are few, so that there are few fans: 2, 4, 8, 16 …"""
    return 1 << max(1, (width - 1).bit_length())
