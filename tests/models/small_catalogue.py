"""Small catalogues made of a few lines, for tests of what is decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.criterion import Criterion
from catalog.deadline import parse_deadline
from catalog.duty import Duty
from catalog.event import LifeEvent, Step
from catalog.evidence import EvidenceType
from catalog.expression import parse_condition
from catalog.public_service import PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import (
    Level,
    Names,
    Nature,
    Origin,
    Procedure,
    Scope,
    Sensitivity,
    SubjectKind,
    ValueType,
)
from features.schema import Case, CaseStatus, Evidence, MaskedProfile, ScopeItem, Value

NAMES = Names("名", "name")
ON = dt.date(2026, 11, 21)
AT = dt.datetime(2026, 11, 1, 4, 0, tzinfo=dt.UTC)


def duty(expression: str | None, **more: Any) -> Duty | None:
    return (
        None if expression is None else Duty(expression=expression, rule=parse_deadline(expression), **more)
    )


def criteria(*conditions: str) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(id=f"c{n}", expression=text, predicate=parse_condition(text), legal_source="某法第一条")
        for n, text in enumerate(conditions)
    )


def service(id: str, *conditions: str, deadline: str | None = None, **more: Any) -> PublicService:
    more.setdefault("nature", Nature.OTHER)
    more.setdefault("subject", SubjectKind.CITIZEN)
    more.setdefault("scope", Scope.SELF)
    more.setdefault("procedure", Procedure.REGISTRATION)
    more.setdefault("duty", duty(deadline))
    return PublicService(
        id=id,
        names=NAMES,
        theme="theme",
        authority="民政",
        level=Level.CITY,
        criteria=criteria(*conditions),
        legal_basis="某法",
        **more,
    )


def policy(id: str, *conditions: str, deadline: str | None = None, **more: Any) -> SupportPolicy:
    more.setdefault("apply_mode", "apply")
    more.setdefault("duty", duty(deadline))
    return SupportPolicy(
        id=id,
        names=NAMES,
        category="theme",
        issuer="科委",
        level=Level.CITY,
        benefit_type="grant",
        benefit=NAMES,
        criteria=criteria(*conditions),
        legal_basis="某办法",
        **more,
    )


def paper(id: str, **more: Any) -> EvidenceType:
    more.setdefault("kind", "proof")
    return EvidenceType(id=id, names=NAMES, **more)


def event(id: str, *conditions: str, stages: Iterable[Iterable[str]], **more: Any) -> LifeEvent:
    """An event whose steps are named by their services: optional ones with a question mark, and those for
    another thing of the kind with an exclamation mark.
    """
    more.setdefault("subject", SubjectKind.CITIZEN)
    more.setdefault("scope", Scope.SELF)
    return LifeEvent(
        id=id,
        names=NAMES,
        theme="theme",
        trigger="flag",
        criteria=criteria(*conditions),
        stages=tuple(
            tuple(Step(name.rstrip("?!"), optional="?" in name, another="!" in name) for name in stage)
            for stage in stages
        ),
        lead_authority="民政",
        legal_basis="某法",
        list_source="PRODUCT",
        **more,
    )


def attribute(name: str, kind: ValueType, **more: Any) -> Attribute:
    more.setdefault("subject", SubjectKind.CITIZEN)
    more.setdefault("scope", Scope.SELF)
    return Attribute(
        name=name,
        names=NAMES,
        type=kind,
        authority="民政",
        register="civil-affairs",
        origin=Origin.AUTHORITY,
        sensitivity=Sensitivity.ORDINARY,
        **more,
    )


def catalogue(*things: PublicService | SupportPolicy | EvidenceType | LifeEvent | Attribute) -> Catalogue:
    return Catalogue(
        version="test",
        themes={},
        consent_groups={},
        attributes={t.name: t for t in things if isinstance(t, Attribute)},
        parameters={},
        evidence_types={t.id: t for t in things if isinstance(t, EvidenceType)},
        public_services={t.id: t for t in things if isinstance(t, PublicService)},
        support_policies={t.id: t for t in things if isinstance(t, SupportPolicy)},
        events={t.id: t for t in things if isinstance(t, LifeEvent)},
    )


def scope_item(
    id: str = "s", scope: Scope = Scope.SELF, owner: str = "s", /, **attributes: Value
) -> ScopeItem:
    return ScopeItem(id=id, scope=scope, owner=owner, label=None, attributes=attributes)


def profile(*scope_items: ScopeItem, kind: SubjectKind = SubjectKind.CITIZEN) -> MaskedProfile:
    return MaskedProfile(scope_items[0].id, kind, "assess", scope_items, (), (), frozenset())


def case(item: str, status: CaseStatus, cycle: str = "once", at: dt.datetime = AT) -> Case:
    return Case(f"case-{item}-{status}-{cycle}", "s", item, cycle, status, None, at, None)


def held(
    type: str,
    valid_from: dt.date | None = dt.date(2020, 1, 1),
    valid_to: dt.date | None = None,
    source: Any = "authority",
) -> Evidence:
    return Evidence(f"e-{type}", "s", type, valid_from, valid_to, source)
