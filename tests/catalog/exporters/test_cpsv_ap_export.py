"""The whole catalogue leaves as CPSV-AP, with every mandatory property of its classes.

The published shapes are not ours to ship: the benchmark `import` validates against them; here the
mandatory properties are written out by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Literal, Namespace

import catalog
from catalog.catalogue import Catalogue
from catalog.exporters.cpsv_ap import to_cpsv_ap
from catalog.loader import load_catalogue
from catalog.vocabulary import Names

CPSV = Namespace("http://purl.org/vocab/cpsv#")
CV = Namespace("http://data.europa.eu/m8g/")
DCT = Namespace("http://purl.org/dc/terms/")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
MANDATORY = {
    CPSV.PublicService: (DCT.identifier, DCT.title, DCT.description, CV.hasCompetentAuthority),
    CV.PublicOrganisation: (SKOS.prefLabel, DCT.spatial),
    CV.Requirement: (DCT.identifier, DCT.title),
    CV.EvidenceType: (DCT.identifier,),
    CV.Event: (DCT.identifier, DCT.title),
    CV.Output: (DCT.identifier, DCT.title),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Path(catalog.__file__).parent / "data")


@pytest.fixture(scope="module")
def graph(catalogue: Catalogue) -> Graph:
    document = to_cpsv_ap(catalogue, lambda criterion: Names(criterion.expression, criterion.expression))
    return Graph().parse(data=json.dumps(document), format="json-ld")


@pytest.mark.parametrize("kind", MANDATORY, ids=lambda kind: kind.rsplit("/", 1)[-1])
def test_every_node_has_what_its_class_demands(graph: Graph, kind: Namespace) -> None:
    nodes = set(graph.subjects(RDF.type, kind))
    assert nodes
    for node in nodes:
        for demanded in MANDATORY[kind]:
            assert (node, demanded, None) in graph, f"{node} has no {demanded}"
        assert len(set(graph.objects(node, DCT.identifier))) <= 1


def test_every_confirmed_item_is_there_and_no_unverified_one(graph: Graph, catalogue: Catalogue) -> None:
    identifiers = {
        str(graph.value(node, DCT.identifier)) for node in graph.subjects(RDF.type, CPSV.PublicService)
    }
    assert identifiers == {item.id for item in catalogue.items.values() if item.status == "confirmed"}


def test_nothing_points_outside_the_document(graph: Graph) -> None:
    for subject, predicate, value in graph:
        if (
            str(value).startswith("urn:qianmian:")
            and predicate != RDF.type
            and not isinstance(value, Literal)
        ):
            assert (value, RDF.type, None) in graph, f"{subject} {predicate} points to nothing: {value}"
