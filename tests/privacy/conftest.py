"""A small catalogue with every kind of delicacy in it, and what each thing in it needs, by hand."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from catalog.attribute import Attribute, Implication
from catalog.catalogue import Catalogue
from catalog.criterion import Criterion
from catalog.evidence import EvidenceType
from catalog.predicate import Compare
from catalog.public_service import PublicService
from catalog.vocabulary import (
    Delicacy,
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
from tests.privacy.real_catalogue import CATALOGUE


def _attribute(name: str, type_: ValueType, **fields: object) -> Attribute:
    given: dict[str, object] = {
        "names": Names(name, name),
        "subject": SubjectKind.CITIZEN,
        "scope": Scope.SELF,
        "authority": "公安",
        "register": "public-security",
        "origin": Origin.AUTHORITY,
        "sensitivity": Sensitivity.ORDINARY,
    }
    return Attribute(name=name, type=type_, **{**given, **fields})  # type: ignore[arg-type]


def _service(id_: str, reads: str, delicacy: Delicacy = Delicacy.NORMAL) -> PublicService:
    return PublicService(
        id=id_,
        names=Names(id_, id_),
        subject=SubjectKind.CITIZEN,
        scope=Scope.SELF,
        theme="health",
        authority="民政",
        level=Level.CITY,
        nature=Nature.BENEFIT,
        procedure=Procedure.BENEFIT,
        criteria=(
            Criterion(
                id="c1",
                expression=f"{reads} = TRUE",
                predicate=Compare(reads, "=", True),
                legal_source="law",
            ),
        ),
        legal_basis="law",
        delicacy=delicacy,
    )


SENSITIVE = {"sensitivity": Sensitivity.SENSITIVE}
CHILD = {"scope": Scope.CHILD, "sensitivity": Sensitivity.MINOR, "consent_group": "children"}
ATTRIBUTES = (
    _attribute("birth_date", ValueType.DATE),
    _attribute("age", ValueType.NUMBER, derived="years_between(birth_date, on)", origin=Origin.DERIVED),
    _attribute("insured", ValueType.BOOLEAN, register="health"),
    _attribute("licence_expiry", ValueType.DATE, register="traffic", optional=True),
    _attribute("is_disabled", ValueType.BOOLEAN, register="civil", consent_group="disability", **SENSITIVE),
    _attribute(
        "disability_grade",
        ValueType.NUMBER,
        register="civil",
        consent_group="disability",
        optional=True,
        **SENSITIVE,
    ),
    _attribute(
        "disability_tier",
        ValueType.ENUM,
        register="civil",
        implied_by=Implication("disability_grade_word", {"1": "severe"}),
    ),
    _attribute(
        "disability_grade_word", ValueType.ENUM, register="civil", consent_group="disability", **SENSITIVE
    ),
    _attribute(
        "years_disabled",
        ValueType.NUMBER,
        derived="years_between(disabled_since, on)",
        origin=Origin.DERIVED,
    ),
    _attribute("disabled_since", ValueType.DATE, register="civil", consent_group="disability", **SENSITIVE),
    _attribute("income", ValueType.NUMBER, register="tax", consent_group="finances", **SENSITIVE),
    _attribute(
        "wants_licence", ValueType.BOOLEAN, register="declared", origin=Origin.DECLARED, authority="用户申报"
    ),
    _attribute("child_birth_date", ValueType.DATE, **CHILD),
    _attribute("child_hukou", ValueType.BOOLEAN, optional=True, **CHILD),
    _attribute("plate", ValueType.ENUM, register="traffic", scope=Scope.VEHICLE),
    _attribute(
        "vehicle_seized",
        ValueType.BOOLEAN,
        register="traffic",
        scope=Scope.VEHICLE,
        consent_group="justice",
        **SENSITIVE,
    ),
)


@pytest.fixture(scope="session")
def real() -> Catalogue:
    return CATALOGUE


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    services = (
        _service("licence-renewal", "insured"),
        _service("disability-allowance", "is_disabled"),
        _service("divorce", "insured", Delicacy.SENSITIVE),
        _service("first-licence", "wants_licence"),
        _service("birth-registration", "child_hukou", Delicacy.MINOR),
    )
    papers = (
        EvidenceType(id="licence", names=Names("驾驶证", "Licence"), kind="licence"),
        EvidenceType(
            id="disability-card",
            names=Names("残疾人证", "Card"),
            kind="licence",
            consent_group="disability",
        ),
        EvidenceType(
            id="allowance-notice",
            names=Names("通知", "Notice"),
            kind="proof",
            issued_by=("disability-allowance",),
        ),
        EvidenceType(
            id="household-book",
            names=Names("户口簿", "Book"),
            kind="licence",
            issued_by=("birth-registration", "licence-renewal"),
        ),
    )
    return Catalogue(
        version="test",
        themes={},
        consent_groups={},
        attributes={attribute.name: attribute for attribute in ATTRIBUTES},
        parameters={},
        evidence_types={paper.id: paper for paper in papers},
        public_services={service.id: service for service in services},
        support_policies={},
        events={},
    )


DISABILITY = "attributes:disability"
CHILDREN = "attributes:children"


@pytest.fixture(scope="session")
def attribute_needs() -> dict[str, tuple[str, set[str]]]:
    """The scope of each attribute and, by hand, the targets to be granted before it is assessed."""
    return {
        "birth_date": ("self", set()),
        "insured": ("self", set()),
        "licence_expiry": ("self", set()),
        "has_licence_expiry": ("self", set()),
        "is_disabled": ("self", {DISABILITY}),
        "disability_grade": ("self", {DISABILITY}),
        "has_disability_grade": ("self", {DISABILITY}),
        "disability_tier": ("self", {DISABILITY}),
        "disability_grade_word": ("self", {DISABILITY}),
        "disabled_since": ("self", {DISABILITY}),
        "income": ("self", {"attributes:finances"}),
        "wants_licence": ("self", {"attributes:declared"}),
        "child_birth_date": ("child", {CHILDREN}),
        "child_hukou": ("child", {CHILDREN}),
        "has_child_hukou": ("child", {CHILDREN}),
        "plate": ("vehicle", set()),
        "vehicle_seized": ("vehicle", {"attributes:justice"}),
    }


@pytest.fixture(scope="session")
def item_needs() -> dict[str, set[str]]:
    """By hand: the targets to be granted before dealings with an item may be known to an assessment."""
    return {
        "licence-renewal": set(),
        "disability-allowance": {DISABILITY},
        "divorce": {"evidence:delicate-matters"},
        "first-licence": set(),
        "birth-registration": {CHILDREN},
    }


@pytest.fixture(scope="session")
def evidence_needs() -> dict[str, set[str]]:
    return {
        "licence": set(),
        "disability-card": {"evidence:disability"},
        "allowance-notice": {DISABILITY},
        "household-book": set(),
    }


@pytest.fixture(scope="session")
def targets() -> tuple[str, ...]:
    """Every target a subject of this catalogue can grant."""
    return (
        DISABILITY,
        CHILDREN,
        "attributes:finances",
        "attributes:declared",
        "attributes:justice",
        "attributes:ordinary",
        "evidence:delicate-matters",
        "evidence:disability",
        "evidence:ordinary",
        "interactions",
        "consultations",
        "ratings",
    )


@pytest.fixture(scope="module")
def grants(targets: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(targets))
