"""Where a server may listen."""

from __future__ import annotations

from pathlib import Path

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
    assert "signs anybody in as anybody" in said
    assert "QIANMIAN_HOST" in said


PRODUCTION = {
    "profile": "production",
    "public_address": "https://qianmian.example/",
    "oidc_issuer": "https://issuer.example",
    "oidc_client_id": "qianmian",
    "oidc_client_secret": "s3cret-of-the-client",
    "oidc_subject_claim": "subject_id",
}


def test_production_listens_anywhere_and_names_all_that_is_missing_at_once() -> None:
    settings = ServingSettings(host="0.0.0.0", **PRODUCTION)  # type: ignore[arg-type]  # noqa: S104
    assert (settings.address, settings.own_issuer) == ("https://qianmian.example", False)
    with pytest.raises(ValidationError) as refused:
        ServingSettings(profile="production")
    for name in ("PUBLIC_ADDRESS", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        assert f"QIANMIAN_{name}" in str(refused.value)


@pytest.mark.parametrize("name", ["public_address", "oidc_issuer"])
def test_production_speaks_https_only_and_its_errors_repeat_no_secret(name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ServingSettings(**{**PRODUCTION, name: "http://qianmian.example"})  # type: ignore[arg-type]
    assert "https://" in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(ServingSettings(**PRODUCTION))  # type: ignore[arg-type]


def test_the_client_s_secret_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    monkeypatch.setenv("QIANMIAN_OIDC_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    secret = ServingSettings().oidc_client_secret
    assert secret is not None
    assert secret.get_secret_value() == "from-a-file"


def test_the_address_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIANMIAN_HOST", "0.0.0.0")  # noqa: S104
    with pytest.raises(ValidationError, match="loopback only"):
        ServingSettings()
    monkeypatch.setenv("QIANMIAN_HOST", "::1")
    monkeypatch.setenv("QIANMIAN_PORT", "9001")
    assert (ServingSettings().host, ServingSettings().port) == ("::1", 9001)
