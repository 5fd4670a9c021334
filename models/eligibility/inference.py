"""The two ways in which an attribute follows from others: it is derived from them, or implied by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from catalog.derivation import Term
from catalog.derivation_values import Known, evaluate
from catalog.predicate import presence
from features.schema import ABSENT, Value


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
    values: Mapping[str, str | bool]
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
