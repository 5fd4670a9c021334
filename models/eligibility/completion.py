"""What follows from what is told: presence, implied attributes and derived ones, after the mask."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import cast

from catalog.attribute import Attribute
from catalog.derivation import TODAY, Term, parse_derivation, reads
from catalog.derivation_values import Known, evaluate
from catalog.predicate import presence
from catalog.vocabulary import ValueType
from features.schema import ABSENT, Value

Facts = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Derivation:
    """An attribute computed from others and the day. One absent source makes it absent."""

    attribute: str
    term: Term
    sources: tuple[str, ...]
    optional: tuple[str, ...]
    """The sources that need not exist: while it is not known whether they do, the value is unknown."""
    timed: bool
    """Whether it changes with the day."""

    def fill(self, facts: dict[str, Value], on: dt.date) -> None:
        """Add the value, or what is known of its existence."""
        if any(facts.get(source) is ABSENT for source in self.sources):
            facts[self.attribute] = ABSENT
        elif all(source in facts or facts.get(presence(source)) is True for source in self.optional):
            # No source is absent, so all values are ones the derivation can read.
            value = evaluate(self.term, cast(Mapping[str, Known | None], facts), on)
            if value is not None:
                facts[self.attribute] = value
            else:
                facts.setdefault(presence(self.attribute), True)


@dataclass(frozen=True, slots=True)
class Inference:
    """An attribute that another one implies (a district from its street)."""

    attribute: str
    source: str
    values: Mapping[str, str]
    certain: bool
    """Whether knowing the source is knowing this attribute, whatever the source's value."""

    @property
    def sources(self) -> tuple[str, ...]:
        """What it reads."""
        return (self.source,)

    def fill(self, facts: dict[str, Value], on: dt.date) -> None:
        """Add the implied value, where the source is known and implies one."""
        told = facts.get(self.source)
        if isinstance(told, str) and told in self.values:
            facts[self.attribute] = self.values[told]


Step = Derivation | Inference


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
