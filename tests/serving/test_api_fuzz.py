"""The interface under whatever a schema-driven fuzzer thinks of: no 500, and every answer as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks

from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of

pytestmark = pytest.mark.slow

HOST = {"Host": "127.0.0.1:8000"}
ASKED = [
    pytest.param(f"{method.upper()} {path}", mode, id=f"{method} {path} {mode}")
    for path, methods in create_app(ServingSettings()).openapi()["paths"].items()
    for method in methods
    for mode in ("POSITIVE", "NEGATIVE")
    if mode == "POSITIVE" or "{" in path or method == "post"  # what takes nothing cannot be asked wrongly
]
WANTED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


@pytest.fixture(scope="module")
def operations(
    tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings
) -> Iterator[dict[str, Any]]:
    """The operations of a server of this module's own, by method and path."""
    load_all_checks()
    app = create_app(copy_of(untouched, tmp_path_factory.mktemp("fuzzed")))
    with TestClient(app, base_url=ADDRESS):
        described = schemathesis.openapi.from_asgi("/openapi.json", app, headers=HOST)
        yield {found.ok().label: found.ok() for found in described.get_all_operations()}


@pytest.mark.parametrize(("operation", "mode"), ASKED)
def test_whatever_is_asked_is_answered_as_described(
    operations: dict[str, Any], operation: str, mode: str
) -> None:
    asked = operations[operation].as_strategy(generation_mode=schemathesis.GenerationMode[mode])
    checks = [CHECKS.get_one(name) for name in WANTED]

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked)
    def holds(case: Any) -> None:
        case.call_and_validate(headers=HOST, checks=checks)

    holds()
