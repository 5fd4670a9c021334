"""What follows from what is told: presence, implied attributes and derived ones, after the mask."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from catalog.attribute import Attribute
from catalog.derivation import TODAY, parse_derivation, reads
from catalog.predicate import presence
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Value
from models.eligibility.inference import Derivation, Inference, Step

Facts = Mapping[str, Value]


@dataclass(frozen=True)
class Completion:
    """The steps that complete a scope item's facts, sources before what they yield."""

    steps: tuple[Step, ...]
    optional: tuple[str, ...]
    types: Mapping[str, ValueType]

    def complete(self, told: Facts, on: dt.date) -> dict[str, Value]:
        """What is told and all that follows from it on a day. What is told is never overwritten."""
        facts = dict(told)
        for attribute in self.optional:
            if attribute not in facts and facts.get(presence(attribute)) is False:
                facts[attribute] = ABSENT
        for step in self.steps:
            if step.attribute not in facts:
                step.fill(facts, on)
        return facts

    def only(self, names: Iterable[str]) -> Completion:
        """The steps and presences that some attributes need."""
        needed = set(names)
        steps = []
        for step in reversed(self.steps):
            if step.attribute in needed:
                needed.update(step.sources)
                steps.append(step)
        return Completion(tuple(reversed(steps)), tuple(n for n in self.optional if n in needed), self.types)

    @cached_property
    def by_attribute(self) -> dict[str, tuple[Step, ...]]:
        """The steps that yield each attribute."""
        found: dict[str, tuple[Step, ...]] = {}
        for step in self.steps:
            found[step.attribute] = (*found.get(step.attribute, ()), step)
        return found

    @cached_property
    def timed(self) -> frozenset[str]:
        """The attributes that change with the day, directly or through what they are got from."""
        timed: set[str] = set()
        for step in self.steps:
            if (isinstance(step, Derivation) and step.timed) or not timed.isdisjoint(step.sources):
                timed.add(step.attribute)
        return frozenset(timed)

    @cached_property
    def absentable(self) -> frozenset[str]:
        """The attributes that need not exist, be it for want of what they are derived from."""
        derived = (step for step in self.steps if isinstance(step, Derivation) and step.optional)
        return frozenset(self.optional) | {step.attribute for step in derived}

    @cached_property
    def clocks(self) -> frozenset[str]:
        """The attributes whose dates decide on which days timed attributes change."""
        return frozenset(
            source
            for step in self.steps
            if isinstance(step, Derivation) and step.attribute in self.timed
            for source in step.sources
        )

    def untold(self, attribute: str, facts: Facts) -> frozenset[str]:
        """The unknown attributes to be told so that one is known: a derived one's sources, or itself."""
        if attribute in facts:
            return frozenset()
        for step in self.by_attribute.get(attribute, ()):
            if isinstance(step, Derivation):
                return frozenset().union(*(self.untold(source, facts) for source in step.sources))
        return frozenset([attribute])

    def ways_to_learn(self, attribute: str, facts: Facts) -> tuple[frozenset[str], ...]:
        """The sets of stored attributes any of which, once told, makes an unknown one known."""
        if attribute in facts:
            return (frozenset(),)
        ways: list[frozenset[str]] = []
        for step in self.by_attribute.get(attribute, ()):
            by_source = [self.ways_to_learn(source, facts) for source in step.sources]
            if isinstance(step, Derivation) or step.certain:
                ways += [frozenset().union(*choice) for choice in product(*by_source)]
        derived = any(isinstance(step, Derivation) for step in self.by_attribute.get(attribute, ()))
        return tuple(ways) if derived else (frozenset([attribute]), *ways)


def completion_of(attributes: Mapping[str, Attribute]) -> Completion:
    """The completion of a register's attributes. Raises ValueError for one that follows from itself."""
    steps: list[Step] = []
    for name, attribute in attributes.items():
        if implied := attribute.implied_by:
            allowed = attributes[implied.attribute].allowed
            certain = bool(allowed) and set(allowed) <= set(implied.values)
            certain = certain and not attributes[implied.attribute].optional
            steps.append(Inference(name, implied.attribute, implied.values, certain))
        if attribute.derived is not None:
            steps.append(_derivation(name, attribute.derived))
    optional = tuple(name for name, attribute in attributes.items() if attribute.optional)
    types = {name: attribute.type for name, attribute in attributes.items()}
    return Completion(_mind_absence(_in_order(steps), optional), optional, types)


def _derivation(name: str, text: str) -> Derivation:
    term = parse_derivation(text)
    sources = tuple(dict.fromkeys(reads(term)))
    return Derivation(name, term, sources, (), timed=bool(re.search(rf"\b{TODAY}\b", text)))


def _mind_absence(steps: Iterable[Step], optional: Iterable[str]) -> tuple[Step, ...]:
    """Derivations told which of their sources need not exist, be it for a source of theirs."""
    absentable = set(optional)
    minded: list[Step] = []
    for step in steps:
        if isinstance(step, Inference):
            minded.append(step)
            continue
        minding = replace(step, optional=tuple(s for s in step.sources if s in absentable))
        if minding.optional:
            absentable.add(step.attribute)
        minded.append(minding)
    return tuple(minded)


def _in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    ordered: list[Step] = []
    waiting = list(steps)
    while waiting:
        pending = {step.attribute for step in waiting}
        ready = [step for step in waiting if pending.isdisjoint(step.sources)]
        if not ready:
            raise ValueError(f"these attributes follow from one another in a circle: {sorted(pending)}")
        ordered += ready
        waiting = [step for step in waiting if step not in ready]
    return tuple(ordered)
