"""A circuit as a straight program over few registers, each holding the two planes of one wire."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.eligibility.circuit import AND, ATOM, OR, TRUE, Atom, Circuit
from models.eligibility.encoding import Codec
from models.eligibility.plane_tests import Planes, PlaneTest, SimpleAtom, plane_tests, simple_atoms
from models.eligibility.planes import Slot

NOT = -1
"""The kind of a step that turns one wire round."""


@dataclass(frozen=True, slots=True)
class Step:
    """Fill a register from others, or with a constant.

    Registers are numbered from 0, those of the atoms first; -1 - n is the answer's own row n.
    """

    kind: int
    target: int
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """All atoms are tested; then steps in order, an answer's straight into its row.

    A register is used again once nobody needs what it holds.
    """

    tests: tuple[PlaneTest, ...]
    atoms: int
    steps: tuple[Step, ...]
    registers: int
    copies: tuple[tuple[int, int], ...]
    """The register and the row of each answer that is an atom, or is asked for again."""

    def workspace(self, words: int) -> Planes:
        """Registers to run in, to be used again for one block of so many words after another."""
        return np.empty((self.registers, 2, words), dtype=np.uint64)

    def run(self, slots: Sequence[Slot], out: Planes, workspace: Planes) -> None:
        """Judge the table rows at hand into `out`, one row a verdict asked for."""
        planes = workspace[:, :, : out.shape[2]]
        for test in self.tests:
            test.test(slots, planes)
        # The rows of the answers come last and backwards, so that -1 - n finds row n.
        registers = [*planes, *out[::-1]]
        for step in self.steps:
            _take(step, registers)
        for register, row in self.copies:
            out[row] = registers[register]


def _take(step: Step, registers: Sequence[Planes]) -> None:
    target = registers[step.target]
    match step.kind:
        case _ if step.kind == NOT:
            np.invert(registers[step.sources[0]][::-1], out=target)
        case _ if step.kind in (AND, OR):
            operation = np.bitwise_and if step.kind == AND else np.bitwise_or
            first = registers[step.sources[0]]
            for source in step.sources[1:]:
                operation(first, registers[source], out=target)
                first = target
        case _:
            target.fill(~np.uint64(0) if step.kind == TRUE else np.uint64(0))


@dataclass(slots=True)
class _Registers:
    """Registers beyond those of the atoms, handed out lowest first and taken back."""

    first: int
    used: int = 0
    free: list[int] = field(default_factory=list)

    def take(self) -> int:
        if self.free:
            return heapq.heappop(self.free)
        self.used += 1
        return self.first + self.used - 1

    def give_back(self, register: int) -> None:
        if register >= self.first:
            heapq.heappush(self.free, register)


def program_of(circuit: Circuit, codec: Codec, wires: Iterable[int]) -> Program:
    """The program that hands out the verdicts of some wires, row by row."""
    asked: dict[int, list[int]] = {}
    for row, wire in enumerate(wires):
        asked.setdefault(int(wire), []).append(row)
    order = _in_order(circuit, asked)
    tests, places = plane_tests(_atoms_of(circuit, order), codec)
    readers = Counter(source for wire in order for source in _sources(circuit, wire))
    free = _Registers(len(places))
    held: dict[int, int] = {}
    steps: list[Step] = []
    for wire in order:
        tested = _tested(circuit, wire, places)
        if tested is None:
            target = -1 - asked[wire][0] if wire in asked else free.take()
            steps.append(_step(circuit, wire, held, places, target))
        held[wire] = target if tested is None else tested
        for source in _sources(circuit, wire):
            readers[source] -= 1
            if not readers[source]:
                free.give_back(held[source])
    copies = tuple(
        (held[wire], row) for wire, rows in asked.items() for row in rows if held[wire] != -1 - row
    )
    return Program(tests, len(places), tuple(steps), len(places) + free.used, copies)


def _tested(circuit: Circuit, wire: int, places: Mapping[SimpleAtom, int]) -> int | None:
    """The register of an atom that is a single test; None for whatever a step has to fill."""
    kind, inputs = circuit.gates[wire]
    if kind != ATOM or not inputs[1]:
        return None
    simple = simple_atoms(circuit.atoms[inputs[0]])
    return places[simple[0]] if len(simple) == 1 else None


def _step(
    circuit: Circuit, wire: int, held: Mapping[int, int], places: Mapping[SimpleAtom, int], target: int
) -> Step:
    """The step that fills a wire's register."""
    kind, inputs = circuit.gates[wire]
    if kind == ATOM and inputs[1]:
        return Step(OR, target, tuple(places[atom] for atom in simple_atoms(circuit.atoms[inputs[0]])))
    read = tuple(held[source] for source in _sources(circuit, wire))
    return Step(NOT if kind == ATOM else kind, target, read)


def _atoms_of(circuit: Circuit, wires: Iterable[int]) -> Iterable[SimpleAtom]:
    atoms: list[Atom] = [
        circuit.atoms[inputs[0]] for kind, inputs in map(circuit.gates.__getitem__, wires) if kind == ATOM
    ]
    return (simple for atom in atoms for simple in simple_atoms(atom))


def _sources(circuit: Circuit, wire: int) -> tuple[int, ...]:
    """The wires a wire is made from; a negated atom is made from the atom."""
    kind, inputs = circuit.gates[wire]
    if kind == ATOM:
        return () if inputs[1] else (inputs[0],)
    return inputs


def _in_order(circuit: Circuit, roots: Iterable[int]) -> list[int]:
    """Every wire needed, each after what it is made from and as late as may be."""
    order: dict[int, None] = {}

    def visit(wire: int) -> None:
        if wire not in order:
            for source in _sources(circuit, wire):
                visit(source)
            order[wire] = None

    for root in roots:
        visit(root)
    return list(order)
