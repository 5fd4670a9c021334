"""Which attributes an undetermined verdict hangs on."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.predicate import attributes_of
from models.eligibility.circuit import AND, ATOM, OR
from models.eligibility.completion import Facts
from models.eligibility.rules import RuleSet

OPEN = 1
"""The number of an unknown verdict."""


def open_atoms(rules: RuleSet, wires: Sequence[int], wire: int) -> set[int]:
    """The undecided atoms that could still decide an undecided wire, given the verdict on every wire."""
    found: set[int] = set()
    visited = {wire}
    waiting = [wire]
    gates = rules.circuit.gates
    while waiting:
        at = waiting.pop()
        if wires[at] != OPEN:
            continue
        kind, inputs = gates[at]
        if kind == ATOM:
            found.add(inputs[0])
        elif kind in (AND, OR):
            new = [read for read in inputs if read not in visited]
            visited.update(new)
            waiting += new
    return found


def attributes_behind(rules: RuleSet, facts: Facts, atoms: set[int]) -> tuple[str, ...]:
    """The untold attributes that some undecided atoms wait for, in name order."""
    names = {name for atom in atoms for name in attributes_of(rules.circuit.atoms[atom])}
    untold: set[str] = set()
    for name in names:
        if name not in facts:
            untold |= rules.completion.untold(name, facts)
    return tuple(sorted(untold))
