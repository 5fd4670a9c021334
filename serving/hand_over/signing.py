"""The token that hands a matter to the portal: what it says, how it is signed, how it is read.

Signed with a key of our own (Ed25519) whose public half anybody may fetch, so that the portal needs no secret
of ours. It names the matter and nothing of the person beyond the opaque ids that the portal reports back by.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from joserfc.jwt import JWTClaimsRegistry

from records.hand_overs import HandOver
from records.keys import VersionedKey

ALGORITHM: Final = "Ed25519"
LABEL: Final = "hand-over"
KIND: Final = "hand-over+jwt"
LEEWAY: Final = dt.timedelta(seconds=30)
LONGEST: Final = 16_384


class HandOverRefused(ValueError):
    """A token that is not ours, not for this portal, too old, or not what a hand-over is."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What a portal reads from a token."""

    id: str
    subject: str
    item: str
    scope_item: str
    cycle: str
    evidence: tuple[str, ...]
    return_to: str


class HandOverKeys:
    """The keys that sign hand-overs, one a version of the session secret; all of them verify."""

    def __init__(self, secret: VersionedKey) -> None:
        self._keys = {version: _key(version, seed) for version, seed in secret.derived(LABEL).items()}
        self._current = self._keys[secret.current]

    def public(self) -> dict[str, Any]:
        """The public halves, as a JSON web key set."""
        return dict(KeySet(list(self._keys.values())).as_dict(private=False))

    def signed(self, one: HandOver, evidence: Collection[str], return_to: str, issuer: str) -> str:
        """The token of a hand-over: for its portal alone, once, until it expires."""
        claims = {
            "iss": issuer,
            "aud": one.portal,
            "sub": one.subject,
            "jti": one.id,
            "iat": int(one.started_at.timestamp()),
            "exp": int(one.expires_at.timestamp()),
            "item": one.item,
            "scope_item": one.scope_item,
            "cycle": one.cycle,
            "evidence": sorted(evidence),
            "return_to": return_to,
        }
        header = {"alg": ALGORITHM, "kid": self._current.kid, "typ": KIND}
        return jwt.encode(header, claims, self._current, algorithms=[ALGORITHM])


def read_hand_over(token: str, keys: Mapping[str, Any], issuer: str, portal: str, at: dt.datetime) -> Handed:
    """What a token says, as a portal must check it. Raises HandOverRefused.

    That its id was not used before is for the portal to remember.
    """
    if len(token) > LONGEST:
        raise HandOverRefused("longer than any token of ours")
    registry = JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": portal},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        read = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=[ALGORITHM])  # type: ignore[arg-type]
        registry.validate(read.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise HandOverRefused(f"refused: {type(error).__name__}") from error
    if read.header.get("typ") != KIND:
        raise HandOverRefused("signed for something else")
    return _handed(read.claims)


def _handed(claims: Mapping[str, Any]) -> Handed:
    evidence = claims.get("evidence")
    if not isinstance(evidence, list):
        raise HandOverRefused("does not say what papers go with it")
    return Handed(
        id=_said(claims, "jti"),
        subject=_said(claims, "sub"),
        item=_said(claims, "item"),
        scope_item=_said(claims, "scope_item"),
        cycle=_said(claims, "cycle"),
        evidence=tuple(str(each) for each in evidence),
        return_to=_said(claims, "return_to"),
    )


def _said(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise HandOverRefused(f"does not say its {name}")
    return value


def _key(version: int, seed: bytes) -> OKPKey:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    parameters = {"kty": "OKP", "crv": "Ed25519", "x": _text(public), "d": _text(seed)}
    named = {"kid": f"{LABEL}-{version}", "alg": ALGORITHM, "use": "sig"}
    return OKPKey.import_key({**parameters, **named})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
