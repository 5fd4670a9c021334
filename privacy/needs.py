"""What must be consented to before a purpose may know each attribute, paper, case and scope item.

The needs of a thing are the consent targets that must all be granted: none where it serves under
statutory duty, `CLOSED` where it may never serve. A thing that tells of others needs what they need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Item
from catalog.derivation import parse_derivation, reads
from catalog.event import LifeEvent
from catalog.evidence import EvidenceType
from catalog.predicate import attributes_of
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import SCOPES_OF, Delicacy, Scope, Sensitivity, SubjectKind
from features.schema import UseName
from privacy.purposes import (
    CONSULTATIONS,
    INTERACTIONS,
    RATINGS,
    Basis,
    DataClass,
    Policy,
    attribute_target,
    evidence_target,
)
from privacy.secrets import CLOSED, Needs, secrecy_needs

__all__ = ["CLOSED", "Needs", "NeedsOf", "needs_of"]


@dataclass(frozen=True, slots=True)
class NeedsOf:
    """The needs of everything that can be known of one kind of subject, for one use."""

    attributes: Mapping[str, Needs]
    derived: Mapping[str, Needs]
    scopes: Mapping[Scope, Needs]
    evidence: Mapping[str, Needs]
    cases: Mapping[str, Needs]
    interactions: Needs
    interactions_with: Mapping[str, Needs]
    consultations: Needs
    consulted_on: Mapping[str, Needs]
    """By topic that the catalogue has; any other needs no more than `consultations`."""
    ratings: Needs
    ratings_of: Mapping[str, Needs]
    relations: Mapping[str, Needs]
    other_relations: Needs


def needs_of(catalogue: Catalogue, policy: Policy, kind: SubjectKind, use: UseName) -> NeedsOf:
    """Reads the catalogue and the policy into needs."""
    return _Reader(catalogue, policy, kind, use).read()


@dataclass(frozen=True)
class _Reader:
    catalogue: Catalogue
    policy: Policy
    kind: SubjectKind
    use: UseName

    def read(self) -> NeedsOf:
        ours = {n: a for n, a in self.catalogue.attributes.items() if a.subject == self.kind}
        things: dict[str, Item | LifeEvent] = {**self.catalogue.items, **self.catalogue.events}
        delicate = {id_: self._delicate(thing) for id_, thing in things.items() if thing.subject == self.kind}
        ordinary_record = self._class(DataClass(), evidence_target)
        interactions = self._basis(self.policy.interaction_basis(self.use), INTERACTIONS)
        consultations = self._basis(self.policy.consultation_basis(self.use), CONSULTATIONS)
        ratings = self._basis(self.policy.rating_basis(self.use), RATINGS)
        return NeedsOf(
            attributes={n: self._attribute(a, ()) for n, a in ours.items() if a.derived is None},
            derived={n: self._attribute(a, ()) for n, a in ours.items() if a.derived is not None},
            scopes={scope: self._scope(scope) for scope in SCOPES_OF[self.kind]},
            evidence={
                id_: self._evidence(type_, delicate) for id_, type_ in self.catalogue.evidence_types.items()
            },
            cases={id_: needs | ordinary_record for id_, needs in delicate.items()},
            interactions=interactions,
            interactions_with={id_: needs | interactions for id_, needs in delicate.items()},
            consultations=consultations,
            consulted_on={t: needs | consultations for t, needs in self._topics(delicate).items()},
            ratings=ratings,
            ratings_of={id_: needs | ratings for id_, needs in delicate.items()},
            relations={
                name: self._class(data, attribute_target) for name, data in self.policy.relations.items()
            },
            other_relations=self._class(DataClass(), attribute_target),
        )

    def _basis(self, basis: Basis, target: str) -> Needs:
        return {
            Basis.STATUTORY_DUTY: frozenset[str](),
            Basis.CONSENT: frozenset({target}),
            Basis.NEVER: CLOSED,
        }[basis]

    def _class(self, data: DataClass, target: Callable[[str], str]) -> Needs:
        return self._basis(self.policy.basis(self.use, data), target(self.policy.group(data)))

    def _attribute(self, attribute: Attribute, seen: tuple[str, ...]) -> Needs:
        """Its own needs and those of all it is derived from or implied by."""
        data = DataClass(attribute.sensitivity, attribute.origin, attribute.consent_group)
        own = self._class(data, attribute_target)
        if attribute.derived is not None and attribute.sensitivity is Sensitivity.ORDINARY:
            own = frozenset()
        own = secrecy_needs(attribute, own, self.catalogue, self.policy, self.use)
        seen = (*seen, attribute.name)
        sources = [self.catalogue.attributes.get(name) for name in _sources(attribute) if name not in seen]
        return own.union(*(self._attribute(source, seen) for source in sources if source is not None))

    def _scope(self, scope: Scope) -> Needs:
        if scope is Scope.SELF:
            return frozenset()
        return self._class(self.policy.scope_items.get(scope, DataClass()), attribute_target)

    def _delicate(self, thing: Item | LifeEvent) -> Needs:
        """What dealing with an item tells: the delicate attributes its criteria read.

        That one takes it up also tells what one declared of one's plans; but the authority holds the
        case by its own duty, and a plan that is not delicate closes nothing.
        """
        read = {name for criterion in thing.criteria for name in attributes_of(criterion.predicate)}
        known = self.catalogue.attributes
        told = [known[name] for name in sorted({*read, *thing.consent_attributes} & known.keys())]
        delicate = [attribute for attribute in told if attribute.sensitivity is not Sensitivity.ORDINARY]
        if thing.delicacy is not Delicacy.NORMAL and not delicate:
            group = self.policy.delicacy_groups.get(thing.delicacy, str(thing.delicacy))
            data = DataClass(Sensitivity(thing.delicacy), consent_group=group)
            return self._class(data, evidence_target)
        return frozenset[str]().union(*(self._attribute(attribute, ()) for attribute in delicate))

    def _topics(self, delicate: Mapping[str, Needs]) -> dict[str, Needs]:
        """What a question tells: of an item, what that tells; of a theme, what every item of it tells."""
        told: dict[str, Needs] = dict(delicate)
        by_theme: dict[str, list[Needs]] = {}
        for id_, item in self.catalogue.items.items():
            theme = item.category if isinstance(item, SupportPolicy) else item.theme
            if id_ in delicate:
                by_theme.setdefault(theme, []).append(delicate[id_])
        return told | {theme: frozenset.intersection(*needs) for theme, needs in by_theme.items()}

    def _evidence(self, type_: EvidenceType, delicate: Mapping[str, Needs]) -> Needs:
        """Its group's needs; and, where every service that yields it is delicate, what they all need."""
        sensitivity = Sensitivity.ORDINARY if type_.consent_group is None else Sensitivity.SENSITIVE
        own = self._class(DataClass(sensitivity, consent_group=type_.consent_group), evidence_target)
        yielding = [delicate[service] for service in type_.issued_by if service in delicate]
        return own | frozenset.intersection(*yielding) if yielding else own


def _sources(attribute: Attribute) -> Iterable[str]:
    if attribute.derived is not None:
        yield from reads(parse_derivation(attribute.derived))
    if attribute.implied_by is not None:
        yield attribute.implied_by.attribute
