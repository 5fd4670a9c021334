"""What a package is known to bring at least: known sums, added only where cited texts allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.policy_package.candidate import Candidate
from models.policy_package.constraints import Combinability, Constraints, Group

STEPS = 20_000
"""Branches searched at most. The sum of any confirmed set is a true 'at least', so stopping early is safe."""


@dataclass(frozen=True, slots=True)
class ConfirmedSum:
    """The greatest sum found among sets whose every pair is confirmed to combine."""

    yuan: float
    counted: tuple[Candidate, ...]
    greatest: bool
    """True when no confirmed set sums to more; false when the search stopped before knowing."""


def confirmed_sum(chosen: Sequence[Candidate], constraints: Constraints) -> ConfirmedSum:
    """The heaviest confirmed set among the chosen candidates of known sum."""
    known = sorted(
        (c for c in chosen if c.money is not None and c.money.yuan is not None),
        key=lambda c: (-_yuan(c), c.key),
    )
    search = _Search(known, constraints)
    search.extend([], list(range(len(known))))
    counted = tuple(known[i] for i in search.best)
    return ConfirmedSum(search.best_sum, counted, search.steps > 0)


def capped_sum(counted: Sequence[Candidate], groups: Sequence[Group]) -> float:
    """The sum in yuan of known amounts, each capped group paying no more than its cap."""
    total = sum(_yuan(c) for c in counted)
    for group in groups:
        if group.cap is not None:
            total -= max(0.0, sum(_yuan(c) for c in counted if c.item in group.items) - group.cap)
    return round(total, 2)


class _Search:
    """Branch and bound over confirmed sets; candidates come heaviest first."""

    def __init__(self, known: Sequence[Candidate], constraints: Constraints) -> None:
        self.known, self.groups = known, constraints.groups
        self.combines = [
            {
                item
                for item, pair in constraints.said_of(one.item).items()
                if pair.combinability is Combinability.COMBINABLE
            }
            for one in known
        ]
        self.best: list[int] = []
        self.best_sum = -1.0 if known else 0.0
        self.steps = STEPS

    def extend(self, taken: list[int], rest: list[int]) -> None:
        """Try every confirmed extension of a set, unless even all of the rest could not beat the best."""
        self.steps -= 1
        here = capped_sum([self.known[i] for i in taken], self.groups)
        if taken and here > self.best_sum:
            self.best, self.best_sum = taken, here
        still = sum(_yuan(self.known[i]) for i in rest)
        for at, i in enumerate(rest):
            if self.steps <= 0 or here + still <= self.best_sum:
                return
            still -= _yuan(self.known[i])
            self.extend([*taken, i], self._confirmed(i, rest[at + 1 :]))

    def _confirmed(self, with_: int, rest: list[int]) -> list[int]:
        return [j for j in rest if self.known[j].item in self.combines[with_]]


def _yuan(candidate: Candidate) -> float:
    money = candidate.money
    return money.yuan if money is not None and money.yuan is not None else 0.0
