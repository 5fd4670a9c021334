"""Bearer tokens: believed when the issuer signed them for this interface and in their time, else never."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from serving.app import create_app
from serving.identity.refusals import TokenRefused
from serving.identity.tokens import access_claims, identity_claims
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.signing_in import token_of

PATH = "/v1/citizens/c-li/homepage"
AT = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)
ISSUER, AUDIENCE = "https://issuer.example", "https://qianmian.example/v1"
KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
RSA = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
KEYS = KeySet([KEY, RSA])


def claims(**changed: Any) -> dict[str, Any]:
    now = int(AT.timestamp())
    told = {"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "iat": now, "exp": now + 600, **changed}
    return {name: value for name, value in told.items() if value is not None}


def signed(told: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    return jwt.encode(
        {"alg": "ES256", "kid": key.kid, **header}, told, key, algorithms=["ES256", "RS256", "HS256"]
    )


def test_a_good_token_is_believed() -> None:
    assert access_claims(signed(claims()), KEYS, ISSUER, AUDIENCE, AT)["sub"] == "somebody"
    rsa = signed(claims(aud=["other", AUDIENCE]), RSA, alg="RS256", typ="at+jwt")
    assert access_claims(rsa, KEYS, ISSUER, AUDIENCE, AT)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": []},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": int(AT.timestamp()) - 61},
        {"exp": float("nan")},
        {"exp": "tomorrow"},
        {"nbf": int(AT.timestamp()) + 61},
        {"iat": int(AT.timestamp()) + 61},
        {"iat": None},
        {"nonce": "an identity token"},
    ],
)
def test_a_token_of_another_time_or_purpose_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        access_claims(signed(claims(**changed)), KEYS, ISSUER, AUDIENCE, AT)


def test_clocks_may_differ_by_a_minute_and_no_more() -> None:
    now = int(AT.timestamp())
    for changed in ({"exp": now - 59}, {"nbf": now + 59}, {"iat": now + 59}):
        assert access_claims(signed(claims(**changed)), KEYS, ISSUER, AUDIENCE, AT)


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def confused() -> Iterator[tuple[str, str]]:
    """Tokens that want to be checked in a way of their own."""
    head, body, _ = signed(claims()).split(".")
    for public in (KEY.as_pem(private=False), KEY.as_pem(private=False).strip(), RSA.as_pem(private=False)):
        start = f"{encoded({'alg': 'HS256', 'kid': KEY.kid})}.{body}"
        signature = hmac.new(public, start.encode(), "sha256").digest()
        yield (
            "HS256 with the public key",
            f"{start}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}",
        )
    none = jwt.encode({"alg": "HS256"}, claims(), OctKey.generate_key(256), algorithms=["HS256"]).split(".")[
        0
    ]
    yield "no signature", f"{head}.{body}."
    yield "another header", f"{none}.{body}.{'A' * 86}"
    for alg in ("none", "None", "NONE"):
        yield "alg none", f"{encoded({'alg': alg, 'kid': 'x'})}.{body}."
    stranger = ECKey.generate_key("P-256", {"kid": str(KEY.kid)})
    yield "a stranger's key under our id", signed(claims(), stranger)
    embedded = ECKey.generate_key("P-256", auto_kid=True)
    yield "a key of its own in the header", signed(claims(), embedded, jwk=embedded.as_dict(private=False))
    forged = bytearray(base64.urlsafe_b64decode(body + "=="))
    forged[forged.index(b"somebody")] ^= 1
    yield "a changed claim", f"{head}.{base64.urlsafe_b64encode(forged).rstrip(b'=').decode()}.{'A' * 86}"
    yield "no token", "x"
    yield "nothing", ""
    yield "too long", "a" * 20_000
    yield "dots", "." * 3


@pytest.mark.parametrize(
    ("what", "token"), list(confused()), ids=lambda value: value if len(value) < 40 else "token"
)
def test_a_forged_or_confused_token_is_refused(what: str, token: str) -> None:
    with pytest.raises(TokenRefused):
        access_claims(token, KEYS, ISSUER, AUDIENCE, AT)


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "other"},
        {"nonce": None},
        {"aud": ["client", "other"]},
        {"aud": ["client", "other"], "azp": "other"},
        {"azp": "other"},
        {"aud": AUDIENCE},
    ],
)
def test_an_identity_token_answers_this_sign_in_of_this_client(changed: dict[str, Any]) -> None:
    good = claims(**{"aud": "client", "nonce": "n"})
    assert identity_claims(signed(good), KEYS, ISSUER, "client", "n", AT)
    with pytest.raises(TokenRefused):
        identity_claims(signed({**good, **changed}), KEYS, ISSUER, "client", "n", AT)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[TestClient]:
    """A program at a server of this module's own."""
    own = copy_of(untouched, tmp_path_factory.mktemp("api"))
    with TestClient(create_app(own), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_without_a_token_a_program_is_told_which_it_needs(api: TestClient) -> None:
    refused = api.get(PATH)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer realm="qianmian"'
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("given", ["Bearer x", "Bearer", "Basic abc", "bearer  ", "Bearer a.b.c"])
def test_a_token_that_is_not_believed_is_told_so(api: TestClient, given: str) -> None:
    refused = api.get(PATH, headers={"authorization": given})
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


def test_an_identity_token_opens_nothing(api: TestClient) -> None:
    signing, desk = api.app.state.signing, api.app.state.identity  # type: ignore[attr-defined]
    at = int(desk.wall().timestamp())
    told = {"iss": desk.settings.issuer, "aud": desk.settings.client_id, "sub": "citizen:c-li"}
    token = signing._signed({**told, "iat": at, "exp": at + 60, "nonce": "n"}, "JWT")
    assert api.get(PATH, headers=bearer(token)).status_code == 401


def test_a_token_reaches_as_far_as_its_scopes(api: TestClient) -> None:
    remind = bearer(token_of(api.app, "citizen:c-li", ("remind",)))
    refused = api.get(PATH, headers=remind)
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="qianmian:assess"' in refused.headers["www-authenticate"]
    assert api.get("/v1/citizens/c-li/reminders", headers=remind).status_code == 200
    assess = bearer(token_of(api.app, "citizen:c-li", ("assess",)))
    assert api.get("/v1/citizens/c-li/reminders", headers=assess).status_code == 403
    assert api.get(PATH, headers=assess).status_code == 200


def test_a_token_is_good_for_its_holder_alone(api: TestClient) -> None:
    headers = bearer(token_of(api.app, "citizen:c-li"))
    assert api.get(PATH, headers=headers).status_code == 200
    sent = {"client_id": "x", "subject": "c-wang", "kind": "view", "at": "2026-11-21T09:30:00+08:00"}
    assert api.post("/v1/interactions", json=sent, headers=headers).status_code == 404
    assert api.post("/v1/interactions", json={**sent, "subject": "c-li"}, headers=headers).status_code == 201
    asked = {"kind": "citizen", "subject": "c-wang", "changes": []}
    assert api.post("/v1/what-if", json=asked, headers=headers).status_code in (404, 422)


def test_there_is_and_there_is_not_are_told_in_the_same_bytes(api: TestClient) -> None:
    headers = bearer(token_of(api.app, "citizen:c-li"))
    for path in (
        "/v1/citizens/{}/homepage",
        "/v1/citizens/{}/reminders",
        "/v1/citizens/{}/questions",
        "/citizens/{}",
    ):
        answers = []
        for id_ in ("c-wang", "c-none", "e-soft"):
            answer = api.get(path.format(id_), headers=headers)
            kept = {
                n: v
                for n, v in answer.headers.items()
                if not n.lower().startswith(("content-length", "ratelimit", "x-ratelimit", "date"))
            }
            answers.append((answer.status_code, sorted(kept), answer.text.replace(id_, "ID")))
        assert answers[0][0] == 404
        assert answers[0] == answers[1] == answers[2], path


def test_there_is_and_there_is_not_take_the_same_time(api: TestClient) -> None:
    """Generous: the medians of interleaved requests lie within a factor of one another."""
    headers = bearer(token_of(api.app, "citizen:c-li"))
    took: dict[str, list[float]] = {"c-wang": [], "c-none": []}
    for _ in range(40):
        for id_, times in took.items():
            began = time.perf_counter()
            answer = api.get(f"/v1/citizens/{id_}/homepage", headers=headers)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 404
    there, none = (statistics.median(times) for times in took.values())
    assert 0.5 < there / none < 2.0


def test_the_same_answer_is_given_before_anything_of_the_subject_is_read(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timing cannot tell what is never looked up."""
    headers = bearer(token_of(api.app, "citizen:c-li"))

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a forbidden subject was looked up")

    monkeypatch.setattr("serving.desk.kind_of", never)
    monkeypatch.setattr("records.profiles.kind_of", never)
    for id_ in ("c-wang", "c-none"):
        assert api.get(f"/v1/citizens/{id_}/homepage", headers=headers).status_code == 404
