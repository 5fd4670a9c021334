"""惠企政策: a support policy for enterprises."""

from __future__ import annotations

from typing import Literal

import msgspec

from catalog.criterion import Criterion
from catalog.duty import Duty
from catalog.vocabulary import Confidence, Delicacy, Level, Names, Proactive, Scope, Status, SubjectKind

ApplyMode = Literal["apply", "self_declare", "no_application", "file"]
"""申报, 自行申报享受, 免申即享, 备案."""
BenefitType = Literal["tax", "grant", "award", "right", "fee", "loan"]


class Relation(msgspec.Struct, frozen=True):
    """What a cited text says of two policies held together."""

    policy: str
    kind: Literal["combinable", "exclusive"]
    source: str
    prevails: bool = False
    """Whether the text says that of the two exclusive ones this is the better, whoever qualifies for both."""


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """A sum that the text itself states: `per_unit` x attribute, within a cap. Never estimated."""

    yuan: float
    per: str | None = None
    """An attribute the sum is multiplied by; None for a lump sum."""
    cap: float | None = None
    every: Literal["once", "year", "month"] = "once"
    source: str


class SupportPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """One relief, grant, award, loan or right an enterprise may enjoy."""

    id: str
    names: Names
    category: str
    """A theme slug of themes.yaml."""
    issuer: str
    level: Level
    benefit_type: BenefitType
    benefit: Names
    """What it brings, in plain words."""
    apply_mode: ApplyMode
    criteria: tuple[Criterion, ...]
    legal_basis: str
    subject: SubjectKind = SubjectKind.ENTERPRISE
    scope: Scope = Scope.SELF
    amount: Amount | None = None
    """None where the facts state none: unknown, never zero."""
    relations: tuple[Relation, ...] = ()
    duty: Duty | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    evidence: tuple[str, ...] = ()
    related_services: tuple[str, ...] = ()
    proactive: Proactive = Proactive.PUSH
    delicacy: Delicacy = Delicacy.NORMAL
    consent_attributes: tuple[str, ...] = ()
    status: Status = Status.CONFIRMED
    confidence: Confidence = Confidence.MEDIUM
    source: str = ""
    note: str | None = None
