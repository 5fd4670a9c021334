"""The smallest sets of attributes that settle an undetermined verdict, whatever is told of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.predicate import attributes_of
from features.schema import Value
from models.eligibility.cells import cells_of
from models.eligibility.circuit import AND, ATOM, Atom, Verdicts
from models.eligibility.interpretation import atom_verdict
from models.eligibility.rules import RuleSet
from models.eligibility.subject import Judged
from models.recommendation import Verdict

MOST_CASES = 1 << 14
"""Combinations of values looked through for one question; beyond that a set is taken as it is."""
MOST_SETS = 256
"""Sets of attributes looked through for one verdict."""


@dataclass(frozen=True, slots=True)
class Residue:
    """What is left of a condition once all that is known is put in: an open circuit of few gates."""

    atoms: Mapping[int, Atom]
    """By wire, negations included."""
    negated: frozenset[int]
    gates: tuple[tuple[int, int, tuple[int, ...]], ...]
    """Wire, AND or OR, and the open wires it reads; those it is made from come first."""
    root: int
    facts: Mapping[str, Value]
    """What is known of the attributes its atoms read."""

    @property
    def unknown(self) -> list[str]:
        """The unknown attributes its atoms read, with repeats."""
        return [n for atom in self.atoms.values() for n in attributes_of(atom) if n not in self.facts]

    def is_read_once(self) -> bool:
        """Whether no unknown attribute and no gate is read twice."""
        names = self.unknown
        read = [wire for _, _, inputs in self.gates for wire in inputs]
        return len(names) == len(set(names)) and len(read) == len(set(read))


def residue(rules: RuleSet, judged: Judged, wire: int) -> Residue:
    """The open part of the circuit above an undetermined wire."""
    atoms: dict[int, Atom] = {}
    negated: set[int] = set()
    gates: dict[int, tuple[int, int, tuple[int, ...]]] = {}

    def visit(at: int) -> None:
        if at in atoms or at in gates:
            return
        kind, inputs = rules.circuit.gates[at]
        if kind == ATOM:
            atoms[at] = rules.circuit.atoms[inputs[0]]
            if not inputs[1]:
                negated.add(at)
            return
        still_open = tuple(i for i in inputs if judged.verdicts[i] == Verdict.UNKNOWN)
        for each in still_open:
            visit(each)
        gates[at] = (at, kind, still_open)

    visit(wire)
    read = {name for atom in atoms.values() for name in attributes_of(atom)}
    facts = {name: judged.facts[name] for name in read if name in judged.facts}
    return Residue(atoms, frozenset(negated), tuple(gates.values()), wire, facts)


def settling_sets(rules: RuleSet, judged: Judged, wire: int) -> tuple[frozenset[str], ...]:
    """The smallest sets of attributes to be told so that an undetermined wire is decided for certain.

    Empty where no telling can do it (a figure the State has not published). Exact as long as the
    attributes' values can be looked through within bounds; beyond them a set still settles, but a
    smaller one might.
    """
    left = residue(rules, judged, wire)
    every = frozenset(left.unknown)
    if any(name not in rules.register.attributes for name in every):
        return ()
    options = cells_of(sorted(every), left.atoms.values(), rules.register, judged.facts)
    if left.is_read_once() and all(_is_contingent(atom, left, options) for atom in left.atoms.values()):
        # Each attribute alone can hold the verdict open, whatever the others are.
        return _smallest_to_ask([every], rules, judged.facts)
    return _smallest_to_ask(_smallest(left, every, options), rules, judged.facts)


def _is_contingent(atom: Atom, left: Residue, options: Mapping[str, Sequence[Value]]) -> bool:
    """Whether an atom can turn out either way."""
    names = [name for name in attributes_of(atom) if name not in left.facts]
    cases = itertools.product(*(options[name] for name in names))
    verdicts = (atom_verdict(atom, {**left.facts, **dict(zip(names, case, strict=True))}) for case in cases)
    return len(set(verdicts)) > 1


def _smallest(
    left: Residue, every: frozenset[str], options: Mapping[str, Sequence[Value]]
) -> list[frozenset[str]]:
    """The smallest sets of the condition's own attributes. Those without which nothing settles are in all."""
    needed = frozenset(name for name in every if not _settles(left, every - {name}, options))
    others = sorted(every - needed)
    tried = 0
    for size in range(len(others) + 1):
        found = []
        for more in itertools.combinations(others, size):
            tried += 1
            if tried > MOST_SETS:
                return [every]
            if _settles(left, needed | set(more), options):
                found.append(needed | set(more))
        if found:
            return found
    return [every]


def _settles(left: Residue, told: frozenset[str], options: Mapping[str, Sequence[Value]]) -> bool:
    """Whether the verdict is decided for every combination of the told attributes' values."""
    names = sorted(told)
    if math.prod(len(options[name]) for name in names) > MOST_CASES:
        return False
    values = itertools.product(*(options[name] for name in names))
    cases = [{**left.facts, **dict(zip(names, case, strict=True))} for case in values]
    return bool((_verdicts(left, cases) != Verdict.UNKNOWN).all())


def _verdicts(left: Residue, cases: Sequence[Mapping[str, Value]]) -> Verdicts:
    """The verdict in each case."""
    wires: dict[int, Verdicts] = {}
    for wire, atom in left.atoms.items():
        judged = np.array([atom_verdict(atom, case) for case in cases], dtype=np.int8)
        wires[wire] = 2 - judged if wire in left.negated else judged
    for wire, kind, inputs in left.gates:
        join = np.minimum if kind == AND else np.maximum
        wires[wire] = join.reduce([wires[i] for i in inputs])
    return wires[left.root]


def _smallest_to_ask(
    needed: Iterable[frozenset[str]], rules: RuleSet, facts: Mapping[str, Value]
) -> tuple[frozenset[str], ...]:
    """The smallest sets one can ask for: what derived attributes come from, and what implies others."""
    found: set[frozenset[str]] = set()
    for names in needed:
        ways = [rules.completion.ways_to_learn(name, facts) for name in sorted(names)]
        for choice in itertools.islice(itertools.product(*ways), MOST_SETS):
            found.add(frozenset().union(*choice))
    smallest = min(map(len, found), default=0)
    return tuple(sorted((names for names in found if len(names) == smallest), key=sorted))
