"""References between the parts of a catalogue: all lead somewhere, none runs in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from catalog.attribute import Attribute
from catalog.derivation import parse_derivation, reads
from catalog.derivation_types import type_of
from catalog.evidence import EvidenceType
from catalog.faults import WordingError
from catalog.predicate import presence
from catalog.public_service import PublicService
from catalog.reading import Entry, Sheets
from catalog.sheets import AuthoritySheet, EvidenceTypesSheet, SupportPolicySheet
from catalog.vocabulary import Scope, Sensitivity

_DELICACY = (Sensitivity.ORDINARY, Sensitivity.SENSITIVE, Sensitivity.MINOR)


def issued(
    types: Mapping[str, EvidenceType], services: Mapping[str, PublicService]
) -> dict[str, EvidenceType]:
    """The evidence types with the services that yield them."""
    yields: dict[str, list[str]] = {}
    for service in sorted(services.values(), key=lambda each: each.id):
        for output in service.outputs:
            yields.setdefault(output, []).append(service.id)
    return {
        name: msgspec.structs.replace(kind, issued_by=tuple(yields.get(name, ())))
        for name, kind in sorted(types.items())
    }


def check_references(sheets: Sheets, types: Mapping[str, EvidenceType]) -> None:
    """Note every reference to a service, policy or evidence type that does not exist."""
    services, policies = sheets.files["public_services"], sheets.files["support_policies"]
    for service in sheets.public_services:
        _dangling(service, "evidence", service.sheet.evidence, types, "evidence type")
        _dangling(service, "outputs", service.sheet.outputs, types, "evidence type")
    for policy in sheets.support_policies:
        _dangling(policy, "evidence", policy.sheet.evidence, types, "evidence type")
        _dangling(policy, "related_services", policy.sheet.related_services, services, "public service")
        related = [relation.policy for relation in policy.sheet.relations]
        _dangling(policy, "relations", related, policies, "support policy")
    for event in sheets.events:
        steps = [step.service for stage in event.sheet.stages for step in stage]
        _dangling(event, "stages", steps, services, "public service")
        for stage, _ in enumerate(event.sheet.stages):
            if not event.sheet.stages[stage]:
                event.fault("an empty stage", "give it a step or remove it", "stages", stage)
        if not steps:
            event.fault("an event without steps", "name its public services", "stages")
    _check_relations(sheets.support_policies)


def _dangling(
    entry: Entry[msgspec.Struct],
    key: str,
    names: Iterable[str],
    known: Iterable[str] | Mapping[str, object],
    what: str,
) -> None:
    seen: set[str] = set()
    for name in names:
        if name not in known:
            entry.fault(f"`{key}` names the unknown {what} `{name}`", f"add it or correct {key}", key)
        if name in seen:
            entry.fault(f"`{key}` names `{name}` twice", "keep one of the two", key)
        seen.add(name)


def _check_relations(policies: Iterable[Entry[SupportPolicySheet]]) -> None:
    said: dict[tuple[str, str], str] = {}
    for entry in policies:
        for place, relation in enumerate(entry.sheet.relations):
            pair = (min(entry.id, relation.policy), max(entry.id, relation.policy))
            if said.setdefault(pair, relation.kind) != relation.kind:
                what = f"it is {relation.kind} with `{relation.policy}`, which is elsewhere said otherwise"
                entry.fault(what, "let both files say the same", "relations", place)
            if relation.policy == entry.id:
                entry.fault("it is related to itself", "name another policy", "relations", place)


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
    strangers = set(implied.values.values()) - set(attribute.allowed)
    if strangers:
        yield f"is implied to be {sorted(strangers)}, none of its values", "correct them", "implied_by"
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


def check_evidence(
    types: Mapping[str, EvidenceType], places: Mapping[str, Entry[EvidenceTypesSheet]]
) -> None:
    """Note unknown and circular substitutes."""
    for name, kind in types.items():
        for other in kind.substitutes:
            if other not in types:
                what = f"`{name}` is replaced by the unknown `{other}`"
                places[name].fault(what, "add it or correct it", "evidence_types", name, "substitutes")
    for name in circular({name: list(kind.substitutes) for name, kind in types.items()}):
        what = f"`{name}` substitutes for itself in a circle"
        places[name].fault(what, "keep one direction", "evidence_types", name, "substitutes")


def circular(links: Mapping[str, list[str]]) -> list[str]:
    """The names from which following the links leads back to themselves."""

    def returns(start: str) -> bool:
        seen: set[str] = set()
        waiting = list(links.get(start, ()))
        while waiting:
            name = waiting.pop()
            if name == start:
                return True
            if name not in seen:
                seen.add(name)
                waiting.extend(links.get(name, ()))
        return False

    return [name for name in links if returns(name)]
