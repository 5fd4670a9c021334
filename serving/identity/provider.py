"""The issuer as we know it: what it says of itself, its keys, and the tokens it gives for a code."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from serving.identity.refusals import IssuerUnavailable
from serving.settings import ServingSettings

DISCOVERY: Final = "/.well-known/openid-configuration"
STALE_AFTER: Final = dt.timedelta(hours=1)
COOL_DOWN: Final = dt.timedelta(seconds=30)
"""However many unknown keys are named, the issuer is asked no more often."""
PATIENCE: Final = 5.0
LARGEST: Final = 1 << 20


class CodeRefused(ValueError):
    """The issuer gives no tokens for the code."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the issuer does what."""

    authorization: str
    token: str
    keys: str
    end_session: str | None
    names_itself: bool
    """Whether it says who it is when it sends people back (RFC 9207)."""
    wants_secret_in_body: bool


class Provider:
    """One issuer, asked over HTTP and remembered for a while."""

    def __init__(
        self,
        settings: ServingSettings,
        at: Callable[[], dt.datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings, self._at = settings, at
        self._http = httpx.AsyncClient(transport=transport, timeout=PATIENCE, follow_redirects=False)
        self._lock = asyncio.Lock()
        self._endpoints: tuple[Endpoints, dt.datetime] | None = None
        self._keys: tuple[KeySet, dt.datetime] | None = None

    async def endpoints(self) -> Endpoints:
        """What the issuer says of itself. Raises IssuerUnavailable."""
        async with self._lock:
            return await self._known_endpoints()

    async def keys_for(self, kid: str | None) -> KeySet:
        """The issuer's keys; asked for anew when they are old, or lack the one a token names.

        Old keys go on being used while the issuer is away. Raises IssuerUnavailable without any.
        """
        async with self._lock:
            if self._keys is not None:
                keys, since = self._keys[0], self._at() - self._keys[1]
                known = kid is None or any(key.kid == kid for key in keys)
                if since < COOL_DOWN or (known and since < STALE_AFTER):
                    return keys
            try:
                self._keys = (await self._fetched_keys(), self._at())
            except IssuerUnavailable:
                if self._keys is None:
                    raise
                self._keys = (self._keys[0], self._at())
            return self._keys[0]

    async def identity_token(self, code: str, verifier: str, redirect_uri: str) -> str:
        """The identity token for a code. Raises CodeRefused, IssuerUnavailable."""
        endpoints, settings = await self.endpoints(), self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": settings.client_id,
            "code_verifier": verifier,
        }
        auth: httpx.Auth = httpx.Auth()
        if settings.oidc_client_secret is not None:
            secret = settings.oidc_client_secret.get_secret_value()
            if endpoints.wants_secret_in_body:
                form["client_secret"] = secret
            else:
                auth = httpx.BasicAuth(settings.client_id, secret)
        try:
            answer = await self._http.post(endpoints.token, data=form, auth=auth)
        except httpx.HTTPError as error:
            raise IssuerUnavailable("the issuer's token endpoint does not answer") from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise IssuerUnavailable("the issuer's token endpoint fails")
        if answer.status_code != httpx.codes.OK:
            raise CodeRefused("the issuer does not accept the code")
        token = _document(answer).get("id_token")
        if not isinstance(token, str):
            raise CodeRefused("the issuer gave no identity token")
        return token

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _known_endpoints(self) -> Endpoints:
        if self._endpoints is not None and self._at() - self._endpoints[1] < STALE_AFTER:
            return self._endpoints[0]
        told = await self._fetch(self._settings.issuer + DISCOVERY)
        if told.get("issuer") != self._settings.issuer:
            raise IssuerUnavailable("what answers at the issuer's address calls itself by another name")
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        endpoints = Endpoints(
            authorization=self._address(told, "authorization_endpoint"),
            token=self._address(told, "token_endpoint"),
            keys=self._address(told, "jwks_uri"),
            end_session=self._address(told, "end_session_endpoint")
            if "end_session_endpoint" in told
            else None,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            wants_secret_in_body="client_secret_basic" not in methods and "client_secret_post" in methods,
        )
        self._endpoints = (endpoints, self._at())
        return endpoints

    def _address(self, told: dict[str, Any], name: str) -> str:
        address = told.get(name)
        if not isinstance(address, str):
            raise IssuerUnavailable(f"the issuer does not say its {name}")
        if self._settings.profile == "production" and urlsplit(address).scheme != "https":
            raise IssuerUnavailable(f"the issuer's {name} is not https")
        return address

    async def _fetched_keys(self) -> KeySet:
        told = await self._fetch((await self._known_endpoints()).keys)
        try:
            return KeySet.import_key_set(told)  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise IssuerUnavailable("the issuer's keys cannot be read") from error

    async def _fetch(self, address: str) -> dict[str, Any]:
        try:
            answer = await self._http.get(address, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            raise IssuerUnavailable("the issuer does not answer") from error
        if answer.status_code != httpx.codes.OK:
            raise IssuerUnavailable(f"the issuer answers {answer.status_code}")
        return _document(answer)


def _document(answer: httpx.Response) -> dict[str, Any]:
    if len(answer.content) > LARGEST:
        raise IssuerUnavailable("the issuer's answer is too large")
    try:
        told = answer.json()
    except ValueError as error:
        raise IssuerUnavailable("the issuer's answer is no JSON") from error
    if not isinstance(told, dict):
        raise IssuerUnavailable("the issuer's answer is no JSON object")
    return told
