"""The shapes of the catalogue's YAML files: what an author writes, before it is checked and linked."""

from __future__ import annotations

from typing import Literal

import msgspec

from catalog.attribute import DatedValue, Implication
from catalog.public_service import Channels
from catalog.support_policy import ApplyMode, BenefitType
from catalog.vocabulary import (
    Confidence,
    Delicacy,
    Level,
    Names,
    Nature,
    Origin,
    Proactive,
    Procedure,
    Scope,
    Sensitivity,
    Status,
    SubjectKind,
    ValueType,
)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a YAML file; keys other than its fields are faults."""


class CriterionSheet(Sheet, frozen=True, kw_only=True):
    """One condition, with its own citation where it has one."""

    id: str
    when: str
    legal_source: str | None = None


class StepSheet(Sheet, frozen=True, kw_only=True):
    """A step of an event."""

    service: str
    optional: bool = False
    another: bool = False


class ItemSheet(Sheet, frozen=True, kw_only=True):
    """What services, policies and events have in common."""

    id: str
    names: Names
    criteria: tuple[CriterionSheet, ...]
    legal_basis: str
    confidence: Confidence
    source: str
    deadline: str | None = None
    rolls: bool = False
    lead_days: int = 30
    proactive: Proactive = Proactive.PUSH
    delicacy: Delicacy = Delicacy.NORMAL
    status: Status = Status.CONFIRMED
    note: str | None = None


class PublicServiceSheet(ItemSheet, frozen=True, kw_only=True):
    """public_services/<id>.yaml."""

    subject: SubjectKind
    scope: Scope
    theme: str
    authority: str
    level: Level
    nature: Nature
    procedure: Procedure
    evidence: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    processing_limit: str | None = None
    channels: Channels | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    item_code: str | None = None


class EventSheet(ItemSheet, frozen=True, kw_only=True):
    """events/<id>.yaml."""

    subject: SubjectKind
    scope: Scope
    theme: str
    trigger: str
    stages: tuple[tuple[StepSheet, ...], ...]
    lead_authority: str
    list_source: str


class AmountSheet(Sheet, frozen=True, kw_only=True):
    """A sum the text states, with its unit."""

    value: float
    source: str
    unit: str | None = None
    per: str | None = None
    cap: float | None = None
    every: Literal["once", "year", "month"] = "once"


class RelationSheet(Sheet, frozen=True, kw_only=True):
    """What a cited text says of this policy and another held together."""

    policy: str
    kind: Literal["combinable", "exclusive"]
    source: str
    prevails: bool = False


class SupportPolicySheet(ItemSheet, frozen=True, kw_only=True):
    """support_policies/<id>.yaml."""

    category: str
    issuer: str
    level: Level
    benefit_type: BenefitType
    benefit: Names
    apply_mode: ApplyMode
    subject: SubjectKind = SubjectKind.ENTERPRISE
    scope: Scope = Scope.SELF
    amount: AmountSheet | None = None
    relations: tuple[RelationSheet, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    evidence: tuple[str, ...] = ()
    related_services: tuple[str, ...] = ()


class AttributeSheet(Sheet, frozen=True, kw_only=True):
    """One entry of attributes/<authority>.yaml."""

    names: Names
    subject: SubjectKind
    scope: Scope
    type: ValueType
    origin: Origin
    sensitivity: Sensitivity
    consent_group: str | None = None
    unit: str | None = None
    values: dict[str, Names] = {}
    derived: str | None = None
    implied_by: Implication | None = None
    optional: bool = False


class AuthoritySheet(Sheet, frozen=True, kw_only=True):
    """attributes/<authority>.yaml: the office, and the register its values travel in."""

    authority: str
    registers: dict[SubjectKind, str]
    attributes: dict[str, AttributeSheet]


class EvidenceTypeSheet(Sheet, frozen=True, kw_only=True):
    """One entry of evidence_types/<authority>.yaml."""

    names: Names
    kind: Literal["licence", "form", "proof"]
    issuing_authority: str | None = None
    fetchable: bool = False
    substitutes: tuple[str, ...] = ()
    substitution_source: str | None = None
    consent_group: str | None = None


class EvidenceTypesSheet(Sheet, frozen=True, kw_only=True):
    """evidence_types/<authority>.yaml."""

    evidence_types: dict[str, EvidenceTypeSheet]


class ParameterSheet(Sheet, frozen=True, kw_only=True):
    """parameters/<name>.yaml."""

    name: str
    names: Names
    unit: str | None = None
    values: tuple[DatedValue, ...] = ()


class ThemeSheet(Sheet, frozen=True, kw_only=True):
    """One entry of themes.yaml."""

    id: str
    names: Names
    subject: SubjectKind


class ThemesSheet(Sheet, frozen=True, kw_only=True):
    """themes.yaml, in the order the sections are shown."""

    themes: tuple[ThemeSheet, ...]


class ConsentGroupsSheet(Sheet, frozen=True, kw_only=True):
    """consent_groups.yaml."""

    consent_groups: tuple[ThemeSheet, ...]
