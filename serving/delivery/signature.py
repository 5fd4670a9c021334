"""Signatures of webhook requests, as in the Standard Webhooks specification: HMAC-SHA256 over id, time, body.

webhook-id: <the request's id>
webhook-timestamp: <seconds since 1970>
webhook-signature: v1,<base64> [v1,<base64> ...]     one for each key, so that keys can be changed
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

WINDOW: Final = 300
"""Seconds a request may be old, or ahead, when it arrives."""
PREFIX: Final = "whsec_"
SHORTEST: Final = 24
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class SecretRefused(ValueError):
    """A secret that protects nothing; its message holds no part of it."""


class Forged(ValueError):
    """A request that is not signed, not by us, or not now; says which, and nothing of the key."""


def keys_of(secret: str) -> tuple[bytes, ...]:
    """The keys of a secret: one, or while keys are changed the old after the new. Raises SecretRefused."""
    keys = tuple(_key(part) for part in secret.split())
    if not keys:
        raise SecretRefused("is empty")
    return keys


def _key(written: str) -> bytes:
    if not written.startswith(PREFIX):
        raise SecretRefused(f"write it as {PREFIX} and at least {SHORTEST} random bytes in base64")
    try:
        key = base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise SecretRefused("is not base64") from error
    if len(key) < SHORTEST or len(set(key)) < SHORTEST // 4:
        raise SecretRefused(f"has fewer than {SHORTEST} random bytes")
    return key


def signed_headers(keys: Sequence[bytes], request: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a request."""
    signatures = " ".join(f"v1,{_signature(key, request, timestamp, body)}" for key in keys)
    return {ID: request, TIMESTAMP: str(timestamp), SIGNATURE: signatures}


def check(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The id of a request that one of the keys signed within the window. Raises Forged."""
    request, written = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not request or not written.isascii() or not written.isdigit():
        raise Forged("the request has no id or time")
    timestamp = int(written)
    if abs(now - timestamp) > WINDOW:
        raise Forged("the request is too old, or ahead of its time")
    given = [
        part.removeprefix("v1,") for part in headers.get(SIGNATURE, "").split() if part.startswith("v1,")
    ]
    expected = [_signature(key, request, timestamp, body) for key in keys]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in given for other in expected):
        raise Forged("no signature of the request is ours")
    return request


def _signature(key: bytes, request: str, timestamp: int, body: bytes) -> str:
    signed = f"{request}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
