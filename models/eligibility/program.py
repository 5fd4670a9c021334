"""A circuit as a straight program over few registers, each holding the two planes of one wire."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.eligibility.circuit import AND, ATOM, OR, TRUE, Atom, Circuit
from models.eligibility.encoding import Codec
from models.eligibility.plane_tests import Planes, PlaneTest, SimpleAtom, plane_tests, simple_atoms
from models.eligibility.planes import WORD, Slot

Operation = Callable[[Planes, Planes, Planes], object]
Step = tuple[Operation, int, int, int]
"""Fill a register from two others (left, right, target).

Registers are numbered from 0, those of the atoms first; -1 - n is the answer's own row n.
"""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The registers of a running program, and room for the comparisons of one column."""

    planes: Planes
    bits: NDArray[np.bool_]


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
        # The rows of the answers come last and backwards, so that -1 - n finds row n.
        registers = [*planes, *out[::-1]]
        for operation, left, right, target in self.steps:
            operation(registers[left], registers[right], registers[target])
        for register, row in self.copies:
            out[row] = registers[register]


def _turn_round(wire: Planes, _: Planes, target: Planes) -> None:
    """NOT: true where it was not possible, possible where it was not true."""
    np.invert(wire[::-1], out=target)


def _true(_left: Planes, _right: Planes, target: Planes) -> None:
    target.fill(~np.uint64(0))


def _false(_left: Planes, _right: Planes, target: Planes) -> None:
    target.fill(np.uint64(0))


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
            steps += _steps(circuit, wire, held, places, target)
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


def _steps(
    circuit: Circuit, wire: int, held: Mapping[int, int], places: Mapping[SimpleAtom, int], target: int
) -> Iterator[Step]:
    """The steps that fill a wire's register."""
    kind, inputs = circuit.gates[wire]
    match kind:
        case _ if kind == ATOM and inputs[1]:
            sources = [places[atom] for atom in simple_atoms(circuit.atoms[inputs[0]])]
            yield from _joined(np.bitwise_or, sources, target)
        case _ if kind == ATOM:
            yield _turn_round, held[inputs[0]], held[inputs[0]], target
        case _ if kind in (AND, OR):
            operation = np.bitwise_and if kind == AND else np.bitwise_or
            yield from _joined(operation, [held[source] for source in inputs], target)
        case _:
            yield _true if kind == TRUE else _false, target, target, target


def _joined(operation: Operation, sources: Sequence[int], target: int) -> Iterator[Step]:
    """Two at a time, what is joined so far kept in the target."""
    left = sources[0]
    for right in sources[1:]:
        yield operation, left, right, target
        left = target


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
