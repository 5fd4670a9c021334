"""One town and one open server for all tests of serving; whoever changes the records takes their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.parts import Parts
from serving.settings import ServingSettings
from tests.serving.town import build_town

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> ServingSettings:
    """The settings of a server for the town; read it only."""
    return build_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def client(town: ServingSettings) -> Iterator[TestClient]:
    """A client of the town's server; read only."""
    with TestClient(create_app(town), base_url=ADDRESS) as client:
        yield client


@pytest.fixture(scope="session")
def parts(client: TestClient) -> Parts:
    """The open parts of the town's server."""
    opened: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return opened


@pytest.fixture
def own_town(tmp_path: Path) -> ServingSettings:
    """A town of the test's own, to be changed."""
    return build_town(tmp_path)


@pytest.fixture
def own_client(own_town: ServingSettings) -> Iterator[TestClient]:
    """A client of a server of the test's own."""
    with TestClient(create_app(own_town), base_url=ADDRESS) as client:
        yield client
