"""The embedded issuer's key and the tokens signed with it. The key lives as long as the process."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from serving.identity.desk import OWN_SUBJECT_CLAIM
from serving.identity.issuer.codes import Authorization
from serving.settings import ServingSettings

ALGORITHM: Final = "ES256"
LIVES: Final = dt.timedelta(minutes=60)


class Signing:
    """Signs what the issuer vouches for."""

    def __init__(self) -> None:
        parameters: Any = {"use": "sig", "alg": ALGORITHM}
        self._key = ECKey.generate_key("P-256", parameters, private=True, auto_kid=True)

    def public_keys(self) -> dict[str, Any]:
        """The key as anybody may see it."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def tokens(self, agreed: Authorization, settings: ServingSettings, at: dt.datetime) -> dict[str, Any]:
        """The answer of the token endpoint."""
        vouched = {"iss": settings.issuer, "sub": agreed.name, "iat": _second(at), "exp": _second(at + LIVES)}
        if agreed.subject is not None:
            vouched[OWN_SUBJECT_CLAIM] = agreed.subject
        identity = {**vouched, "aud": agreed.client, "auth_time": _second(at)}
        if agreed.nonce is not None:
            identity["nonce"] = agreed.nonce
        access = {**vouched, "aud": settings.audience, "scope": agreed.scope, "client_id": agreed.client}
        return {
            "token_type": "Bearer",
            "expires_in": int(LIVES.total_seconds()),
            "scope": agreed.scope,
            "id_token": self._signed(identity, "JWT"),
            "access_token": self._signed(access, "at+jwt"),
        }

    def _signed(self, claims: dict[str, Any], kind: str) -> str:
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid, "typ": kind}, claims, self._key)


def _second(at: dt.datetime) -> int:
    return int(at.timestamp())
