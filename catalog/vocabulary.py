"""The closed word lists the catalogue is written in (docs/glossary.md explains each)."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class SubjectKind(StrEnum):
    """Whom a right or a duty belongs to."""

    CITIZEN = "citizen"
    ENTERPRISE = "enterprise"


class Scope(StrEnum):
    """What one judgement ranges over: the subject itself, or one thing of theirs."""

    SELF = "self"
    CHILD = "child"
    HOUSEHOLD = "household"
    VEHICLE = "vehicle"
    PROPERTY = "property"
    EMPLOYEE = "employee"
    PERMIT = "permit"
    PROJECT = "project"
    SITE = "site"


SCOPES_OF: dict[SubjectKind, tuple[Scope, ...]] = {
    SubjectKind.CITIZEN: (Scope.SELF, Scope.CHILD, Scope.HOUSEHOLD, Scope.VEHICLE, Scope.PROPERTY),
    SubjectKind.ENTERPRISE: (
        Scope.SELF,
        Scope.EMPLOYEE,
        Scope.PERMIT,
        Scope.PROJECT,
        Scope.SITE,
        Scope.PROPERTY,
    ),
}


class ValueType(StrEnum):
    """What an attribute holds."""

    BOOLEAN = "boolean"
    ENUM = "enum"
    NUMBER = "number"
    DATE = "date"


class Sensitivity(StrEnum):
    """How delicate an attribute is to compute with (PIPL 28 to 31)."""

    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"
    MINOR = "minor"


class Delicacy(StrEnum):
    """How delicate an item is to show; differs on purpose from what it computes with."""

    NORMAL = "normal"
    SENSITIVE = "sensitive"
    MINOR = "minor"


class Origin(StrEnum):
    """Where an attribute's value comes from."""

    AUTHORITY = "authority"
    DECLARED = "declared"
    DERIVED = "derived"


class Nature(StrEnum):
    """The fixed kind of an item; never a standing."""

    OBLIGATION = "obligation"
    BENEFIT = "benefit"
    OTHER = "other"


class Procedure(StrEnum):
    """The administrative form of a public service."""

    OBLIGATION = "obligation"
    BENEFIT = "benefit"
    LICENCE = "licence"
    REGISTRATION = "registration"
    ENQUIRY = "enquiry"


class Proactive(StrEnum):
    """How far the engine may carry an item to the subject unasked."""

    PUSH = "push"
    PAGE = "page"
    SEARCH_ONLY = "search_only"


class Status(StrEnum):
    """Unverified items are encoded because others refer to them; never assessed, never shown."""

    CONFIRMED = "confirmed"
    UNVERIFIED = "unverified"


class Confidence(StrEnum):
    """How well the encoded facts are supported by an opened source."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Level(StrEnum):
    """The tier of government that answers for an item."""

    STATE = "state"
    CITY = "city"
    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"


class Names(msgspec.Struct, frozen=True):
    """A name in the citizen's two languages."""

    zh: str
    en: str
