"""Faults of the attribute register that only show between attributes: derivations, implications, clashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.attribute import Attribute
from catalog.circle import circular
from catalog.derivation import parse_derivation, reads
from catalog.derivation_types import type_of
from catalog.faults import WordingError
from catalog.predicate import presence
from catalog.reading import Entry
from catalog.sheets import AuthoritySheet
from catalog.vocabulary import Scope, Sensitivity, ValueType

_DELICACY = (Sensitivity.ORDINARY, Sensitivity.SENSITIVE, Sensitivity.MINOR)


def check_register(attributes: Mapping[str, Attribute], places: Mapping[str, Entry[AuthoritySheet]]) -> None:
    """Note every fault that only shows between attributes."""
    for name, attribute in attributes.items():
        entry = places[name]
        for what, remedy, key in _attribute_faults(attribute, attributes):
            entry.fault(f"`{name}` {what}", remedy, "attributes", name, key)
    implied = {
        name: [attribute.implied_by.attribute]
        for name, attribute in attributes.items()
        if attribute.implied_by is not None
    }
    derived = {
        name: list(_sources(attribute))
        for name, attribute in attributes.items()
        if attribute.derived is not None
    }
    for key, links in (("implied_by", implied), ("derived", derived)):
        for name in circular(links):
            remedy = "break the circle: leave one of them to be told"
            places[name].fault(f"`{name}` depends on itself", remedy, "attributes", name, key)


def _sources(attribute: Attribute) -> Iterator[str]:
    try:
        yield from reads(parse_derivation(attribute.derived or "0"))
    except WordingError:
        return


def _attribute_faults(
    attribute: Attribute, attributes: Mapping[str, Attribute]
) -> Iterator[tuple[str, str, str]]:
    if attribute.optional and presence(attribute.name) in attributes:
        yield (
            f"is optional, and its presence `{presence(attribute.name)}` is the name of another attribute",
            "rename that attribute",
            "optional",
        )
    if attribute.derived is not None:
        yield from _derivation_faults(attribute, attributes)
    if attribute.implied_by is not None:
        yield from _implication_faults(attribute, attributes)


def _derivation_faults(
    attribute: Attribute, attributes: Mapping[str, Attribute]
) -> Iterator[tuple[str, str, str]]:
    try:
        term = parse_derivation(attribute.derived or "")
        kind = type_of(term, attributes)
    except WordingError as error:
        yield f"is derived wrongly: {error.what}", error.remedy, "derived"
        return
    if kind is not attribute.type:
        yield f"is a {attribute.type}, its derivation a {kind}", "correct one of the two", "derived"
    sources = [attributes[name] for name in dict.fromkeys(reads(term))]
    yield from _borrowed(attribute, sources, "derived")


def _implication_faults(
    attribute: Attribute, attributes: Mapping[str, Attribute]
) -> Iterator[tuple[str, str, str]]:
    implied = attribute.implied_by
    if implied is None or implied.attribute not in attributes:
        yield "is implied by an unknown attribute", "name one of the register", "implied_by"
        return
    source = attributes[implied.attribute]
    strangers = set(implied.values) - set(source.allowed)
    if strangers:
        yield f"is implied by {sorted(strangers)}, no values of `{source.name}`", "correct them", "implied_by"
    values = {True, False} if attribute.type is ValueType.BOOLEAN else set(attribute.allowed)
    others = sorted(str(value) for value in set(implied.values.values()) - values)
    if others:
        yield f"is implied to be {others}, none of its values", "correct them", "implied_by"
    yield from _borrowed(attribute, [source], "implied_by")


def _borrowed(attribute: Attribute, sources: list[Attribute], key: str) -> Iterator[tuple[str, str, str]]:
    """A value got from others is of their subject, and at least as delicate as they are."""
    for source in sources:
        if source.subject != attribute.subject or source.scope not in (attribute.scope, Scope.SELF):
            yield f"comes from `{source.name}` of another scope", "read its own scope item or the owner", key
        if _DELICACY.index(attribute.sensitivity) < _DELICACY.index(source.sensitivity):
            yield f"is less sensitive than its source `{source.name}`", "raise its sensitivity", key
        if source.consent_group is not None and attribute.consent_group is None:
            yield f"needs no consent though its source `{source.name}` does", "name a `consent_group`", key
