"""What follows from what is told: presence, implied attributes and derived ones, after the mask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.attribute import Attribute
from catalog.predicate import presence
from features.schema import ABSENT, ScopeItem, Value

Facts = Mapping[str, Value]
Compute = Callable[[Facts, dt.date], Value | None]


@dataclass(frozen=True, slots=True)
class Derivation:
    """An attribute computed from others and the day. One absent source makes it absent."""

    attribute: str
    sources: tuple[str, ...]
    compute: Compute
    timed: bool = False
    """Whether it changes with the day."""

    def value(self, facts: Facts, on: dt.date) -> Value | None:
        """Its value on a day; None while any source is unknown and none is absent."""
        known = [facts.get(source) for source in self.sources]
        if ABSENT in known:
            return ABSENT
        return None if None in known else self.compute(facts, on)


@dataclass(frozen=True, slots=True)
class Inference:
    """An attribute that another one implies (a district from its street)."""

    attribute: str
    source: str
    values: Mapping[str, str]

    def value(self, facts: Facts, on: dt.date) -> Value | None:
        """The implied value; None where the source is unknown or implies nothing."""
        told = facts.get(self.source)
        return self.values.get(told) if isinstance(told, str) else None

    @property
    def sources(self) -> tuple[str, ...]:
        """What it reads."""
        return (self.source,)


Step = Derivation | Inference


@dataclass(frozen=True, slots=True)
class Completion:
    """The steps that complete a scope item's facts, sources before what they yield."""

    steps: tuple[Step, ...]
    optional: tuple[str, ...]

    def complete(self, told: Facts, on: dt.date) -> dict[str, Value]:
        """What is told and all that follows from it on a day. What is told is never overwritten."""
        facts = dict(told)
        for attribute in self.optional:
            if attribute not in facts and facts.get(presence(attribute)) is False:
                facts[attribute] = ABSENT
        for step in self.steps:
            if step.attribute not in facts and (value := step.value(facts, on)) is not None:
                facts[step.attribute] = value
        return facts

    @property
    def timed(self) -> frozenset[str]:
        """The attributes that change with the day, directly or through what they are derived from."""
        timed: set[str] = set()
        for step in self.steps:
            if (isinstance(step, Derivation) and step.timed) or not timed.isdisjoint(step.sources):
                timed.add(step.attribute)
        return frozenset(timed)

    def untold(self, attribute: str, facts: Facts) -> frozenset[str]:
        """The unknown attributes to be told so that one is known: a derived one's sources, or itself."""
        if attribute in facts:
            return frozenset()
        for step in self.steps:
            if step.attribute == attribute and isinstance(step, Derivation):
                return frozenset().union(*(self.untold(source, facts) for source in step.sources))
        return frozenset([attribute])


def completion_of(attributes: Iterable[Attribute], derivations: Iterable[Derivation]) -> Completion:
    """The completion of a register's attributes. Raises ValueError for one that implies itself."""
    attributes = tuple(attributes)
    steps: list[Step] = [
        Inference(a.name, a.implied_by.attribute, a.implied_by.values) for a in attributes if a.implied_by
    ]
    steps += derivations
    return Completion(_in_order(steps), tuple(a.name for a in attributes if a.optional))


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


def facts_told(scope_item: ScopeItem, owner: ScopeItem) -> dict[str, Value]:
    """What is told of a scope item and, behind it, of its owner."""
    if scope_item is owner:
        return dict(scope_item.attributes)
    return {**owner.attributes, **scope_item.attributes}
