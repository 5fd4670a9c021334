"""A circuit as a straight program over few registers, each holding the two planes of one wire."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.eligibility.circuit import AND, ATOM, OR, TRUE, Circuit
from models.eligibility.encoding import Codec
from models.eligibility.plane_tests import PlaneTest, Room, plane_test
from models.eligibility.planes import Plane, Slot

NOT = -1
"""The kind of a step that turns an atom round."""
Planes = NDArray[np.uint64]
"""A row for each verdict asked for; of each the planes TRUE and POSSIBLE; of each plane its words."""


@dataclass(frozen=True, slots=True)
class Step:
    """Fill a register from an atom, a constant or other registers; then hand it out as some rows."""

    kind: int
    target: int
    sources: tuple[int, ...]
    test: PlaneTest | None
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Steps in order. A register is used again once nobody needs what it holds."""

    steps: tuple[Step, ...]
    registers: int
    rows: int

    def run(self, slots: Sequence[Slot], out: Planes) -> None:
        """Judge the table rows at hand into `out`."""
        words = out.shape[2]
        registers = list(np.empty((self.registers, 2, words), dtype=np.uint64))
        room = Room.of(words)
        for step in self.steps:
            target = registers[step.target]
            if step.test is not None:
                step.test(slots, room, target)
            elif step.kind == NOT:
                np.invert(registers[step.sources[0]][::-1], out=target)
            elif step.kind in (AND, OR):
                _join(step, registers, target)
            else:
                target.fill(~np.uint64(0) if step.kind == TRUE else np.uint64(0))
            for row in step.rows:
                out[row] = target


def _join(step: Step, registers: Sequence[Plane], target: Plane) -> None:
    operation = np.bitwise_and if step.kind == AND else np.bitwise_or
    first = registers[step.sources[0]]
    for source in step.sources[1:]:
        operation(first, registers[source], out=target)
        first = target


@dataclass(slots=True)
class _Allocator:
    """Registers handed out lowest first and taken back."""

    free: list[int] = field(default_factory=list)
    used: int = 0

    def take(self) -> int:
        if self.free:
            return heapq.heappop(self.free)
        self.used += 1
        return self.used - 1

    def give_back(self, register: int) -> None:
        heapq.heappush(self.free, register)


def program_of(circuit: Circuit, codec: Codec, wires: Iterable[int]) -> Program:
    """The program that hands out the verdicts of some wires, row by row."""
    asked: dict[int, list[int]] = {}
    for row, wire in enumerate(wires):
        asked.setdefault(int(wire), []).append(row)
    needed = _in_order(circuit, asked)
    readers = Counter(source for wire in needed for source in _sources(circuit, wire))
    allocator, registers, steps = _Allocator(), dict[int, int](), list[Step]()
    for wire in needed:
        sources = _sources(circuit, wire)
        target = registers[wire] = allocator.take()
        kind, inputs = circuit.gates[wire]
        test = plane_test(circuit.atoms[inputs[0]], codec) if kind == ATOM and not sources else None
        read = tuple(registers[source] for source in sources)
        kind = NOT if kind == ATOM and sources else kind
        steps.append(Step(kind, target, read, test, tuple(asked.get(wire, ()))))
        for source in (*sources, *([] if readers[wire] else [wire])):
            readers[source] -= 1
            if readers[source] <= 0:
                allocator.give_back(registers[source])
    return Program(tuple(steps), allocator.used, sum(map(len, asked.values())))


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
