"""Which attributes may be believed otherwise once others are told otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.predicate import attributes_of
from models.eligibility.rules import RuleSet


def affected(rules: RuleSet, told: Iterable[str]) -> frozenset[str]:
    """These attributes, all that is derived from them or implied by them, and what they make unbelievable.

    A contradiction that comes or goes voids attributes that nothing was told of, so that too is followed.
    """
    found = set(told)
    reasons = [({*attributes_of(each.condition)}, each.voids) for each in rules.impossibilities]
    reasons += [({*step.sources}, (step.attribute,)) for step in rules.register.completion.steps]
    before = -1
    while len(found) != before:
        before = len(found)
        for read, follows in reasons:
            if not found.isdisjoint(read):
                found.update(follows)
    return frozenset(found)
