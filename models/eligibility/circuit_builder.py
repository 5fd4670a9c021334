"""Conditions taken in one by one and laid out as one circuit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from catalog.predicate import And, Constant, Not, Or, Predicate
from models.eligibility.circuit import AND, ATOM, FALSE, OR, TRUE, Atom, Circuit, Fan, Gate, Level


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
