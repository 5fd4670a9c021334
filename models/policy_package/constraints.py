"""What binds a choice: pairs of cited combinability, groups with limits and caps, and the firm's effort."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Names, Scope
from models.policy_package.candidate import Candidate


class Combinability(StrEnum):
    """What a cited text says of two items held together; silence is not consent."""

    COMBINABLE = "combinable"
    EXCLUSIVE = "exclusive"
    NOT_CONFIRMED = "not_confirmed"


class ConstraintError(ValueError):
    """Constraints that contradict themselves or cite nothing; the message lists every fault."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items of which a text says whether they combine."""

    first: str
    second: str
    combinability: Combinability
    source: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items that stack up to a number, or whose sums are paid up to a cap in yuan."""

    id: str
    names: Names
    items: frozenset[str]
    source: str
    at_most: int | None = None
    cap: float | None = None


@dataclass(frozen=True, slots=True)
class EffortBudget:
    """How many papers the firm will gather: in all, and by the week before a deadline. None: no limit."""

    papers: int | None = None
    papers_per_week: float | None = None

    def by(self, due_on: dt.date, on: dt.date) -> int | None:
        """Papers that can be gathered from `on` to `due_on`, both included."""
        if self.papers_per_week is None:
            return None
        return math.floor(self.papers_per_week * ((due_on - on).days + 1) / 7)


@dataclass(frozen=True, slots=True)
class Constraints:
    """All that binds one choice. Raises ConstraintError naming every fault at once."""

    pairs: tuple[Pair, ...] = ()
    groups: tuple[Group, ...] = ()
    effort: EffortBudget = EffortBudget()
    _said: dict[str, dict[str, Pair]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the pairs, and refuse what is uncited, contradictory or double-capped."""
        faults = [*_pair_faults(self.pairs), *_group_faults(self.groups)]
        if faults:
            raise ConstraintError("; ".join(faults))
        said: dict[str, dict[str, Pair]] = {}
        for pair in self.pairs:
            said.setdefault(pair.first, {})[pair.second] = pair
            said.setdefault(pair.second, {})[pair.first] = pair
        object.__setattr__(self, "_said", said)

    def said_of(self, item: str) -> Mapping[str, Pair]:
        """What texts say of an item, by the other item."""
        return self._said.get(item, {})

    def combinability(self, first: str, second: str) -> Combinability:
        """Whether two items combine; not confirmed where no text says so."""
        pair = self.said_of(first).get(second)
        return Combinability.NOT_CONFIRMED if pair is None else pair.combinability

    def clash(self, a: Candidate, b: Candidate) -> bool:
        """Whether two candidates may not be held together.

        Exclusive items clash within one scope item, or when either is the enterprise's as a whole: two
        sites may each hold what one site may not hold twice.
        """
        if self.combinability(a.item, b.item) is not Combinability.EXCLUSIVE:
            return False
        return a.scope_item == b.scope_item or Scope.SELF in (a.scope, b.scope)


def constraints_of(
    policies: Iterable[SupportPolicy],
    groups: tuple[Group, ...] = (),
    effort: EffortBudget = EffortBudget(),
) -> Constraints:
    """The constraints the catalogue itself cites; a relation told from both sides counts once."""
    pairs: dict[frozenset[str], Pair] = {}
    told_apart: list[Pair] = []
    for policy in sorted(policies, key=lambda p: p.id):
        for relation in policy.relations:
            pair = Pair(policy.id, relation.policy, Combinability(relation.kind), relation.source)
            known = pairs.setdefault(frozenset((policy.id, relation.policy)), pair)
            if known.combinability is not pair.combinability:
                told_apart.append(pair)
    return Constraints((*pairs.values(), *told_apart), groups, effort)


def _pair_faults(pairs: tuple[Pair, ...]) -> Iterable[str]:
    said: dict[frozenset[str], Combinability] = {}
    for pair in pairs:
        name = f"{pair.first} and {pair.second}"
        if pair.first == pair.second:
            yield f"{pair.first} is related to itself: name two items"
        if pair.combinability is Combinability.NOT_CONFIRMED:
            yield f"{name}: leave a pair out to say that nothing is confirmed"
        if not pair.source.strip():
            yield f"{name}: {pair.combinability} needs a cited source"
        if said.setdefault(frozenset((pair.first, pair.second)), pair.combinability) != pair.combinability:
            yield f"{name} are called both combinable and exclusive: keep the one the text says"


def _group_faults(groups: tuple[Group, ...]) -> Iterable[str]:
    for group in groups:
        if not group.source.strip():
            yield f"group {group.id}: needs a cited source"
        if group.at_most is None and group.cap is None:
            yield f"group {group.id}: give it a limit (at_most) or a cap"
        if group.at_most is not None and group.at_most < 1:
            yield f"group {group.id}: at_most must be 1 or more, not {group.at_most}"
        if group.cap is not None and not 0 < group.cap < math.inf:
            yield f"group {group.id}: cap must be a positive sum, not {group.cap}"
    capped = Counter(item for group in groups if group.cap is not None for item in group.items)
    for item in sorted(item for item, count in capped.items() if count > 1):
        yield f"{item} is under more than one cap: which one pays first is not for us to guess"
