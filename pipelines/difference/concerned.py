"""Which standings of a subject may be others than they were, by what is known of the subject now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind
from features.schema import Case, Evidence, MaskedProfile, ScopeItem, Value
from models.eligibility.following import affected
from models.eligibility.rules import RuleSet
from models.standing.readers import Readers, readers_of

Pairs = frozenset[tuple[str, str]]
"""Scope items, each with an item."""
NOT_TOLD: Final = object()
_Held = TypeVar("_Held", Evidence, Case)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is held of one scope item otherwise than before."""

    attributes: frozenset[str]
    papers: frozenset[str]
    cases: frozenset[str]

    def plus(self, other: _Changes) -> _Changes:
        return _Changes(
            self.attributes | other.attributes, self.papers | other.papers, self.cases | other.cases
        )


@dataclass(slots=True)
class Concerns:
    """Finds, by one catalogue, whom a change concerns."""

    catalogue: Catalogue
    _readers: dict[tuple[SubjectKind, Scope], Readers] = field(default_factory=dict)
    _named: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._named = {presence(name): name for name in self.catalogue.attributes}

    def between(self, before: MaskedProfile, now: MaskedProfile, rules: Mapping[Scope, RuleSet]) -> Pairs:
        """The pairs whose standing may differ between two profiles of one subject, use and day.

        Of a scope item that is new, or called otherwise, all; of the others those items that read what is
        told otherwise of it or of its owner: be it derived, implied, or made or no longer made unbelievable.
        """
        were = {each.id: each for each in before.scope_items}
        of_owner = self._changes(before.itself, now.itself)
        found: set[tuple[str, str]] = set()
        for each in now.scope_items:
            readers = self._readers_of(now.kind, each.scope)
            was = were.get(each.id)
            if was is None or (was.scope, was.label) != (each.scope, each.label):
                found.update((each.id, item) for item in readers.items)
                continue
            changed = of_owner if each is now.itself else self._changes(was, each).plus(of_owner)
            follows = affected(rules[each.scope], changed.attributes) if changed.attributes else ()
            items = readers.of_attributes(follows)
            items |= readers.of_papers(changed.papers) | readers.of_cases(changed.cases)
            found.update((each.id, item) for item in items)
        return frozenset(found)

    def _readers_of(self, kind: SubjectKind, scope: Scope) -> Readers:
        if (kind, scope) not in self._readers:
            self._readers[kind, scope] = readers_of(self.catalogue, kind, scope)
        return self._readers[kind, scope]

    def _changes(self, was: ScopeItem, now: ScopeItem) -> _Changes:
        told = _otherwise(was.attributes, now.attributes)
        return _Changes(
            frozenset(self._named.get(name, name) for name in told),
            frozenset(paper.type for paper in _moved(was.evidence, now.evidence)),
            frozenset(case.item for case in _moved(was.cases, now.cases)),
        )


def _otherwise(was: Mapping[str, Value], now: Mapping[str, Value]) -> set[str]:
    names = was.keys() | now.keys()
    return {name for name in names if was.get(name, NOT_TOLD) != now.get(name, NOT_TOLD)}


def _moved(was: Iterable[_Held], now: Iterable[_Held]) -> set[_Held]:
    """What is held in one of the two alone."""
    return set(was).symmetric_difference(now)
