"""The compiled catalogue: one versioned value that everything else reads."""

from __future__ import annotations

from functools import cached_property

import msgspec

from catalog.attribute import Attribute, ConsentGroup, Parameter
from catalog.event import LifeEvent
from catalog.evidence import EvidenceType
from catalog.public_service import PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Names, Scope, SubjectKind

Item = PublicService | SupportPolicy
"""A public service or a support policy, where both are meant."""


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a homepage (教育, 就业, 减税降费 ...), in the order it is shown."""

    id: str
    names: Names
    subject: SubjectKind


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything the State offers and demands, as of one version.

    Tables are keyed by id (attributes and parameters by name). `version` is the hash of the
    content, so two catalogues with the same version are the same.
    """

    version: str
    synthetic: bool = False
    """True for a catalogue made by `catalog synthesize`; such a one is never served."""
    themes: dict[str, Theme]
    consent_groups: dict[str, ConsentGroup]
    attributes: dict[str, Attribute]
    parameters: dict[str, Parameter]
    evidence_types: dict[str, EvidenceType]
    public_services: dict[str, PublicService]
    support_policies: dict[str, SupportPolicy]
    events: dict[str, LifeEvent]

    @cached_property
    def items(self) -> dict[str, Item]:
        """Public services and support policies together, by id."""
        return {**self.public_services, **self.support_policies}

    def items_for(self, subject: SubjectKind, scope: Scope) -> tuple[Item, ...]:
        """The confirmed items one judgement of this kind ranges over, in id order."""
        return self._confirmed.get((subject, scope), ())

    def events_for(self, subject: SubjectKind, scope: Scope) -> tuple[LifeEvent, ...]:
        """The confirmed life or business events of such scope items, in id order."""
        return self._confirmed_events.get((subject, scope), ())

    @cached_property
    def sole_outputs(self) -> dict[str, frozenset[str]]:
        """By public service, the papers that it alone yields to subjects of its kind.

        A firm's tax clearance comes of closing a firm, though a citizen gets one on emigrating.
        """
        alone: dict[str, frozenset[str]] = {}
        for service in self.public_services.values():
            papers = (self.evidence_types[paper] for paper in service.outputs)
            if own := frozenset(p.id for p in papers if self._issuers(p, service.subject) == [service.id]):
                alone[service.id] = own
        return alone

    def _issuers(self, paper: EvidenceType, kind: SubjectKind) -> list[str]:
        """Who yields a paper to one kind of subject; somebody unknown may."""
        services = self.public_services
        return [one for one in paper.issued_by if one not in services or services[one].subject is kind]

    @cached_property
    def _confirmed_events(self) -> dict[tuple[SubjectKind, Scope], tuple[LifeEvent, ...]]:
        sorted_events: dict[tuple[SubjectKind, Scope], list[LifeEvent]] = {}
        for _, event in sorted(self.events.items()):
            if event.status == "confirmed":
                sorted_events.setdefault((event.subject, event.scope), []).append(event)
        return {key: tuple(events) for key, events in sorted_events.items()}

    @cached_property
    def _confirmed(self) -> dict[tuple[SubjectKind, Scope], tuple[Item, ...]]:
        """Confirmed items by what they range over: asked for with every page, so sorted once."""
        sorted_items: dict[tuple[SubjectKind, Scope], list[Item]] = {}
        for _, item in sorted(self.items.items()):
            if item.status == "confirmed":
                sorted_items.setdefault((item.subject, item.scope), []).append(item)
        return {key: tuple(items) for key, items in sorted_items.items()}
