"""Where a server may listen."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from serving.settings import ServingSettings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_listened_on(host: str) -> None:
    assert ServingSettings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "example.org", "", "127.0.0.1.example.org"])  # noqa: S104
def test_any_other_address_is_refused_with_the_reason_and_the_remedy(host: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ServingSettings(host=host)
    said = str(refused.value)
    assert "access control is not part of this version" in said
    assert "QIANMIAN_HOST" in said


def test_the_address_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIANMIAN_HOST", "0.0.0.0")  # noqa: S104
    with pytest.raises(ValidationError, match="loopback only"):
        ServingSettings()
    monkeypatch.setenv("QIANMIAN_HOST", "::1")
    monkeypatch.setenv("QIANMIAN_PORT", "9001")
    assert (ServingSettings().host, ServingSettings().port) == ("::1", 9001)
