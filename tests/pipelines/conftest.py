"""One small city for all tests that score it; whoever changes it takes a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.settings import Settings
from tests.scored_city import TODAY, build_city, copied, scored


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The city, not scored; read it only."""
    return build_city(tmp_path_factory.mktemp("small-city"))


@pytest.fixture(scope="session")
def scored_city(tmp_path_factory: pytest.TempPathFactory, small_city: Settings) -> Settings:
    """The city scored for its day; read it only."""
    settings = copied(small_city, tmp_path_factory.mktemp("scored-city"))
    scored(settings, TODAY)
    return settings


@pytest.fixture
def own_city(tmp_path: Path, scored_city: Settings) -> Settings:
    """A scored city of the test's own, to be changed."""
    return copied(scored_city, tmp_path / "home")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building the city takes longer than most files of tests: whatever needs it is for the whole suite."""
    for item in items:
        if "small_city" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
