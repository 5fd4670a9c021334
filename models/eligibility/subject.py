"""One subject, now: every distinct condition tested once, every verdict read off the circuit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.schema import Value
from models.eligibility.circuit import Verdicts
from models.eligibility.plausibility import Impossibility, believable
from models.eligibility.rules import RuleSet
from models.recommendation import Verdict


@dataclass(frozen=True)
class Judged:
    """All rules of a rule set on one scope item."""

    told: Mapping[str, Value]
    """What was told and believed."""
    facts: Mapping[str, Value]
    """That, and what follows from it."""
    wires: Verdicts
    items: Verdicts
    """By rule, as in `RuleSet.rules`."""
    contradictions: tuple[Impossibility, ...] = ()
    """What was told and cannot be so."""

    @cached_property
    def verdicts(self) -> list[int]:
        """The verdict on every wire as plain numbers, for those who walk the circuit."""
        plain: list[int] = self.wires.tolist()
        return plain


def judge(rules: RuleSet, told: Mapping[str, Value]) -> Judged:
    """Judge one scope item by what is told of it and its owner, as far as that can be so."""
    met: tuple[Impossibility, ...] = ()
    while True:
        facts = rules.completion.complete(told, rules.on)
        wires = rules.wires(rules.codec.encode(facts))
        unbelievable = (wires[rules.impossible] == Verdict.TRUE).nonzero()[0]
        found = tuple(i for place in unbelievable if (i := rules.impossibilities[place]) not in met)
        if not found:
            return Judged(told, facts, wires, wires[rules.items], met)
        told, met = believable(told, found), (*met, *found)


def hopeful(rules: RuleSet, judged: Judged) -> Verdicts:
    """By rule, the best verdict that time alone might bring: every timed atom granted what helps most."""
    count = len(rules.circuit.atoms)
    atoms, negated = judged.wires[:count], judged.wires[count : 2 * count]
    timed = rules.timed_atoms
    granted = np.where(timed, np.int8(2), atoms), np.where(timed, np.int8(2), negated)
    return rules.circuit.evaluate(*granted)[rules.items]
