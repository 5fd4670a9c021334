"""The rules of a subject and of all its scope items run as one, so that array operations are shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from catalog.predicate import presence
from catalog.vocabulary import Scope
from features.schema import Value
from models.eligibility.atom_tests import AtomTests
from models.eligibility.circuit import Verdicts, Wires
from models.eligibility.completion import Completion
from models.eligibility.encoding import TYPE_ORDER, Codec, Encoded
from models.eligibility.joining import Layer, join_layers, join_tests
from models.eligibility.rules import RuleSet
from models.eligibility.subject import Judged, judge
from models.recommendation import Verdict

Read = tuple[int, str]
"""A scope item, by number, and an attribute read from its facts; an owner's from those of number 0."""


@dataclass(frozen=True, slots=True)
class Part:
    """One scope item's share of the joint run."""

    rules: RuleSet
    completion: Completion
    """What follows from its own facts; what follows from its owner's alone is worked out once."""
    wires: slice


@dataclass(frozen=True, slots=True)
class JointRules:
    """Rule sets of several scope items, the subject itself first; all of one day and one list of words."""

    on: dt.date
    parts: tuple[Part, ...]
    reads: tuple[tuple[int, tuple[str, ...]], ...]
    """What is read, in the order of the joint codec: some attributes of one scope item, then of another."""
    asked: tuple[tuple[int, Read], ...]
    """The slots whose presence is asked for, and where it is told."""
    codec: Codec
    tests: tuple[AtomTests, ...]
    layers: tuple[Layer, ...]
    atoms: Wires
    """The wire of each atom in the order of the tests, and, below, of its negation."""
    negated: Wires
    true: Wires
    impossible: Wires
    width: int

    def judge(self, told: Sequence[Mapping[str, Value]]) -> list[Judged]:
        """Judge every scope item by what is told of it and of the first, its owner, as far as that can be."""
        facts = self._complete(told)
        wires = self._wires(self._encode(facts))
        everything = [told[0], *({**told[0], **own} for own in told[1:])]
        if (wires[self.impossible] == Verdict.TRUE).any():
            return [judge(part.rules, each) for part, each in zip(self.parts, everything, strict=True)]
        return [
            Judged(each, known, (own := wires[part.wires]), own.take(part.rules.items))
            for part, each, known in zip(self.parts, everything, facts, strict=True)
        ]

    def _complete(self, told: Sequence[Mapping[str, Value]]) -> list[dict[str, Value]]:
        facts = [self.parts[0].completion.complete(told[0], self.on)]
        for part, own in zip(self.parts[1:], told[1:], strict=True):
            facts.append(part.completion.complete({**facts[0], **own}, self.on))
        return facts

    def _encode(self, facts: Sequence[Mapping[str, Value]]) -> Encoded:
        told: list[Value | None] = []
        for part, names in self.reads:
            told += map(facts[part].get, names)
        values, known = self.codec.values_of(told)
        present = known.copy()
        for slot, (part, name) in self.asked:
            if facts[part].get(name) is True and known[slot] == 1:
                present[slot] = 2
        return Encoded(values, known, present)

    def _wires(self, facts: Encoded) -> Verdicts:
        wires = np.zeros(self.width, dtype=np.int8)
        if self.tests:
            atoms = np.concatenate([test.test(facts) for test in self.tests])
            wires[self.atoms] = atoms
            wires[self.negated] = 2 - atoms
        wires[self.true] = 2
        for layer in self.layers:
            layer.join(wires)
        return wires


def join_rules(sets: Sequence[RuleSet]) -> JointRules:
    """The rule sets of a subject (first) and its scope items as one.

    Raises ValueError for rule sets of different days or lists of words: these are compiled apart.
    """
    first = sets[0]
    if any(rules.on != first.on or rules.codec.words != first.codec.words for rules in sets):
        raise ValueError("only rule sets of one day and one list of words can be joined")
    types = {name: kind for rules in sets for name, kind in rules.codec.types.items()}
    located = [[_read(part, name, rules) for name in rules.codec.names] for part, rules in enumerate(sets)]
    reads = sorted(
        {read for own in located for read in own}, key=lambda r: (TYPE_ORDER.index(types[r[1]]), r)
    )
    slots = {read: slot for slot, read in enumerate(reads)}
    starts = list(accumulate((rules.circuit.width for rules in sets), initial=0))
    moved = [np.array([slots[read] for read in own], dtype=np.intp) for own in located]
    tests, atoms = join_tests([rules.table.tests for rules in sets], moved, starts[:-1])
    absentable = frozenset().union(*(rules.codec.absentable for rules in sets))
    counts = np.array([len(rules.circuit.atoms) for rules in sets], dtype=np.intp)
    return JointRules(
        on=first.on,
        parts=tuple(_parts(sets, reads, starts)),
        reads=_segments(reads),
        asked=tuple(_asked(sets, slots)),
        codec=Codec(tuple(name for _, name in reads), types, first.codec.words, frozenset(), absentable),
        tests=tests,
        layers=join_layers([rules.circuit for rules in sets], starts[:-1]),
        atoms=atoms,
        negated=atoms + counts[np.searchsorted(starts, atoms, side="right") - 1],
        true=np.array(starts[:-1], dtype=np.intp) + 2 * counts,
        impossible=np.concatenate([rules.impossible + at for rules, at in zip(sets, starts, strict=False)]),
        width=starts[-1],
    )


def _read(part: int, name: str, rules: RuleSet) -> Read:
    attribute = rules.register.attributes.get(name)
    return (0 if attribute is None or attribute.scope is Scope.SELF else part, name)


def _segments(reads: Sequence[Read]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    segments: list[tuple[int, tuple[str, ...]]] = []
    for part, name in reads:
        if segments and segments[-1][0] == part:
            segments[-1] = (part, (*segments[-1][1], name))
        else:
            segments.append((part, (name,)))
    return tuple(segments)


def _parts(sets: Sequence[RuleSet], reads: Sequence[Read], starts: Sequence[int]) -> list[Part]:
    parts = []
    for part, rules in enumerate(sets):
        own = [name for where, name in reads if where == part]
        wires = slice(starts[part], starts[part + 1])
        parts.append(Part(rules, rules.register.completion.only(own), wires))
    return parts


def _asked(sets: Sequence[RuleSet], slots: Mapping[Read, int]) -> set[tuple[int, Read]]:
    return {
        (slots[where, name], (where, presence(name)))
        for part, rules in enumerate(sets)
        for name in rules.codec.asked
        for where in (_read(part, name, rules)[0],)
    }
