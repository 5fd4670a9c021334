"""One town and one open server for all tests of serving; whoever changes the records takes their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.parts import Parts
from serving.settings import ServingSettings
from tests.serving.signing_in import SignedInClient
from tests.serving.town import build_town

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> ServingSettings:
    """The settings of a server for the town; read it only."""
    return build_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def client(town: ServingSettings) -> Iterator[TestClient]:
    """A client of the town's server, signed in as whomever it asks about; read only."""
    # All tests ask from one address, more often than any reader would.
    unhurried = town.model_copy(update={"rate_limit_factor": 1_000})
    with SignedInClient(create_app(unhurried), base_url=ADDRESS) as client:
        yield client


@pytest.fixture(autouse=True)
def no_choice_of_another_test(request: pytest.FixtureRequest) -> None:
    """No test reads in the language or mode that the one before it chose."""
    if "client" in request.fixturenames:
        request.getfixturevalue("client").cookies.clear()


@pytest.fixture(scope="session")
def parts(client: TestClient) -> Parts:
    """The open parts of the town's server."""
    opened: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return opened


def copy_of(town: ServingSettings, home: Path) -> ServingSettings:
    """The same town elsewhere, to be changed."""
    shutil.copytree(town.home, home, dirs_exist_ok=True)
    return ServingSettings(home=home, today=town.today)


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory, town: ServingSettings) -> ServingSettings:
    """A copy of the town that no server has open, to copy from."""
    return copy_of(town, tmp_path_factory.mktemp("untouched"))


@pytest.fixture
def own_town(tmp_path: Path, untouched: ServingSettings) -> ServingSettings:
    """A town of the test's own, to be changed."""
    return copy_of(untouched, tmp_path)


@pytest.fixture
def own_client(own_town: ServingSettings) -> Iterator[TestClient]:
    """A client of a server of the test's own."""
    with SignedInClient(create_app(own_town), base_url=ADDRESS) as client:
        yield client
