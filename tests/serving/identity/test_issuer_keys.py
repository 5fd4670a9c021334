"""The issuer's keys are remembered, renewed when an unknown one is named, and not on anybody's whim."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet

from serving.identity.provider import COOL_DOWN, STALE_AFTER, CodeRefused, Provider
from serving.identity.refusals import IssuerUnavailable
from serving.settings import ServingSettings

ISSUER = "https://issuer.example"
START = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)


class Issuer:
    """An issuer on a wire of its own, whose keys and moods can be changed."""

    def __init__(self) -> None:
        self.now, self.asked, self.down = START, 0, False
        self.name = ISSUER
        self.keys = [ECKey.generate_key("P-256", auto_kid=True)]
        self.token = httpx.Response(400, json={"error": "invalid_grant"})

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down")
        match request.url.path:
            case "/.well-known/openid-configuration":
                ends = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                return httpx.Response(200, json={"issuer": self.name, **{e: f"{ISSUER}/{e}" for e in ends}})
            case "/jwks_uri":
                self.asked += 1
                return httpx.Response(200, json=KeySet(list(self.keys)).as_dict(private=False))
            case _:
                return self.token


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def provider(issuer: Issuer) -> Provider:
    settings = ServingSettings(oidc_issuer=ISSUER, oidc_client_id="us")
    return Provider(settings, lambda: issuer.now, httpx.MockTransport(issuer.answer))


def kids(provider: Provider, kid: Any) -> set[str | None]:
    return {key.kid for key in asyncio.run(provider.keys_for(kid))}


def test_a_rotated_key_is_fetched_when_it_is_first_named(issuer: Issuer, provider: Provider) -> None:
    old = issuer.keys[0].kid
    assert kids(provider, old) == {old}
    assert kids(provider, old) == {old}
    assert issuer.asked == 1
    fresh = ECKey.generate_key("P-256", auto_kid=True)
    issuer.keys = [fresh]
    issuer.now += COOL_DOWN
    assert kids(provider, fresh.kid) == {fresh.kid}
    assert issuer.asked == 2


def test_made_up_keys_do_not_make_us_ask_and_ask(issuer: Issuer, provider: Provider) -> None:
    kids(provider, issuer.keys[0].kid)
    for n in range(50):
        kids(provider, f"made-up-{n}")
    assert issuer.asked == 1
    issuer.now += COOL_DOWN
    for n in range(50):
        kids(provider, f"made-up-{n}")
    assert issuer.asked == 2


def test_keys_are_renewed_after_a_while_and_kept_while_the_issuer_is_away(
    issuer: Issuer, provider: Provider
) -> None:
    kid = issuer.keys[0].kid
    kids(provider, kid)
    issuer.now += STALE_AFTER
    issuer.down = True
    assert kids(provider, kid) == {kid}
    issuer.down = False
    issuer.now += STALE_AFTER
    kids(provider, kid)
    assert issuer.asked == 2


def test_an_issuer_that_is_away_or_somebody_else_lets_nobody_in(issuer: Issuer, provider: Provider) -> None:
    issuer.name = "https://evil.example"
    with pytest.raises(IssuerUnavailable, match="another name"):
        kids(provider, None)
    issuer.down = True
    with pytest.raises(IssuerUnavailable):
        kids(provider, None)


def test_a_code_the_issuer_refuses_is_refused(issuer: Issuer, provider: Provider) -> None:
    with pytest.raises(CodeRefused):
        asyncio.run(provider.identity_token("code", "verifier", "uri"))
    issuer.token = httpx.Response(500)
    with pytest.raises(IssuerUnavailable):
        asyncio.run(provider.identity_token("code", "verifier", "uri"))
    issuer.token = httpx.Response(200, json={"access_token": "x"})
    with pytest.raises(CodeRefused, match="no identity token"):
        asyncio.run(provider.identity_token("code", "verifier", "uri"))
