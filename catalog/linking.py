"""References between the parts of a catalogue: all lead somewhere, none runs in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from catalog.circle import circular
from catalog.evidence import EvidenceType
from catalog.public_service import PublicService
from catalog.reading import Entry, Sheets
from catalog.sheets import EventSheet, EvidenceTypesSheet, SupportPolicySheet
from catalog.vocabulary import Scope


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
        _check_stages(event, services)
    _check_relations(sheets.support_policies)


def _dangling(
    entry: Entry[msgspec.Struct],
    key: str,
    names: Iterable[str],
    known: Iterable[str] | Mapping[str, object],
    what: str,
) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name not in known:
            entry.fault(f"`{key}` names the unknown {what} `{name}`", f"add it or correct {key}", key, place)
        if name in seen:
            entry.fault(f"`{key}` names `{name}` twice", "keep one of the two", key, place)
        seen.add(name)


def _check_stages(event: Entry[EventSheet], services: frozenset[str]) -> None:
    seen: set[str] = set()
    for stage, steps in enumerate(event.sheet.stages):
        if not steps:
            event.fault("an empty stage", "give it a step or remove it", "stages", stage)
        for place, step in enumerate(steps):
            if step.service not in services:
                what = f"a step is the unknown public service `{step.service}`"
                event.fault(what, "add it or correct the step", "stages", stage, place)
            if step.service in seen:
                what = f"`{step.service}` is a step twice"
                event.fault(what, "keep one of the two", "stages", stage, place)
            seen.add(step.service)
            if step.another and event.sheet.scope is Scope.SELF:
                what = f"`{step.service}` is for another thing of a kind of which there is but one"
                event.fault(what, "drop `another`, or give the event a scope", "stages", stage, place)
    if not seen:
        event.fault("an event without steps", "name its public services", "stages")


def _check_relations(policies: Iterable[Entry[SupportPolicySheet]]) -> None:
    said: dict[tuple[str, str], str] = {}
    prevailing: dict[tuple[str, str], str] = {}
    for entry in policies:
        for place, relation in enumerate(entry.sheet.relations):
            pair = (min(entry.id, relation.policy), max(entry.id, relation.policy))
            if said.setdefault(pair, relation.kind) != relation.kind:
                what = f"it is {relation.kind} with `{relation.policy}`, which is elsewhere said otherwise"
                entry.fault(what, "let both files say the same", "relations", place)
            if relation.policy == entry.id:
                entry.fault("it is related to itself", "name another policy", "relations", place)
            if relation.prevails and relation.kind != "exclusive":
                what = f"it prevails over `{relation.policy}`, with which it is combinable"
                entry.fault(what, "drop `prevails`, or call them exclusive", "relations", place)
            if relation.prevails and prevailing.setdefault(pair, entry.id) != entry.id:
                what = f"it prevails over `{relation.policy}`, which prevails over it"
                entry.fault(what, "keep the one the text says", "relations", place)


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
