"""Distinct atoms sorted by what testing them takes, each kind as arrays."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.predicate import AttributeRef, Compare, OneOf, Operator, Present, attributes_of
from catalog.vocabulary import ValueType
from models.eligibility.circuit import Atom, Verdicts
from models.eligibility.encoding import AtomTests, Codec, Known, Memberships, Pairs, Presences, Ranges, Values

ACCEPTS: dict[Operator, tuple[bool, bool, bool]] = {
    "<": (True, False, False),
    "<=": (True, True, False),
    "=": (False, True, False),
    "!=": (True, False, True),
    ">=": (False, True, True),
    ">": (False, False, True),
}
"""Whether a comparison holds of a value below, equal to, above the other."""


@dataclass(frozen=True, slots=True)
class AtomTable:
    """Atoms in the order they are tested: ranges, memberships, pairs, presences."""

    atoms: tuple[Atom, ...]
    tests: tuple[AtomTests, ...]

    def verdicts(self, values: Values, known: Known, present: Known) -> Verdicts:
        """The verdict of every atom on one scope item's encoded facts."""
        if not self.tests:
            return np.empty(0, dtype=np.int8)
        return np.concatenate([tests.test(values, known, present) for tests in self.tests])


def kind_of(atom: Atom) -> int:
    """Where an atom belongs in the order of an `AtomTable`."""
    match atom:
        case Compare(_, _, AttributeRef()):
            return 2
        case Compare():
            return 0
        case OneOf():
            return 1
        case Present():
            return 3


def codec_of(atoms: Iterable[Atom], types: Mapping[str, ValueType], allowed: Iterable[str]) -> Codec:
    """The codec of the attributes that some atoms read; `types` by attribute, `allowed` enum words."""
    atoms = tuple(atoms)
    names = tuple(dict.fromkeys(name for atom in atoms for name in attributes_of(atom)))
    words: dict[str, None] = dict.fromkeys(allowed)
    for atom in atoms:
        match atom:
            case OneOf(_, options):
                words.update(dict.fromkeys(options))
            case Compare(attribute, _, str(word)) if types[attribute] is ValueType.ENUM:
                words[word] = None
    return Codec(names, types, {word: float(code) for code, word in enumerate(words)})


def tabulate(atoms: Sequence[Atom], codec: Codec) -> AtomTable:
    """The tests of atoms that are already sorted by `kind_of`."""
    slots = {name: slot for slot, name in enumerate(codec.names)}
    ranges = [a for a in atoms if isinstance(a, Compare) and kind_of(a) == 0]
    options = [a for a in atoms if isinstance(a, OneOf)]
    pairs = [a for a in atoms if isinstance(a, Compare) and kind_of(a) == 2]
    presences = [a for a in atoms if isinstance(a, Present)]
    tests: list[AtomTests] = []
    if ranges:
        tests.append(_ranges(ranges, slots, codec))
    if options:
        tests.append(_memberships(options, slots, codec))
    if pairs:
        tests.append(_pairs(pairs, slots))
    if presences:
        tests.append(Presences(np.array([slots[a.attribute] for a in presences], dtype=np.intp)))
    return AtomTable(tuple(atoms), tuple(tests))


def bounds(op: Operator, value: float) -> tuple[float, float, bool]:
    """A comparison as a closed range of values, or as all that lies outside one."""
    match op:
        case "=":
            return value, value, False
        case "!=":
            return value, value, True
        case "<":
            return -math.inf, math.nextafter(value, -math.inf), False
        case "<=":
            return -math.inf, value, False
        case ">":
            return math.nextafter(value, math.inf), math.inf, False
        case ">=":
            return value, math.inf, False


def _ranges(atoms: Sequence[Compare], slots: Mapping[str, int], codec: Codec) -> Ranges:
    limits = [bounds(a.op, codec.number(a.attribute, _literal(a, codec))) for a in atoms]
    return Ranges(
        np.array([slots[a.attribute] for a in atoms], dtype=np.intp),
        np.array([low for low, _, _ in limits]),
        np.array([high for _, high, _ in limits]),
        np.array([outside for _, _, outside in limits]),
    )


def _literal(atom: Compare, codec: Codec) -> object:
    ordered = atom.op not in ("=", "!=")
    if ordered and codec.types[atom.attribute] in (ValueType.ENUM, ValueType.BOOLEAN):
        raise ValueError(f"{atom.attribute} has no order, so it cannot be compared with {atom.op}")
    return dt.date.fromisoformat(atom.value) if _is_date(atom, codec) else atom.value  # type: ignore[arg-type]


def _is_date(atom: Compare, codec: Codec) -> bool:
    return codec.types[atom.attribute] is ValueType.DATE and isinstance(atom.value, str)


def _memberships(atoms: Sequence[OneOf], slots: Mapping[str, int], codec: Codec) -> Memberships:
    members = np.zeros((len(atoms), len(codec.words) + 1), dtype=np.bool_)
    for row, atom in enumerate(atoms):
        members[row, [int(codec.words[word]) for word in atom.values]] = True
    return Memberships(np.array([slots[a.attribute] for a in atoms], dtype=np.intp), members)


def _pairs(atoms: Sequence[Compare], slots: Mapping[str, int]) -> Pairs:
    right = [slots[a.value.name] for a in atoms if isinstance(a.value, AttributeRef)]
    return Pairs(
        np.array([slots[a.attribute] for a in atoms], dtype=np.intp),
        np.array(right, dtype=np.intp),
        np.array([ACCEPTS[a.op] for a in atoms]).T,
    )
