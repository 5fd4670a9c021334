"""What every answer has in common: headers, cookies, methods; nobody looks unrecorded, nothing calls out."""

from __future__ import annotations

import ast
import re
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from records.audit_heads import AuditBroken
from serving.app import create_app
from serving.headers import HEADERS, PRIVATE
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS
from tests.serving.signing_in import sign_in

ROOT = Path(__file__).resolve().parents[2]
CODE = ("catalog", "features", "models", "privacy", "records", "serving", "pipelines", "commands")
ANSWERS = (
    "/",
    "/citizens/c-li",
    "/citizens/c-nobody",
    "/v1/citizens/c-li/homepage",
    "/v1/nowhere",
    "/login",
    "/account",
    "/static/qianmian.css",
    "/static/nowhere.css",
    "/health",
    "/openapi.json",
)


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_wears_its_headers(client: TestClient, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    if answer.status_code != 200 or not path.startswith("/static/"):
        assert "no-store" in answer.headers.get("cache-control", "") or path.startswith("/static/")
    assert "script-src" not in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert PRIVATE == "private, no-store"


def test_every_cookie_wears_its_flags(own_town: ServingSettings) -> None:
    app = create_app(own_town)
    with TestClient(app, base_url=ADDRESS) as client:
        secret = sign_in(client, "citizen:c-li")
        client.cookies.set("qianmian_session", secret)
        answers = [
            client.get("/login", follow_redirects=False),
            client.get("/citizens/c-li?lang=en&mode=elder"),
            client.get("/kiosk", follow_redirects=False),
        ]
    set_cookies = [line for answer in answers for line in answer.headers.get_list("set-cookie")]
    assert len(set_cookies) >= 3
    for line in set_cookies:
        (cookie,) = SimpleCookie(line).values()
        assert cookie["httponly"], line
        assert cookie["samesite"].lower() in {"lax", "strict"}, line
        assert cookie["path"] == "/", line
        assert not cookie["domain"], line
        assert len(line) < 4096


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/v1/interactions", "/citizens/c-li", "/static/qianmian.css"])
def test_methods_that_no_route_has_are_refused(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path, follow_redirects=False)
    assert answer.status_code in {403, 404, 405}


@pytest.mark.parametrize(
    "path",
    [
        "/static",
        "/static/",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/.git/config",
        "/.env",
        "/settings.toml",
        "/secrets.toml",
    ],
)
def test_only_our_own_static_files_are_served(client: TestClient, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code in {307, 404}
    assert "import" not in answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect", "/metrics", "/debug"])
def test_documentation_and_server_names_are_not_told(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    told = " ".join(f"{name}: {value}" for name, value in answer.headers.items()).lower()
    assert not re.search(r"uvicorn|starlette|fastapi|python", told)


def test_nobody_looks_unrecorded(own_town: ServingSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guardian, a proxy, an agent or staff see nothing while their looking cannot be written down."""
    app: Any = create_app(own_town)
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        secret = sign_in(client, "citizen:c-li")
        client.cookies.set("qianmian_session", secret)

        def broken(*_: object) -> int:
            raise AuditBroken("the head has a wrong seal")

        monkeypatch.setattr("records.audit.AuditChain.append", broken)
        refused = client.get("/citizens/c-zhao")
        assert refused.status_code == 503
        assert "wrong seal" not in refused.text


def test_a_refusal_is_told_in_its_log_line(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="qianmian.request"):
        client.get("/v1/nowhere")
        client.get("/" + "a" * 5000)
    told = [
        getattr(record, "problem", None) for record in caplog.records if record.name == "qianmian.request"
    ]
    assert told[-2:] == ["not-found", "address-too-long"]


def trees() -> list[tuple[Path, ast.Module]]:
    found = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(path, ast.parse(path.read_text("utf-8"))) for path in found]


def test_nothing_turns_the_verification_of_certificates_off() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in {"verify", "verify_mode", "check_hostname"}:
                off = isinstance(node.value, ast.Constant) and node.value.value is False
                assert not off, f"{path}:{node.value.lineno}"


OUTBOUND = {"httpx", "requests", "urllib3", "aiohttp"}
OUTBOUND_PARTS = {"http", "http.client", "urllib.request", "smtplib"}
SPEAKS = {"serving/identity/provider.py", "serving/app.py", "commands/check.py", "commands/signing_in.py"}
SPEAKS |= {"serving/hand_over/sample_portal.py", "serving/delivery/by_webhook.py"}
SPEAKS |= {"serving/delivery/mail_server.py", "serving/delivery/by_mail.py"}
"""The only modules that call out: to the configured issuer, gateways, mail server, and a run's own server."""


@pytest.mark.slow
def test_no_code_calls_an_address_that_a_request_names() -> None:
    callers = set()
    for path, tree in trees():
        for node in ast.walk(tree):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in OUTBOUND or name in OUTBOUND_PARTS for name in named):
                callers.add(str(path.relative_to(ROOT)))
    assert callers <= SPEAKS, (
        f"these call out: {callers - SPEAKS}; say to whom in docs/threat-model.md, then here"
    )
