"""Impossible values: what cannot be so is taken as unknown and reported, never judged by.

Which values cannot be, or cannot be together, is data: conditions beside this module, or passed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from catalog.expression import parse_condition
from catalog.predicate import Predicate, attributes_of, presence
from catalog.vocabulary import Names, Scope, SubjectKind
from features.schema import Value
from models.eligibility.completion import Facts
from models.eligibility.figures import TODAY


@dataclass(frozen=True, slots=True)
class Impossibility:
    """A condition that cannot hold, and the attributes that are not believed where it does."""

    id: str
    subject: SubjectKind
    scope: Scope
    condition: Predicate
    voids: tuple[str, ...]
    names: Names

    def concerns(self, kind: SubjectKind, scope: Scope, attributes: Iterable[str]) -> bool:
        """Whether it can be asked of such scope items, given the attributes that are registered."""
        read = {*attributes_of(self.condition), *self.voids} - {TODAY}
        within = scope is self.scope or self.scope is Scope.SELF
        return kind is self.subject and within and read <= set(attributes)


@cache
def known_impossibilities() -> tuple[Impossibility, ...]:
    """Those of the product."""
    text = resources.files("models.eligibility").joinpath("impossibilities.yaml").read_text(encoding="utf8")
    return tuple(
        Impossibility(
            id=row["id"],
            subject=SubjectKind(row["subject"]),
            scope=Scope(row["scope"]),
            condition=parse_condition(row["condition"]),
            voids=tuple(row["voids"]),
            names=Names(**row["names"]),
        )
        for row in yaml.safe_load(text)
    )


def believable(told: Facts, met: Iterable[Impossibility]) -> dict[str, Value]:
    """What is told, less what the impossibilities that were met make unbelievable."""
    void = {name for impossibility in met for name in impossibility.voids}
    void |= {presence(name) for name in void}
    return {name: value for name, value in told.items() if name not in void}
