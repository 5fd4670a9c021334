"""Signing in to a server of ours as a browser and as a program do, through the embedded issuer."""

from __future__ import annotations

import re
import secrets
from html import unescape
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from commands.console import Refusal
from serving.identity.issuer.codes import challenge_of
from serving.identity.issuer.routes import PROGRAMS, redirect_uris
from serving.settings import OWN_ISSUER_PATH, ServingSettings

_FIELD: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_PURPOSES: Final = ("assess", "rank", "remind")


def sign_in(client: httpx.Client, persona: str, path: str) -> httpx.Response:
    """Follow the printed address, tap the proposed persona, and arrive; the page that was asked for."""
    picker = client.get("/login", params={"as": persona, "next": path}, follow_redirects=True)
    form = {name: unescape(value) for name, value in _FIELD.findall(picker.text)}
    if picker.status_code != httpx.codes.OK or "code_challenge" not in form:
        raise Refusal(f"/login did not lead to the persona picker ({picker.status_code})")
    return client.post(
        f"{OWN_ISSUER_PATH}/authorize", data={**form, "persona": persona}, follow_redirects=True
    )


def access_token(client: httpx.Client, persona: str, settings: ServingSettings) -> str:
    """A token for the API, got with a code and its verifier."""
    verifier, uri = secrets.token_urlsafe(48), redirect_uris(settings)[PROGRAMS]
    asked = {
        "response_type": "code",
        "client_id": PROGRAMS,
        "redirect_uri": uri,
        "scope": " ".join(["openid", *(f"qianmian:{purpose}" for purpose in _PURPOSES)]),
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "persona": persona,
    }
    agreed = client.post(f"{OWN_ISSUER_PATH}/authorize", data=asked)
    codes = parse_qs(urlsplit(agreed.headers.get("location", "")).query).get("code", [])
    if not codes:
        raise Refusal(f"the embedded issuer gave no code ({agreed.status_code})")
    form = {
        "grant_type": "authorization_code",
        "code": codes[0],
        "redirect_uri": uri,
        "client_id": PROGRAMS,
        "code_verifier": verifier,
    }
    told = client.post(f"{OWN_ISSUER_PATH}/token", data=form)
    if told.status_code != httpx.codes.OK:
        raise Refusal(f"the embedded issuer gave no token ({told.status_code})")
    return str(told.json()["access_token"])
