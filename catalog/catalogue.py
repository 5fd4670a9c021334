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

    @cached_property
    def _confirmed(self) -> dict[tuple[SubjectKind, Scope], tuple[Item, ...]]:
        """Confirmed items by what they range over: asked for with every page, so sorted once."""
        sorted_items: dict[tuple[SubjectKind, Scope], list[Item]] = {}
        for _, item in sorted(self.items.items()):
            if item.status == "confirmed":
                sorted_items.setdefault((item.subject, item.scope), []).append(item)
        return {key: tuple(items) for key, items in sorted_items.items()}
