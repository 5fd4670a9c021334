"""A small catalogue whose registers state every type of value, and an embedded store for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Theme
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
from features.registry import StoreLocation

NOW = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)


def _attribute(name: str, type_: ValueType, register: str, **fields: object) -> Attribute:
    given: dict[str, object] = {
        "names": Names(name, name),
        "subject": SubjectKind.CITIZEN,
        "scope": Scope.SELF,
        "authority": "公安",
        "origin": Origin.AUTHORITY,
        "sensitivity": Sensitivity.ORDINARY,
    }
    return Attribute(name=name, type=type_, register=register, **{**given, **fields})  # type: ignore[arg-type]


ATTRIBUTES = (
    _attribute("birth_date", ValueType.DATE, "public-security"),
    _attribute(
        "age",
        ValueType.NUMBER,
        "public-security",
        derived="years_between(birth_date, on)",
        origin=Origin.DERIVED,
    ),
    _attribute("sex", ValueType.ENUM, "public-security", allowed=("male", "female")),
    _attribute("hukou_province", ValueType.ENUM, "public-security", allowed=("BJ", "other")),
    _attribute("licence_expiry", ValueType.DATE, "traffic", optional=True),
    _attribute("insured", ValueType.BOOLEAN, "health"),
    _attribute("insured_months", ValueType.NUMBER, "health"),
    _attribute("child_birth_date", ValueType.DATE, "public-security", scope=Scope.CHILD),
    _attribute("plate", ValueType.ENUM, "traffic", scope=Scope.VEHICLE),
    _attribute("established_date", ValueType.DATE, "market-regulation", subject=SubjectKind.ENTERPRISE),
    _attribute("employees_count", ValueType.NUMBER, "human-resources", subject=SubjectKind.ENTERPRISE),
)


def _service(id_: str, theme: str) -> PublicService:
    return PublicService(
        id=id_,
        names=Names(id_, id_),
        subject=SubjectKind.CITIZEN,
        scope=Scope.SELF,
        theme=theme,
        authority="公安",
        level=Level.CITY,
        nature=Nature.OTHER,
        procedure=Procedure.REGISTRATION,
        criteria=(),
        legal_basis="law",
    )


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    services = (_service("first-card", "identity"), _service("clinic", "health"))
    return Catalogue(
        version="test",
        themes={
            name: Theme(id=name, names=Names(name, name), subject=SubjectKind.CITIZEN)
            for name in ("identity", "health")
        },
        consent_groups={},
        attributes={attribute.name: attribute for attribute in ATTRIBUTES},
        parameters={},
        evidence_types={},
        public_services={service.id: service for service in services},
        support_policies={},
        events={},
    )


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return StoreLocation(
        registry=tmp_path / "registry.db", offline=tmp_path / "offline", online=tmp_path / "online.db"
    )
