"""政务服务事项: a public service (CPSV-AP)."""

from __future__ import annotations

import msgspec

from catalog.criterion import Criterion
from catalog.duty import Duty
from catalog.vocabulary import (
    Confidence,
    Delicacy,
    Level,
    Names,
    Nature,
    Proactive,
    Procedure,
    Scope,
    Status,
    SubjectKind,
)


class Channels(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item can be done. Null is unknown, and shown as the 12345 hotline."""

    online: str | None = None
    terminal: str | None = None
    hall: str | None = None
    hotline: str | None = None


class PublicService(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a citizen or an enterprise must or may do with an authority."""

    id: str
    names: Names
    subject: SubjectKind
    scope: Scope
    theme: str
    """A theme slug of themes.yaml."""
    authority: str
    level: Level
    nature: Nature
    procedure: Procedure
    criteria: tuple[Criterion, ...]
    legal_basis: str
    duty: Duty | None = None
    evidence: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    processing_limit: str | None = None
    """As the source puts it; a planning figure, never a promise. None is unknown."""
    channels: Channels | None = None
    proactive: Proactive = Proactive.PUSH
    delicacy: Delicacy = Delicacy.NORMAL
    consent_attributes: tuple[str, ...] = ()
    """Attributes its criteria read that need consent to compute."""
    valid_from: str | None = None
    valid_to: str | None = None
    item_code: str | None = None
    """GB/T 39554; empty until the owning department signs off."""
    status: Status = Status.CONFIRMED
    confidence: Confidence = Confidence.MEDIUM
    source: str = ""
    note: str | None = None
