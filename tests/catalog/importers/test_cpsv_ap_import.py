"""A CPSV-AP document becomes a catalogue in which text stays a question and never becomes a rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.importers.cpsv_ap import import_cpsv_ap
from catalog.importers.slugs import Slugs
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind

DOCUMENT = {
    # A remote context that must not be fetched: tests have no network, and neither do imports.
    "@context": [
        "https://example.org/context.jsonld",
        {
            "cv": "http://data.europa.eu/m8g/",
            "dct": "http://purl.org/dc/terms/",
            "ex": "https://example.org/",
        },
    ],
    "@graph": [
        {
            "@id": "ex:childcare",
            "@type": "PublicService",
            "dct:identifier": "Childcare costs",
            "dct:title": {"@language": "fr", "@value": "Frais de garde"},
            "cv:hasCompetentAuthority": {"@id": "ex:finance"},
            "cv:holdsRequirement": {"@id": "ex:young"},
            "cv:hasInputType": {"@id": "ex:certificate"},
            "cv:isGroupedBy": {"@id": "ex:birth"},
        },
        {
            "@id": "ex:finance",
            "@type": "PublicOrganization",
            "http://www.w3.org/2004/02/skos/core#prefLabel": [
                {"@language": "en", "@value": "Finance"},
                {"@language": "zh", "@value": "财政"},
            ],
        },
        {
            "@id": "ex:young",
            "@type": "Requirement",
            "dct:identifier": "young-child",
            "dct:title": {"@language": "en", "@value": "The child is under three"},
        },
        {"@id": "ex:certificate", "@type": "EvidenceType", "dct:identifier": "certificate"},
        {"@id": "ex:birth", "@type": "LifeEvent", "dct:identifier": "birth", "dct:title": "Birth"},
        {"@id": "ex:lonely", "@type": "LifeEvent", "dct:identifier": "lonely", "dct:title": "Nothing in it"},
    ],
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "services.jsonld"
    path.write_text(json.dumps(DOCUMENT), encoding="utf8")
    return path


def test_a_requirement_that_is_text_becomes_a_question(source: Path, tmp_path: Path) -> None:
    report = import_cpsv_ap(source, tmp_path / "out")
    catalogue = load_catalogue(tmp_path / "out")
    service = catalogue.public_services["childcare-costs"]

    assert (report.items, report.conditions, report.kept) == (1, 1, 1)
    assert service.criteria[0].expression == "requirement_young_child = TRUE"
    assert catalogue.attributes["requirement_young_child"].names.en == "The child is under three"
    assert catalogue.attributes["requirement_young_child"].consent_group is not None
    assert service.authority == "财政"
    assert service.names.zh == "Frais de garde"
    assert service.evidence == ("certificate",)


def test_what_the_vocabulary_does_not_say_is_reported_not_guessed(source: Path, tmp_path: Path) -> None:
    findings = {
        (finding.where, finding.what) for finding in import_cpsv_ap(source, tmp_path / "out").findings
    }
    assert ("childcare-costs", "no level and no procedure") in findings
    assert ("childcare-costs", "no legal resource") in findings
    assert ("lonely", "an event without services") in findings


def test_events_are_those_of_the_subject_asked_for(source: Path, tmp_path: Path) -> None:
    assert import_cpsv_ap(source, tmp_path / "citizens").events == 1
    assert import_cpsv_ap(source, tmp_path / "firms", SubjectKind.ENTERPRISE).events == 0


@pytest.mark.parametrize("text", ["not json", "{}"])
def test_a_file_that_is_no_such_document_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.jsonld").write_text(text, encoding="utf8")
    with pytest.raises(ValueError, match=r"bad\.jsonld"):
        import_cpsv_ap(tmp_path / "bad.jsonld", tmp_path / "out")


def test_no_two_identifiers_share_a_slug() -> None:
    slugs = Slugs()
    assert slugs.of("http://a/One") == "one"
    assert slugs.of("http://b/One") != "one"
    assert slugs.of("http://a/One") == "one"
