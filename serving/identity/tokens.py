"""Tokens of the issuer, believed only when signed by its keys, made for us, and in their time."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact
from joserfc.jwt import JWTClaimsRegistry

from serving.identity.refusals import TokenRefused

ALGORITHMS: Final = (
    "RS256",
    "PS256",
    "ES256",
    "RS384",
    "PS384",
    "ES384",
    "RS512",
    "PS512",
    "ES512",
    "Ed25519",
)
"""Signatures by the issuer's private key alone: no `none`, and nothing a public key could be a secret of."""
LEEWAY: Final = dt.timedelta(seconds=60)
LONGEST: Final = 16_384
ACCESS_TYPES: Final = (None, "JWT", "at+jwt", "application/at+jwt")

Claims = Mapping[str, Any]


def key_id(token: str) -> str | None:
    """Which key a token says it was signed with. TokenRefused for what is no signed token."""
    kid = _header(token).get("kid")
    if kid is not None and not isinstance(kid, str):
        raise TokenRefused("the key id is no text")
    return kid


def access_claims(token: str, keys: KeySet, issuer: str, audience: str, at: dt.datetime) -> Claims:
    """The claims of an access token for the API. Raises TokenRefused."""
    if _header(token).get("typ") not in ACCESS_TYPES:
        raise TokenRefused("not an access token")
    claims = _claims(token, keys, issuer, audience, at)
    if "nonce" in claims:
        raise TokenRefused("an identity token, not an access token")
    return claims


def identity_claims(
    token: str, keys: KeySet, issuer: str, client: str, nonce: str, at: dt.datetime
) -> Claims:
    """The claims of the identity token that answers our sign-in. Raises TokenRefused."""
    claims = _claims(token, keys, issuer, client, at)
    made_for = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if (len(made_for) > 1 or "azp" in claims) and claims.get("azp") != client:
        raise TokenRefused("made for another client")
    answered = claims.get("nonce")
    if not isinstance(answered, str) or not hmac.compare_digest(answered.encode(), nonce.encode()):
        raise TokenRefused("answers another sign-in")
    return claims


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise TokenRefused("longer than any token of ours")
    try:
        return dict(extract_compact(token.encode()).headers())
    except (JoseError, ValueError, UnicodeError, RecursionError) as error:
        raise TokenRefused("not a signed token") from error


def _claims(token: str, keys: KeySet, issuer: str, audience: str, at: dt.datetime) -> Claims:
    registry = JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        registry.validate(claims)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused(f"refused: {type(error).__name__}") from error
    if not isinstance(claims["sub"], str):
        raise TokenRefused("says nobody's name")
    return claims
