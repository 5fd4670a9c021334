"""Building what rules stand on: themes, consent groups, attributes, parameters, evidence types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import msgspec

from catalog.attribute import Attribute, ConsentGroup, Parameter
from catalog.catalogue import Theme
from catalog.evidence import EvidenceType
from catalog.reading import Entry
from catalog.sheets import (
    AttributeSheet,
    AuthoritySheet,
    ConsentGroupsSheet,
    EvidenceTypesSheet,
    ParameterSheet,
    ThemesSheet,
)
from catalog.vocabulary import SCOPES_OF, Origin, Sensitivity, ValueType


def themes(entries: Iterable[Entry[ThemesSheet]]) -> dict[str, Theme]:
    """The themes in the order they are shown."""
    found: dict[str, Theme] = {}
    for entry in entries:
        for place, sheet in enumerate(entry.sheet.themes):
            if sheet.id in found:
                entry.fault(f"theme `{sheet.id}` is given twice", "keep one of the two", "themes", place)
            found[sheet.id] = Theme(id=sheet.id, names=sheet.names, subject=sheet.subject)
    return found


def consent_groups(entries: Iterable[Entry[ConsentGroupsSheet]]) -> dict[str, ConsentGroup]:
    """The themes of consent."""
    found: dict[str, ConsentGroup] = {}
    for entry in entries:
        for place, sheet in enumerate(entry.sheet.consent_groups):
            if sheet.id in found:
                remedy = "keep one of the two"
                entry.fault(f"group `{sheet.id}` is given twice", remedy, "consent_groups", place)
            found[sheet.id] = ConsentGroup(id=sheet.id, names=sheet.names, subject=sheet.subject)
    return found


def attributes(
    entries: Iterable[Entry[AuthoritySheet]], groups: dict[str, ConsentGroup]
) -> tuple[dict[str, Attribute], dict[str, Entry[AuthoritySheet]]]:
    """The register, by name, and where each attribute was authored."""
    found: dict[str, Attribute] = {}
    places: dict[str, Entry[AuthoritySheet]] = {}
    for entry in entries:
        for name, sheet in entry.sheet.attributes.items():
            if name in found:
                where = places[name].page.name
                entry.fault(f"`{name}` is registered twice", f"it is also in {where}", "attributes", name)
            _check_attribute(name, sheet, entry, groups)
            found[name] = _attribute(name, sheet, entry)
            places[name] = entry
    return found, places


def _attribute(name: str, sheet: AttributeSheet, entry: Entry[AuthoritySheet]) -> Attribute:
    return Attribute(
        name=name,
        names=sheet.names,
        subject=sheet.subject,
        scope=sheet.scope,
        type=sheet.type,
        authority=entry.sheet.authority,
        register=entry.sheet.registers.get(sheet.subject, ""),
        origin=sheet.origin,
        sensitivity=sheet.sensitivity,
        consent_group=sheet.consent_group,
        unit=sheet.unit,
        allowed=tuple(sheet.values),
        value_names=sheet.values,
        derived=sheet.derived,
        implied_by=sheet.implied_by,
        optional=sheet.optional,
    )


def _check_attribute(
    name: str, sheet: AttributeSheet, entry: Entry[AuthoritySheet], groups: dict[str, ConsentGroup]
) -> None:
    def fault(what: str, remedy: str, key: str) -> None:
        entry.fault(f"`{name}` {what}", remedy, "attributes", name, key)

    if sheet.subject not in entry.sheet.registers:
        fault(f"is of a subject without a register: {sheet.subject}", "name one under `registers`", "subject")
    if sheet.scope not in SCOPES_OF[sheet.subject]:
        scopes = ", ".join(SCOPES_OF[sheet.subject])
        fault(f"is of a {sheet.subject}'s {sheet.scope}", f"use one of {scopes}", "scope")
    if sheet.type is ValueType.NUMBER and not sheet.unit:
        fault("is a number without a unit", "say what it counts with `unit`", "type")
    if (sheet.type is ValueType.ENUM) != bool(sheet.values):
        fault(f"has type {sheet.type} and {len(sheet.values)} values", "list values for an enum only", "type")
    if (sheet.origin is Origin.DERIVED) != (sheet.derived is not None):
        fault("has a derivation and an origin that disagree", "give both or neither", "origin")
    _check_consent(sheet, groups, fault)


def _check_consent(
    sheet: AttributeSheet, groups: dict[str, ConsentGroup], fault: Callable[[str, str, str], None]
) -> None:
    delicate = sheet.sensitivity is not Sensitivity.ORDINARY or sheet.origin is Origin.DECLARED
    if delicate and sheet.consent_group is None:
        fault("is delicate or declared, yet under no consent", "name its `consent_group`", "sensitivity")
    if sheet.consent_group is not None and sheet.consent_group not in groups:
        remedy = f"use one of {', '.join(groups)}"
        fault(f"is under an unknown consent group `{sheet.consent_group}`", remedy, "consent_group")


def parameters(entries: Iterable[Entry[ParameterSheet]]) -> dict[str, Parameter]:
    """The dated parameters, by name."""
    for entry in entries:
        if not entry.id.startswith("param_"):
            entry.fault("a parameter's name starts with `param_`", "rename it", "name")
        days = [value.valid_from for value in entry.sheet.values]
        for place, value in enumerate(entry.sheet.values):
            check_day(value.valid_from, entry, "values", place)
            if not value.source.strip():
                entry.fault("a value without its source", "cite the text that sets it", "values", place)
        if days != sorted(set(days)):
            entry.fault("values are not in the order of their days", "order them by `valid_from`", "values")
    return {
        entry.id: Parameter(
            name=entry.sheet.name, names=entry.sheet.names, unit=entry.sheet.unit, values=entry.sheet.values
        )
        for entry in sorted(entries, key=lambda entry: entry.id)
    }


def check_day(day: str | None, entry: Entry[msgspec.Struct], *path: str | int) -> None:
    """Note a fault for a day that does not exist."""
    if day is None:
        return
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        entry.fault(f"`{day}` is an impossible date", 'write an existing day as "YYYY-MM-DD"', *path)


def evidence_types(
    entries: Iterable[Entry[EvidenceTypesSheet]], groups: dict[str, ConsentGroup]
) -> tuple[dict[str, EvidenceType], dict[str, Entry[EvidenceTypesSheet]]]:
    """The kinds of paper, by id, and where each was authored. Who yields them is linked later."""
    found: dict[str, EvidenceType] = {}
    places: dict[str, Entry[EvidenceTypesSheet]] = {}
    for entry in entries:
        for name, sheet in entry.sheet.evidence_types.items():
            if name in found:
                where = places[name].page.name
                entry.fault(f"`{name}` is given twice", f"it is also in {where}", "evidence_types", name)
            if sheet.consent_group is not None and sheet.consent_group not in groups:
                remedy = f"use one of {', '.join(groups)}"
                what = f"`{name}` is under an unknown consent group `{sheet.consent_group}`"
                entry.fault(what, remedy, "evidence_types", name, "consent_group")
            if sheet.substitutes and not sheet.substitution_source:
                remedy = "cite the text in `substitution_source`"
                entry.fault(f"`{name}` has substitutes without a source", remedy, "evidence_types", name)
            found[name] = EvidenceType(
                id=name,
                names=sheet.names,
                kind=sheet.kind,
                issuing_authority=sheet.issuing_authority,
                fetchable=sheet.fetchable,
                substitutes=sheet.substitutes,
                substitution_source=sheet.substitution_source,
                consent_group=sheet.consent_group,
            )
            places[name] = entry
    return found, places
