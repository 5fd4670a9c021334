"""A request addressed to another name is not answered, whoever brought it here."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from serving.headers import HEADERS


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.9.9.9"])
def test_this_machine_s_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["example.org", "127.0.0.1.example.org", "10.0.0.7:8000", "0.0.0.0", "[::]:8000", "[", "localhost."],  # noqa: S104
)
def test_a_foreign_name_is_refused_before_anything_is_read(client: TestClient, host: str) -> None:
    for path in ("/citizens/c-li", "/v1/citizens/c-li/homepage", "/static/qianmian.css"):
        refused = client.get(path, headers={"host": host})
        assert refused.status_code == 421
        assert "小满" not in refused.text
        assert refused.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
