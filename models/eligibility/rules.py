"""The conditions of many items compiled for one kind of scope item and one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from catalog.attribute import Attribute, Parameter
from catalog.criterion import Criterion
from catalog.predicate import And, Compare, Not, OneOf, Or, Predicate, attributes_of
from catalog.vocabulary import ValueType
from models.eligibility.atoms import AtomTable, codec_of, kind_of, tabulate
from models.eligibility.circuit import AND, Circuit, Verdicts, Wires, atoms_of
from models.eligibility.circuit_builder import CircuitBuilder
from models.eligibility.completion import Completion, completion_of
from models.eligibility.encoding import Codec, Encoded
from models.eligibility.figures import figures_on, substitute
from models.eligibility.plausibility import Impossibility


@dataclass(frozen=True)
class Register:
    """What rules are compiled against: the attributes, the dated parameters."""

    attributes: Mapping[str, Attribute]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @cached_property
    def completion(self) -> Completion:
        """How what is told of a scope item is completed."""
        return completion_of(self.attributes)


@dataclass(frozen=True, slots=True)
class Rule:
    """The criteria of one item (or event), all of which must hold."""

    item: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class RuleSet:
    """Many rules compiled for one day: shared atoms, a circuit over them, a wire for each verdict."""

    on: dt.date
    rules: tuple[Rule, ...]
    predicates: tuple[tuple[Predicate, ...], ...]
    """By rule and criterion, figures written out."""
    codec: Codec
    table: AtomTable
    circuit: Circuit
    items: Wires
    """The wire of each rule's verdict."""
    criteria: tuple[Wires, ...]
    """By rule, the wire of each criterion's verdict."""
    completion: Completion
    """Of the attributes that the rules read."""
    register: Register
    places: Mapping[str, int]
    """Of each item among the rules."""
    impossibilities: tuple[Impossibility, ...]
    impossible: Wires
    """The wire of each impossibility."""

    @cached_property
    def timed_atoms(self) -> NDArray[np.bool_]:
        """Which atoms may change with the day alone."""
        timed = self.completion.timed
        return np.array(
            [not timed.isdisjoint(attributes_of(atom)) for atom in self.circuit.atoms], dtype=bool
        )

    def wires(self, facts: Encoded) -> Verdicts:
        """The verdict on every wire for one scope item's encoded facts."""
        return self.circuit.evaluate(self.table.verdicts(facts))


def compile_rules(
    rules: Iterable[Rule],
    register: Register,
    on: dt.date,
    impossibilities: Iterable[Impossibility] = (),
    words: Iterable[str] = (),
) -> RuleSet:
    """Compile rules for a day. Raises KeyError for an attribute the register does not know.

    Rule sets that are to be joined are given all the `words` of enums that any of them knows.
    """
    rules, impossibilities = tuple(rules), tuple(impossibilities)
    figures = figures_on(register.parameters.values(), on)
    types = dict.fromkeys(figures, ValueType.NUMBER) | {n: a.type for n, a in register.attributes.items()}
    predicates = tuple(
        tuple(_words(substitute(c.predicate, figures), types) for c in rule.criteria) for rule in rules
    )
    impossible = tuple(_words(substitute(i.condition, figures), types) for i in impossibilities)
    atoms = dict.fromkeys(atom for row in (*predicates, impossible) for p in row for atom in atoms_of(p))
    builder = CircuitBuilder({atom: place for place, atom in enumerate(sorted(atoms, key=kind_of))})
    gates = [[builder.gate(p) for p in criteria] for criteria in predicates]
    items = [builder.root(builder.join(AND, criteria)) for criteria in gates]
    criteria = [[builder.root(gate) for gate in row] for row in gates]
    never = [builder.add(predicate) for predicate in impossible]
    circuit = builder.build()
    allowed = (word for a in register.attributes.values() for word in a.allowed)
    codec = codec_of(circuit.atoms, types, (*words, *allowed), register.completion.absentable)
    return RuleSet(
        on=on,
        rules=rules,
        predicates=predicates,
        codec=codec,
        table=tabulate(circuit.atoms, codec),
        circuit=circuit,
        items=circuit.roots[items],
        criteria=tuple(circuit.roots[row] for row in criteria),
        completion=register.completion.only(codec.names),
        register=register,
        places={rule.item: place for place, rule in enumerate(rules)},
        impossibilities=impossibilities,
        impossible=circuit.roots[never],
    )


def _words(predicate: Predicate, types: Mapping[str, ValueType]) -> Predicate:
    """Membership of anything but an enum, spelt out as equalities."""
    match predicate:
        case OneOf(attribute, values) if types[attribute] is not ValueType.ENUM:
            return Or(tuple(Compare(attribute, "=", _value(v, types[attribute])) for v in values))
        case And(terms):
            return And(tuple(_words(term, types) for term in terms))
        case Or(terms):
            return Or(tuple(_words(term, types) for term in terms))
        case Not(term):
            return Not(_words(term, types))
        case _:
            return predicate


def _value(word: str, kind: ValueType) -> float | str | bool:
    match kind:
        case ValueType.NUMBER:
            return float(word)
        case ValueType.BOOLEAN:
            return word.upper() == "TRUE"
        case _:
            return word
