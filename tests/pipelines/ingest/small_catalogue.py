"""A catalogue small enough to read in a test: one register a scope, two services, two papers."""

from __future__ import annotations

from typing import Any

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.evidence import EvidenceType
from catalog.public_service import PublicService
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


def named(text: str) -> Names:
    return Names(zh=text, en=text)


def attribute(name: str, type_: ValueType, scope: Scope = Scope.SELF, **rest: Any) -> Attribute:
    return Attribute(
        **{
            "name": name,
            "names": named(name),
            "subject": SubjectKind.CITIZEN,
            "scope": scope,
            "type": type_,
            "authority": "公安",
            "register": "public-security",
            "origin": Origin.AUTHORITY,
            "sensitivity": Sensitivity.ORDINARY,
            **rest,
        }
    )


def service(id_: str, scope: Scope) -> PublicService:
    return PublicService(
        id=id_,
        names=named(id_),
        subject=SubjectKind.CITIZEN,
        scope=scope,
        theme="family",
        authority="公安",
        level=Level.CITY,
        nature=Nature.OBLIGATION,
        procedure=Procedure.OBLIGATION,
        criteria=(),
        legal_basis="户口登记条例 7",
    )


ATTRIBUTES = (
    attribute("birth_date", ValueType.DATE),
    attribute("hukou_province", ValueType.ENUM, allowed=("北京", "河北", "其他")),
    attribute("monthly_income", ValueType.NUMBER, register="tax", unit="yuan", consent_group="income"),
    attribute("married", ValueType.BOOLEAN, register="civil-affairs"),
    attribute("passport_expiry", ValueType.DATE, optional=True),
    attribute("age", ValueType.NUMBER, derived="years_between(birth_date, on)", origin=Origin.DERIVED),
    attribute("child_birth_date", ValueType.DATE, Scope.CHILD),
    attribute("child_vaccinated", ValueType.BOOLEAN, Scope.CHILD, register="health"),
    attribute("employees", ValueType.NUMBER, subject=SubjectKind.ENTERPRISE, register="tax"),
)


def small_catalogue() -> Catalogue:
    papers = (
        EvidenceType(id="birth-certificate", names=named("出生医学证明"), kind="licence"),
        EvidenceType(id="income-proof", names=named("收入证明"), kind="proof", consent_group="income"),
    )
    services = (service("first-id-card", Scope.SELF), service("birth-registration", Scope.CHILD))
    return Catalogue(
        version="small",
        themes={},
        consent_groups={},
        attributes={a.name: a for a in ATTRIBUTES},
        parameters={},
        evidence_types={paper.id: paper for paper in papers},
        public_services={s.id: s for s in services},
        support_policies={},
        events={},
    )
