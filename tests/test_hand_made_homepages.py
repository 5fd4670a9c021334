"""A thousand citizens typed into CSV by an office, through the door, to a thousand homepages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import catalog
from catalog import artefact
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from pipelines.features.materialise import materialise
from pipelines.ingest import ingest
from records.settings import Settings, now_in_utc
from serving.parts import open_parts
from serving.settings import ServingSettings
from tests.pipelines.ingest.hand_made import write_citizens

TODAY = dt.date(2026, 6, 10)
CITIZENS = 1_000


@pytest.mark.slow
def test_a_thousand_citizens_from_csv_have_a_thousand_homepages(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var", today=TODAY)
    catalogue = load_catalogue(Path(catalog.__file__).parent / "data")
    artefact.save(catalogue, settings.catalogue_path)
    delivery = write_citizens(tmp_path / "delivery", catalogue, TODAY, count=CITIZENS)
    report = ingest(delivery, settings, catalogue, now_in_utc(settings))
    assert sum(table.quarantined for table in report.tables.values()) == 0
    materialise(settings, catalogue, now_in_utc(settings))
    parts = open_parts(ServingSettings(home=settings.home, today=TODAY))
    try:
        pages = [parts.desk.homepage(SubjectKind.CITIZEN, f"hand-{number:04d}") for number in range(CITIZENS)]
    finally:
        parts.close()
    assert {page.subject for page in pages} == {f"hand-{number:04d}" for number in range(CITIZENS)}
    # Whatever is known of whom, somebody's page must hold something of each kind.
    for section in ("should_do", "can_do", "upcoming", "needs_information"):
        assert any(getattr(page, section) for page in pages), section
