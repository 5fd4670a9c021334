"""Tests and gates of several rule sets laid side by side: the same arrays, moved and joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from models.eligibility.atom_tests import AtomTests, Differences, Memberships, Pairs, Presences, Ranges
from models.eligibility.circuit import Circuit, Fan, Verdicts, Wires

KINDS: tuple[Any, ...] = (Ranges, Differences, Memberships, Pairs, Presences)


@dataclass(frozen=True, slots=True)
class Layer:
    """Gates of one kind, level and width, wherever their wires are."""

    operation: np.ufunc
    inputs: Wires
    outputs: Wires

    def join(self, wires: Verdicts) -> None:
        """Fill the wires of these gates."""
        width = self.inputs.shape[0]
        read = wires.take(self.inputs)
        while width > 1:
            width //= 2
            read = self.operation(read[:width], read[width:])
        wires[self.outputs] = read[0]


def join_layers(circuits: Sequence[Circuit], starts: Sequence[int]) -> tuple[Layer, ...]:
    """The gates of all circuits, level by level; each circuit's wires start where `starts` tells."""
    layers: list[Layer] = []
    for levels in zip_longest(*(circuit.levels for circuit in circuits)):
        found = [(level, start) for level, start in zip(levels, starts, strict=True) if level is not None]
        ands = [(fan, start) for level, start in found for fan in level.ands]
        ors = [(fan, start) for level, start in found for fan in level.ors]
        layers += [*_by_width(np.minimum, ands), *_by_width(np.maximum, ors)]
    return tuple(layers)


def _by_width(operation: np.ufunc, fans: Iterable[tuple[Fan, int]]) -> Iterable[Layer]:
    widths: dict[int, list[tuple[Fan, int]]] = {}
    for fan, start in fans:
        widths.setdefault(fan.inputs.shape[0], []).append((fan, start))
    for members in widths.values():
        inputs = np.concatenate([fan.inputs + start for fan, start in members], axis=1)
        outputs = [np.arange(fan.inputs.shape[1], dtype=np.intp) + (fan.first + at) for fan, at in members]
        yield Layer(operation, np.ascontiguousarray(inputs), np.concatenate(outputs))


def join_tests(
    tests: Sequence[Sequence[AtomTests]], slots: Sequence[Wires], starts: Sequence[int]
) -> tuple[tuple[AtomTests, ...], Wires]:
    """All tests, kind by kind, and the wire of each atom in their order.

    `slots` gives, by rule set, the joint slot of each of its own; `starts` its first wire.
    """
    joined: list[AtomTests] = []
    wires: list[Wires] = [np.empty(0, dtype=np.intp)]
    for kind in KINDS:
        found = []
        for own, moved, start in zip(tests, slots, starts, strict=True):
            place = start
            for test in own:
                if isinstance(test, kind):
                    found.append(test.moved(moved))
                    wires.append(np.arange(place, place + len(test.slots), dtype=np.intp))
                place += len(test.slots)
        if found:
            joined.append(kind.joined(found))
    return tuple(joined), np.concatenate(wires)
