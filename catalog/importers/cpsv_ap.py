"""CPSV-AP 3.2 in JSON-LD, imported: services, authorities, requirements, evidence types and events.

CPSV-AP has no language for conditions. A requirement that is only text becomes a question to the subject
(`requirement_... = TRUE`), so that it is undetermined until answered and never a rule we made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rdflib import RDF, Graph, Literal, Namespace
from rdflib.term import Node

from catalog.importers.cpsv_ap_terms import local_context
from catalog.importers.folder import write_sheet
from catalog.importers.report import Finding, ImportReport
from catalog.importers.slugs import Slugs
from catalog.sheets import (
    AttributeSheet,
    AuthoritySheet,
    ConsentGroupsSheet,
    CriterionSheet,
    EventSheet,
    EvidenceTypeSheet,
    EvidenceTypesSheet,
    PublicServiceSheet,
    StepSheet,
    ThemeSheet,
    ThemesSheet,
)
from catalog.vocabulary import (
    Confidence,
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

CPSV: Final = Namespace("http://purl.org/vocab/cpsv#")
CV: Final = Namespace("http://data.europa.eu/m8g/")
DCT: Final = Namespace("http://purl.org/dc/terms/")
ELI: Final = Namespace("http://data.europa.eu/eli/ontology#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
_SOURCE: Final = "CPSV-AP"
_GROUP: Final = "answers"
_THEME: Final = "imported"
_UNSTATED: Final = (
    "CPSV-AP states neither level nor procedure; both are placeholders until the owner sets them."
)


def import_cpsv_ap(source: Path, out: Path, subject: SubjectKind = SubjectKind.CITIZEN) -> ImportReport:
    """Write the services of a JSON-LD document as a catalogue's folder at `out`, ready for the loader.

    `subject` is whom the services are for, which the vocabulary does not say. Raises FileNotFoundError, or
    ValueError when the file is not JSON-LD or holds no public service.
    """
    reading = _Reading(_graph(source), subject)
    if not reading.services:
        raise ValueError(f"{source.name} holds no cpsv:PublicService: name a CPSV-AP document in JSON-LD")
    for sheet in (*reading.public_services(), *reading.events()):
        folder = "public_services" if isinstance(sheet, PublicServiceSheet) else "events"
        write_sheet(sheet, out / folder / f"{sheet.id}.yaml")
    reading.write_register(out)
    return reading.report()


def _graph(source: Path) -> Graph:
    try:
        document = json.loads(source.read_text(encoding="utf8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{source.name} is not JSON: {error}") from error
    return Graph().parse(data=json.dumps(local_context(document)), format="json-ld")


class _Reading:
    """One document being read: the sheets it yields, and what was found on the way."""

    def __init__(self, graph: Graph, subject: SubjectKind) -> None:
        self.graph = graph
        self.subject = subject
        self.slugs = Slugs()
        self.services = sorted(graph.subjects(RDF.type, CPSV.PublicService), key=str)
        self.attributes: dict[str, AttributeSheet] = {}
        self.evidence: dict[str, EvidenceTypeSheet] = {}
        self.findings: list[Finding] = []
        self.conditions = 0
        self.kept_events = 0

    def public_services(self) -> Iterator[PublicServiceSheet]:
        for service in self.services:
            identifier = self._id(service)
            self.findings.append(
                Finding(identifier, "no level and no procedure", "placeholders; set them by hand")
            )
            yield PublicServiceSheet(
                id=identifier,
                names=self._names(service),
                subject=self.subject,
                scope=Scope.SELF,
                theme=_THEME,
                authority=self._authority(service, identifier),
                level=Level.STATE,
                nature=Nature.OTHER,
                procedure=Procedure.REGISTRATION,
                criteria=self._criteria(service),
                legal_basis=self._legal_basis(service, identifier),
                evidence=tuple(self._evidence(self.graph.objects(service, CV.hasInputType))),
                outputs=tuple(self._evidence(self.graph.objects(service, CPSV.produces))),
                confidence=Confidence.MEDIUM,
                source=_SOURCE,
                note=_UNSTATED,
            )

    def _criteria(self, service: Node) -> tuple[CriterionSheet, ...]:
        criteria = []
        for requirement in sorted(self.graph.objects(service, CV.holdsRequirement), key=str):
            self.conditions += 1
            key = self._id(requirement)
            attribute = f"requirement_{key.replace('-', '_')}"
            self.attributes[attribute] = self._question(self._names(requirement))
            criteria.append(CriterionSheet(id=key, when=f"{attribute} = TRUE"))
        return tuple(criteria) or (CriterionSheet(id="everyone", when="TRUE"),)

    def _question(self, names: Names) -> AttributeSheet:
        return AttributeSheet(
            names=names,
            subject=self.subject,
            scope=Scope.SELF,
            type=ValueType.BOOLEAN,
            origin=Origin.DECLARED,
            sensitivity=Sensitivity.SENSITIVE,
            consent_group=_GROUP,
        )

    def _evidence(self, nodes: Iterator[Node]) -> Iterator[str]:
        for node in sorted(nodes, key=str):
            key = self._id(node)
            self.evidence[key] = EvidenceTypeSheet(names=self._names(node), kind="proof")
            yield key

    def events(self) -> Iterator[EventSheet]:
        kinds = {SubjectKind.CITIZEN: CV.LifeEvent, SubjectKind.ENTERPRISE: CV.BusinessEvent}
        for event in sorted(self.graph.subjects(RDF.type, kinds[self.subject]), key=str):
            identifier, names = self._id(event), self._names(event)
            members = {self._id(node) for node in self.graph.objects(event, CV.hasRelatedService)}
            members |= {self._id(node) for node in self.graph.subjects(CV.isGroupedBy, event)}
            if not members:
                self.findings.append(Finding(identifier, "an event without services", "not kept"))
                continue
            trigger = f"faces_{identifier.replace('-', '_')}"
            self.attributes[trigger] = self._question(names)
            self.kept_events += 1
            yield EventSheet(
                id=identifier,
                names=names,
                subject=self.subject,
                scope=Scope.SELF,
                theme=_THEME,
                trigger=trigger,
                criteria=(CriterionSheet(id="announced", when=f"{trigger} = TRUE"),),
                stages=(tuple(StepSheet(service=member, optional=True) for member in sorted(members)),),
                lead_authority=_SOURCE,
                list_source=_SOURCE,
                legal_basis=_SOURCE,
                confidence=Confidence.MEDIUM,
                source=_SOURCE,
            )

    def write_register(self, out: Path) -> None:
        sheet = AuthoritySheet(
            authority="self-declared", registers={self.subject: "declared"}, attributes=self.attributes
        )
        write_sheet(sheet, out / "attributes" / "declared.yaml")
        if self.evidence:
            write_sheet(
                EvidenceTypesSheet(evidence_types=self.evidence), out / "evidence_types" / "imported.yaml"
            )
        theme = ThemeSheet(id=_THEME, names=Names("导入事项", "Imported services"), subject=self.subject)
        write_sheet(ThemesSheet(themes=(theme,)), out / "themes.yaml")
        group = ThemeSheet(id=_GROUP, names=Names("您的回答", "Your answers"), subject=self.subject)
        write_sheet(ConsentGroupsSheet(consent_groups=(group,)), out / "consent_groups.yaml")

    def report(self) -> ImportReport:
        return ImportReport(
            items=len(self.services),
            events=self.kept_events,
            conditions=self.conditions,
            kept=self.conditions,
            findings=tuple(sorted(self.findings)),
        )

    def _id(self, node: Node) -> str:
        return self.slugs.of(str(self.graph.value(node, DCT.identifier) or node))

    def _authority(self, service: Node, identifier: str) -> str:
        authority = self.graph.value(service, CV.hasCompetentAuthority)
        if authority is None:
            self.findings.append(Finding(identifier, "no competent authority", "left as `unknown`"))
            return "unknown"
        return self._names(authority, SKOS.prefLabel).zh

    def _legal_basis(self, service: Node, identifier: str) -> str:
        cited = [self._names(node).zh for node in self.graph.objects(service, CV.hasLegalResource)]
        if not cited:
            self.findings.append(Finding(identifier, "no legal resource", "the document itself is cited"))
        return "; ".join(sorted(cited)) or f"{_SOURCE}: {service}"

    def _names(self, node: Node, term: Node = DCT.title) -> Names:
        """A node's name in Chinese and English, falling back to any language it has, then to its address."""
        texts = {
            (text.language or "").split("-")[0]: str(text)
            for text in sorted(self.graph.objects(node, term), key=str, reverse=True)
            if isinstance(text, Literal)
        }
        anything = texts.get("en") or next(iter(texts.values()), str(node))
        return Names(texts.get("zh", anything), texts.get("en", anything))
