"""一件事: life and business events, ordered graphs of public services."""

from __future__ import annotations

import msgspec

from catalog.criterion import Criterion
from catalog.duty import Duty
from catalog.vocabulary import Confidence, Delicacy, Names, Proactive, Scope, Status, SubjectKind


class Step(msgspec.Struct, frozen=True):
    """One public service in an event; an optional one counts only if its own criteria hold."""

    service: str
    optional: bool = False
    another: bool = False
    """Taken for another thing of the same kind: the new car, not the one that is given up."""


class LifeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event in a citizen's life, or (subject `enterprise`) a business event.

    `stages` run one after another; the steps of one stage run side by side.
    """

    id: str
    names: Names
    subject: SubjectKind
    scope: Scope
    theme: str
    trigger: str
    """The attribute whose change announces the event."""
    criteria: tuple[Criterion, ...]
    stages: tuple[tuple[Step, ...], ...]
    lead_authority: str
    legal_basis: str
    list_source: str
    duty: Duty | None = None
    proactive: Proactive = Proactive.PUSH
    delicacy: Delicacy = Delicacy.NORMAL
    consent_attributes: tuple[str, ...] = ()
    status: Status = Status.CONFIRMED
    confidence: Confidence = Confidence.MEDIUM
    source: str = ""
    note: str | None = None
