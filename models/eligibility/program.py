"""A circuit as a straight program over few registers, each holding the two planes of one wire."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.eligibility.circuit import AND, ATOM, OR, TRUE, Atom, Circuit
from models.eligibility.encoding import Codec
from models.eligibility.plane_tests import Planes, PlaneTest, SimpleAtom, plane_tests, simple_atoms
from models.eligibility.planes import WORD, Slot

NOT = -1
"""The kind of a step that turns one wire round."""


@dataclass(frozen=True, slots=True)
class Step:
    """Fill a register from others (those of the atoms come first), or with a constant."""

    kind: int
    target: int
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Workspace:
    """The registers of a running program, and room for the comparisons of one column."""

    planes: Planes
    bits: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Program:
    """All atoms are tested; then steps in order; `answers` are handed out as soon as they are ready.

    A register is used again once nobody needs what it holds.
    """

    tests: tuple[PlaneTest, ...]
    atoms: int
    steps: tuple[Step, ...]
    registers: int
    answers: Mapping[int, tuple[tuple[int, int], ...]]
    """After so many steps: the register and the row of the answer."""
    rows: int

    def workspace(self, words: int) -> Workspace:
        """Room to run in, to be used again for one block of so many words after another."""
        most = max((test.atoms for test in self.tests), default=0)
        planes = np.empty((self.registers, 2, words), dtype=np.uint64)
        return Workspace(planes, np.empty((most, words * WORD), dtype=np.bool_))

    def run(self, slots: Sequence[Slot], out: Planes, workspace: Workspace) -> None:
        """Judge the table rows at hand into `out`, one row a verdict asked for."""
        planes = workspace.planes[:, :, : out.shape[2]]
        for test in self.tests:
            test.test(slots, planes, workspace.bits)
        registers = list(planes)
        self._hand_out(0, registers, out)
        for number, step in enumerate(self.steps, start=1):
            _take(step, registers)
            if number in self.answers:
                self._hand_out(number, registers, out)

    def _hand_out(self, number: int, registers: Sequence[Planes], out: Planes) -> None:
        for register, row in self.answers.get(number, ()):
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
    answers: dict[int, tuple[tuple[int, int], ...]] = {}
    for wire in order:
        step = _step(circuit, wire, held, places, free)
        if isinstance(step, Step):
            steps.append(step)
        if wire in asked:
            rows = tuple((held[wire], row) for row in asked[wire])
            answers[len(steps)] = (*answers.get(len(steps), ()), *rows)
        for source in (*_sources(circuit, wire), *([] if readers[wire] else [wire])):
            readers[source] -= 1
            if readers[source] <= 0:
                free.give_back(held[source])
    return Program(tests, len(places), tuple(steps), len(places) + free.used, answers, len(asked))


def _step(
    circuit: Circuit, wire: int, held: dict[int, int], places: Mapping[SimpleAtom, int], free: _Registers
) -> Step | None:
    """The step that fills a wire's register, noted in `held`; None for an atom, which is tested already."""
    kind, inputs = circuit.gates[wire]
    if kind == ATOM and inputs[1]:
        registers = tuple(places[atom] for atom in simple_atoms(circuit.atoms[inputs[0]]))
        held[wire] = registers[0] if len(registers) == 1 else free.take()
        return Step(OR, held[wire], registers) if len(registers) > 1 else None
    held[wire] = free.take()
    read = tuple(held[source] for source in _sources(circuit, wire))
    return Step(NOT if kind == ATOM else kind, held[wire], read)


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
