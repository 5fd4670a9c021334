"""Which attributes an undetermined verdict hangs on."""

from __future__ import annotations

from catalog.predicate import attributes_of
from models.eligibility.circuit import AND, ATOM, OR
from models.eligibility.rules import RuleSet
from models.eligibility.subject import Judged
from models.recommendation import Verdict


def open_atoms(rules: RuleSet, judged: Judged, wire: int) -> set[int]:
    """The undecided atoms that could still decide an undecided wire."""
    found: set[int] = set()
    visited: set[int] = set()
    waiting = [wire]
    while waiting:
        wire = waiting.pop()
        if wire in visited or judged.wires[wire] != Verdict.UNKNOWN:
            continue
        visited.add(wire)
        kind, inputs = rules.circuit.gates[wire]
        if kind == ATOM:
            found.add(inputs[0])
        elif kind in (AND, OR):
            waiting.extend(inputs)
    return found


def unknown_attributes(rules: RuleSet, judged: Judged, item: str) -> tuple[str, ...]:
    """The attributes an undetermined item hangs on, stored ones in the place of derived ones."""
    wire = int(rules.items[rules.places[item]])
    return attributes_behind(rules, judged, open_atoms(rules, judged, wire))


def attributes_behind(rules: RuleSet, judged: Judged, atoms: set[int]) -> tuple[str, ...]:
    """The untold attributes that some undecided atoms wait for, in name order."""
    names: set[str] = set()
    for atom in atoms:
        for name in attributes_of(rules.circuit.atoms[atom]):
            names.update(rules.completion.untold(name, judged.facts))
    return tuple(sorted(names))
