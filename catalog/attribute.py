"""The attribute register: everything a rule may read, who holds it, and how delicate it is."""

from __future__ import annotations

import msgspec

from catalog.vocabulary import Names, Origin, Scope, Sensitivity, SubjectKind, ValueType


class Implication(msgspec.Struct, frozen=True):
    """`values[v]` is this attribute's value, a word or a yes or no, whenever `attribute` is `v`."""

    attribute: str
    values: dict[str, str | bool]


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """One fact about one scope item.

    `derived` is a written expression over other attributes and the assessment date `on`
    (`years_between(birth_date, on)`); a derived attribute is computed after masking and is never
    stored. `implied_by` fills a value in from another attribute (district from commune) and is
    likewise applied after masking.
    """

    name: str
    names: Names
    subject: SubjectKind
    scope: Scope
    type: ValueType
    authority: str
    """The office that answers for the value, in Chinese."""
    register: str
    """The source register it travels with, a slug: one packed feature a register."""
    origin: Origin
    sensitivity: Sensitivity
    consent_group: str | None = None
    """The theme a consent covers it under; None when it needs no consent to be assessed."""
    unit: str | None = None
    allowed: tuple[str, ...] = ()
    value_names: dict[str, Names] = {}
    """Plain words for each allowed value."""
    derived: str | None = None
    implied_by: Implication | None = None
    optional: bool = False
    """True when a rule asks for its presence, so that `has_<name>` exists beside it."""


class ConsentGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A theme that one consent covers: health, marriage and family, income, business plans ..."""

    id: str
    names: Names
    subject: SubjectKind


class DatedValue(msgspec.Struct, frozen=True):
    """A parameter's value from a day on, with the text that sets it."""

    valid_from: str
    value: float
    source: str


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A figure the State revises. Without a sourced value on the day, it is unknown."""

    name: str
    names: Names
    unit: str | None = None
    values: tuple[DatedValue, ...] = ()
