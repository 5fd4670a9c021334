"""A worker that starts beside a damaged catalogue works by its last good copy, as pages do, and says so."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import pytest

from catalog.artefact import ArtefactError, save, sealed
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from pipelines.live.ground import Grounds
from records.database import open_records
from records.last_good import keep_catalogue
from records.settings import Settings
from tests.serving.town import ROOT


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "catalog" / "data")


@pytest.fixture
def settings(tmp_path: Path, catalogue: Catalogue) -> Settings:
    """A run whose catalogue was cut short while it was written."""
    settings = Settings(home=tmp_path)
    save(catalogue, settings.catalogue_path)
    settings.catalogue_path.write_bytes(settings.catalogue_path.read_bytes()[:-100])
    return settings


def test_the_last_good_copy_is_worked_by_and_it_is_said(
    settings: Settings, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    keep_catalogue(catalogue, settings.catalogue_path)
    engine = open_records(settings)
    with caplog.at_level(logging.ERROR, "qianmian.worker"):
        assert Grounds(settings, engine).latest.catalogue.version == catalogue.version
    assert "damaged" in caplog.text
    engine.dispose()


def test_a_catalogue_that_is_whole_again_is_taken_up(settings: Settings, catalogue: Catalogue) -> None:
    keep_catalogue(catalogue, settings.catalogue_path)
    engine = open_records(settings)
    grounds = Grounds(settings, engine)
    assert grounds.latest.catalogue.version == catalogue.version
    fewer = dict(list(catalogue.events.items())[1:])
    newer = sealed(msgspec.structs.replace(catalogue, events=fewer))
    save(newer, settings.catalogue_path)
    grounds.look()
    assert grounds.latest.catalogue.version == newer.version != catalogue.version
    engine.dispose()


def test_without_a_copy_it_does_not_begin(settings: Settings) -> None:
    engine = open_records(settings)
    with pytest.raises(ArtefactError):
        _ = Grounds(settings, engine).latest
    engine.dispose()
