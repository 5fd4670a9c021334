"""What a set of granted targets opens to one purpose, computed once per combination and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind
from features.schema import UseName
from privacy.needs import CLOSED, Needs, NeedsOf, needs_of
from privacy.purposes import CONSULTATIONS, INTERACTIONS, RATINGS, Policy


@dataclass(frozen=True, slots=True)
class Opening:
    """What one use may know of one subject, and the names of what further consent would open."""

    attributes: frozenset[str]
    """With the `has_<attribute>` of each."""
    register_of: dict[str, str]
    scopes: frozenset[Scope]
    evidence: frozenset[str]
    cases: frozenset[str]
    interactions: bool
    interactions_with: frozenset[str]
    consultations: bool
    closed_topics: frozenset[str]
    ratings: bool
    ratings_of: frozenset[str]
    relations: frozenset[str]
    closed_relations: frozenset[str]
    other_relations: bool
    withheld: frozenset[str]


class _Same:
    """A catalogue and a policy as a cache key: by identity, for neither can be hashed cheaply."""

    def __init__(self, catalogue: Catalogue, policy: Policy) -> None:
        self.catalogue, self.policy = catalogue, policy

    def __hash__(self) -> int:
        return hash((id(self.catalogue), id(self.policy)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.catalogue is self.catalogue and other.policy is self.policy


def needs_for(catalogue: Catalogue, policy: Policy, kind: SubjectKind, use: UseName) -> NeedsOf:
    """The needs of all that can be known of such subjects for the use (kept)."""
    return _needs(_Same(catalogue, policy), kind, use)


def opening(
    catalogue: Catalogue, policy: Policy, kind: SubjectKind, use: UseName, granted: frozenset[str]
) -> Opening:
    """What these granted targets open to the use for a subject of this kind (kept)."""
    return _opening(_Same(catalogue, policy), kind, use, granted - CLOSED)


def targets(catalogue: Catalogue, policy: Policy, kind: SubjectKind, use: UseName) -> tuple[str, ...]:
    """Every consent target that opens something to the use for such subjects, in order."""
    needs = needs_for(catalogue, policy, kind, use)
    tables: tuple[Mapping[Any, Needs], ...] = (
        needs.attributes,
        needs.derived,
        needs.scopes,
        needs.evidence,
        needs.cases,
        needs.interactions_with,
        needs.consulted_on,
        needs.ratings_of,
        needs.relations,
    )
    several = {
        *(need for table in tables for need in table.values()),
        needs.interactions,
        needs.consultations,
        needs.ratings,
        needs.other_relations,
    }
    return tuple(sorted(frozenset[str]().union(*several) - CLOSED))


@lru_cache(maxsize=64)
def _needs(same: _Same, kind: SubjectKind, use: UseName) -> NeedsOf:
    return needs_of(same.catalogue, same.policy, kind, use)


@lru_cache(maxsize=4096)
def _opening(same: _Same, kind: SubjectKind, use: UseName, granted: frozenset[str]) -> Opening:
    needs = _needs(same, kind, use)
    attributes = {name for name, need in needs.attributes.items() if need <= granted}
    # A true attribute may be called has_x: its own needs then decide, not those of an optional x.
    flags = {presence(name) for name in attributes} - needs.attributes.keys() - needs.derived.keys()
    return Opening(
        attributes=frozenset(attributes | flags),
        register_of={
            told: same.catalogue.attributes[name].register
            for name in attributes
            for told in (name, presence(name))
        },
        scopes=frozenset(scope for scope, need in needs.scopes.items() if need <= granted),
        evidence=frozenset(type_ for type_, need in needs.evidence.items() if need <= granted),
        cases=frozenset(item for item, need in needs.cases.items() if need <= granted),
        interactions=needs.interactions <= granted,
        interactions_with=frozenset(i for i, need in needs.interactions_with.items() if need <= granted),
        consultations=needs.consultations <= granted,
        closed_topics=frozenset(t for t, need in needs.consulted_on.items() if not need <= granted),
        ratings=needs.ratings <= granted,
        ratings_of=frozenset(i for i, need in needs.ratings_of.items() if need <= granted),
        relations=frozenset(kind for kind, need in needs.relations.items() if need <= granted),
        closed_relations=frozenset(kind for kind, need in needs.relations.items() if not need <= granted),
        other_relations=needs.other_relations <= granted,
        withheld=_withheld(needs, granted),
    )


def _withheld(needs: NeedsOf, granted: frozenset[str]) -> frozenset[str]:
    named: list[tuple[str, Needs]] = [
        *needs.attributes.items(),
        *needs.derived.items(),
        *((f"evidence:{type_}", need) for type_, need in needs.evidence.items()),
        *((f"case:{item}", need) for item, need in needs.cases.items()),
        *((f"scope:{scope}", need) for scope, need in needs.scopes.items()),
        *((f"relation:{kind}", need) for kind, need in needs.relations.items()),
        (INTERACTIONS, needs.interactions),
        (CONSULTATIONS, needs.consultations),
        (RATINGS, needs.ratings),
    ]
    return frozenset(name for name, need in named if not need <= granted and not need >= CLOSED)
