"""Distinct atoms sorted by what testing them takes, each kind as arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.predicate import AttributeRef, Compare, OneOf, Operator, Predicate, Present, attributes_of
from catalog.vocabulary import ValueType
from models.eligibility.atom_tests import AtomTests, Differences, Memberships, Pairs, Presences, Ranges
from models.eligibility.circuit import Atom, Verdicts, atoms_of
from models.eligibility.encoding import TYPE_ORDER, Codec, Encoded

FAILS: dict[Operator, tuple[bool, bool, bool]] = {
    "<": (False, True, True),
    "<=": (False, False, True),
    "=": (True, False, True),
    "!=": (False, True, False),
    ">=": (True, False, False),
    ">": (True, True, False),
}
"""Whether a comparison fails of a value below, equal to, above the other."""


@dataclass(frozen=True, slots=True)
class AtomTable:
    """Atoms in the order they are tested, see `kind_of`."""

    atoms: tuple[Atom, ...]
    tests: tuple[AtomTests, ...]

    def verdicts(self, facts: Encoded) -> Verdicts:
        """The verdict of every atom on one scope item's encoded facts."""
        if not self.tests:
            return np.empty(0, dtype=np.int8)
        return np.concatenate([tests.test(facts) for tests in self.tests])


def kind_of(atom: Atom) -> int:
    """Where an atom belongs in the order of an `AtomTable`."""
    match atom:
        case Compare(_, _, AttributeRef()):
            return 3
        case Compare(_, "!="):
            return 1
        case Compare():
            return 0
        case OneOf():
            return 2
        case Present():
            return 4


def codec_of(
    atoms: Iterable[Atom],
    types: Mapping[str, ValueType],
    allowed: Iterable[str],
    absentable: frozenset[str],
) -> Codec:
    """The codec of the attributes that some atoms read; `types` by attribute, `allowed` enum words."""
    atoms = tuple(atoms)
    names = dict.fromkeys(name for atom in atoms for name in attributes_of(atom))
    words: dict[str, None] = dict.fromkeys(allowed)
    for atom in atoms:
        match atom:
            case OneOf(_, options):
                words.update(dict.fromkeys(options))
            case Compare(attribute, _, str(word)) if types[attribute] is ValueType.ENUM:
                words[word] = None
    ordered = sorted(names, key=lambda name: TYPE_ORDER.index(types[name]))
    asked = frozenset(atom.attribute for atom in atoms if isinstance(atom, Present))
    codes = {word: float(code) for code, word in enumerate(words)}
    return Codec(tuple(ordered), types, codes, asked, absentable)


def words_of(predicates: Iterable[Predicate]) -> set[str]:
    """Every word that some conditions mention."""
    found: set[str] = set()
    for predicate in predicates:
        for atom in atoms_of(predicate):
            match atom:
                case OneOf(_, options):
                    found.update(options)
                case Compare(_, _, str(word)):
                    found.add(word)
    return found


def tabulate(atoms: Sequence[Atom], codec: Codec) -> AtomTable:
    """The tests of atoms that are already sorted by `kind_of`."""
    constants = [a for a in atoms if isinstance(a, Compare) and kind_of(a) == 0]
    different = [a for a in atoms if isinstance(a, Compare) and kind_of(a) == 1]
    options = [a for a in atoms if isinstance(a, OneOf)]
    pairs = [a for a in atoms if isinstance(a, Compare) and kind_of(a) == 3]
    presences = [a for a in atoms if isinstance(a, Present)]
    tests: list[AtomTests] = []
    if constants:
        tests.append(_ranges(constants, codec))
    if different:
        tests.append(Differences(_slots(different, codec), np.array([_number(a, codec) for a in different])))
    if options:
        tests.append(_memberships(options, codec))
    if pairs:
        tests.append(_pairs(pairs, codec))
    if presences:
        tests.append(Presences(_slots(presences, codec)))
    return AtomTable(tuple(atoms), tuple(tests))


def _slots(atoms: Iterable[Atom], codec: Codec) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.array([codec.slots[atom.attribute] for atom in atoms], dtype=np.intp)


def bounds(op: Operator, value: float) -> tuple[float, float]:
    """A comparison, of an operator other than !=, as a closed range of values."""
    match op:
        case "<":
            return -math.inf, math.nextafter(value, -math.inf)
        case "<=":
            return -math.inf, value
        case ">":
            return math.nextafter(value, math.inf), math.inf
        case ">=":
            return value, math.inf
        case _:
            return value, value


def _ranges(atoms: Sequence[Compare], codec: Codec) -> Ranges:
    limits = np.array([bounds(a.op, _number(a, codec)) for a in atoms])
    return Ranges(_slots(atoms, codec), limits[:, 0].copy(), limits[:, 1].copy())


def _number(atom: Compare, codec: Codec) -> float:
    ordered = atom.op not in ("=", "!=")
    if ordered and codec.types[atom.attribute] in (ValueType.ENUM, ValueType.BOOLEAN):
        raise ValueError(f"{atom.attribute} has no order, so it cannot be compared with {atom.op}")
    return codec.number(atom.attribute, atom.value)


def _memberships(atoms: Sequence[OneOf], codec: Codec) -> Memberships:
    width = len(codec.words) + 2
    fails = np.ones((len(atoms), width), dtype=np.bool_)
    fails[:, -1] = False
    for row, atom in enumerate(atoms):
        fails[row, [int(codec.words[word]) for word in atom.values]] = False
    return Memberships.of(_slots(atoms, codec), fails)


def _pairs(atoms: Sequence[Compare], codec: Codec) -> Pairs:
    right = [codec.slots[a.value.name] for a in atoms if isinstance(a.value, AttributeRef)]
    fails = np.array([FAILS[a.op] for a in atoms]).T.copy()
    return Pairs(_slots(atoms, codec), np.array(right, dtype=np.intp), fails)
