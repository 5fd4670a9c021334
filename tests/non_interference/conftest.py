"""The trial over the catalogue as it ships."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalog
from benchmarks.interference.trial import Trial
from catalog.loader import load_catalogue


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    real = load_catalogue(Path(catalog.__file__).parent / "data")
    return Trial.within(real, tmp_path_factory.mktemp("interference"))
