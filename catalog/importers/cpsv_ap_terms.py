"""The terms of CPSV-AP documents, so that reading one never goes to the network for its context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_CLASSES: Final = {
    "PublicService": "http://purl.org/vocab/cpsv#PublicService",
    "PublicOrganization": "http://data.europa.eu/m8g/PublicOrganisation",
    "PublicOrganisation": "http://data.europa.eu/m8g/PublicOrganisation",
    "Requirement": "http://data.europa.eu/m8g/Requirement",
    "Evidence": "http://data.europa.eu/m8g/Evidence",
    "EvidenceType": "http://data.europa.eu/m8g/EvidenceType",
    "Output": "http://data.europa.eu/m8g/Output",
    "Channel": "http://data.europa.eu/m8g/Channel",
    "Event": "http://data.europa.eu/m8g/Event",
    "LifeEvent": "http://data.europa.eu/m8g/LifeEvent",
    "BusinessEvent": "http://data.europa.eu/m8g/BusinessEvent",
    "LegalResource": "http://data.europa.eu/eli/ontology#LegalResource",
    "Concept": "http://www.w3.org/2004/02/skos/core#Concept",
    "ContactPoint": "http://data.europa.eu/m8g/ContactPoint",
    "Cost": "http://data.europa.eu/m8g/Cost",
    "Rule": "http://purl.org/vocab/cpsv#Rule",
}
_LINKS: Final = {
    "hasCompetentAuthority": "http://data.europa.eu/m8g/hasCompetentAuthority",
    "holdsRequirement": "http://data.europa.eu/m8g/holdsRequirement",
    "hasInputType": "http://data.europa.eu/m8g/hasInputType",
    "hasLegalResource": "http://data.europa.eu/m8g/hasLegalResource",
    "isGroupedBy": "http://data.europa.eu/m8g/isGroupedBy",
    "produces": "http://purl.org/vocab/cpsv#produces",
}
_TEXTS: Final = {
    "name": "http://purl.org/dc/terms/title",
    "description": "http://purl.org/dc/terms/description",
    "identifier": "http://purl.org/dc/terms/identifier",
}


def _context() -> dict[str, Any]:
    terms: dict[str, Any] = dict(_CLASSES)
    for owner in _CLASSES:
        terms |= {f"{owner}.{name}": iri for name, iri in _TEXTS.items()}
    terms |= {f"PublicService.{name}": {"@id": iri, "@type": "@id"} for name, iri in _LINKS.items()}
    terms["Event.hasRelatedService"] = {"@id": "http://data.europa.eu/m8g/hasRelatedService", "@type": "@id"}
    terms["PublicOrganization.preferredLabel"] = "http://www.w3.org/2004/02/skos/core#prefLabel"
    return terms


def local_context(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every remote context replaced by the terms above; inline ones stay."""
    given = document.get("@context", [])
    contexts = given if isinstance(given, list) else [given]
    inline = [context for context in contexts if not isinstance(context, str)]
    return {**document, "@context": [_context(), *inline]}
