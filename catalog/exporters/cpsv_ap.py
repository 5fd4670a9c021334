"""The catalogue as CPSV-AP 3.2 in JSON-LD (Core Public Service Vocabulary Application Profile, SEMIC).

CPSV-AP has no language for conditions: each criterion becomes a `Requirement` named in plain words, with
its expression in a property of our own (`qm:expression`), so that our own importer loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from catalog.catalogue import Catalogue, Item
from catalog.criterion import Criterion
from catalog.event import LifeEvent
from catalog.evidence import EvidenceType
from catalog.public_service import PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Names

Node = dict[str, object]
Wording = Callable[[Criterion], Names]
"""Says a criterion in plain words."""

CONTEXT: Final[dict[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "qm": "urn:qianmian:vocabulary:",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_BEIJING: Final = "urn:qianmian:location:beijing"


def to_cpsv_ap(catalogue: Catalogue, wording: Wording) -> Node:
    """A JSON-LD document of every confirmed item, event, requirement, evidence type and authority."""
    items = [item for _, item in sorted(catalogue.items.items()) if item.status == "confirmed"]
    shown = {item.id for item in items}
    events = [event for _, event in sorted(catalogue.events.items()) if event.status == "confirmed"]
    grouped = _groups(events, shown)
    used = sorted({evidence for item in items for evidence in item.evidence})
    outputs = sorted({made for item in items if isinstance(item, PublicService) for made in item.outputs})
    graph: list[Node] = [
        {"@id": _BEIJING, "@type": "dct:Location", **_titled("skos:prefLabel", Names("北京", "Beijing"))}
    ]
    graph += [_authority(name) for name in sorted({_authority_of(item) for item in items})]
    graph += [_concept("theme", theme.id, theme.names) for _, theme in sorted(catalogue.themes.items())]
    graph += [_legal_resource(text) for text in sorted(set(_citations(items)))]
    graph += [_evidence_type(catalogue.evidence_types[key]) for key in used]
    graph += [_output(catalogue.evidence_types[key]) for key in outputs]
    graph += [_requirement(item.id, criterion, wording) for item in items for criterion in item.criteria]
    graph += [_event(event, shown) for event in events]
    graph += [_service(item, grouped.get(item.id, ())) for item in items]
    return {"@context": CONTEXT, "@graph": graph}


def _groups(events: Sequence[LifeEvent], shown: set[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for event in events:
        for member in _members(event, shown):
            grouped.setdefault(member, []).append(event.id)
    return grouped


def _members(event: LifeEvent, shown: set[str]) -> Iterator[str]:
    return (step.service for stage in event.stages for step in stage if step.service in shown)


def _iri(kind: str, key: str) -> str:
    return f"urn:qianmian:{kind}:{key}"


def _link(kind: str, keys: Sequence[str]) -> list[Node]:
    return [{"@id": _iri(kind, key)} for key in keys]


def _titled(term: str, names: Names) -> Node:
    return {term: [{"@language": "zh", "@value": names.zh}, {"@language": "en", "@value": names.en}]}


def _slug(text: str) -> str:
    """Text as part of an IRI: Unicode stays (RFC 3987), what an IRI cannot hold becomes a hyphen."""
    return "".join(each if each.isalnum() else "-" for each in text)


def _authority_of(item: Item) -> str:
    return item.issuer if isinstance(item, SupportPolicy) else item.authority


def _authority(name: str) -> Node:
    label = [{"@language": "zh", "@value": name}]
    place = {"@id": _BEIJING}
    return {
        "@id": _iri("authority", _slug(name)),
        "@type": "cv:PublicOrganisation",
        "skos:prefLabel": label,
        "dct:spatial": place,
    }


def _concept(kind: str, key: str, names: Names) -> Node:
    return {"@id": _iri(kind, key), "@type": "skos:Concept", **_titled("skos:prefLabel", names)}


def _citations(items: Sequence[Item]) -> Iterator[str]:
    for item in items:
        yield item.legal_basis
        yield from (criterion.legal_source for criterion in item.criteria)


def _legal_resource(text: str) -> Node:
    title = [{"@language": "zh", "@value": text}]
    return {"@id": _iri("law", _slug(text)), "@type": "eli:LegalResource", "dct:title": title}


def _evidence_type(kind: EvidenceType) -> Node:
    return {
        "@id": _iri("evidence-type", kind.id),
        "@type": "cv:EvidenceType",
        "dct:identifier": kind.id,
        **_titled("dct:title", kind.names),
    }


def _output(kind: EvidenceType) -> Node:
    return {
        "@id": _iri("output", kind.id),
        "@type": "cv:Output",
        "dct:identifier": kind.id,
        **_titled("dct:title", kind.names),
    }


def _requirement(item: str, criterion: Criterion, wording: Wording) -> Node:
    key = f"{item}:{criterion.id}"
    return {
        "@id": _iri("requirement", key),
        "@type": "cv:Requirement",
        "dct:identifier": key,
        **_titled("dct:title", wording(criterion)),
        "qm:expression": criterion.expression,
        "qm:legalSource": {"@id": _iri("law", _slug(criterion.legal_source))},
    }


def _event(event: LifeEvent, shown: set[str]) -> Node:
    kind = "cv:LifeEvent" if event.subject == "citizen" else "cv:BusinessEvent"
    return {
        "@id": _iri("event", event.id),
        # The shapes look for the class itself, not for what RDFS would infer of its subclass.
        "@type": ["cv:Event", kind],
        "dct:identifier": event.id,
        **_titled("dct:title", event.names),
        "cv:hasRelatedService": _link("public-service", tuple(_members(event, shown))),
    }


def _service(item: Item, events: Sequence[str]) -> Node:
    node: Node = {
        "@id": _iri("public-service", item.id),
        "@type": "cpsv:PublicService",
        "dct:identifier": item.id,
        **_titled("dct:title", item.names),
        **_titled("dct:description", _description(item)),
        "cv:hasCompetentAuthority": {"@id": _iri("authority", _slug(_authority_of(item)))},
        "cv:hasLegalResource": _link("law", (_slug(item.legal_basis),)),
        "cv:holdsRequirement": _link("requirement", [f"{item.id}:{each.id}" for each in item.criteria]),
        "cv:hasInputType": _link("evidence-type", item.evidence),
        "cv:isGroupedBy": _link("event", events),
        "cv:thematicArea": _link("theme", (_theme(item),)),
        "dct:spatial": {"@id": _BEIJING},
    }
    if isinstance(item, PublicService):
        node["cpsv:produces"] = _link("output", item.outputs)
    return {key: value for key, value in node.items() if value != []}


def _theme(item: Item) -> str:
    return item.category if isinstance(item, SupportPolicy) else item.theme


def _description(item: Item) -> Names:
    if isinstance(item, SupportPolicy):
        return item.benefit
    return Names(
        f"{item.names.zh}。依据：{item.legal_basis}", f"{item.names.en}. Legal basis: {item.legal_basis}"
    )
