"""Opaque names for subjects: keyed, so that nobody without the key can make or link them.

HMAC-SM3 (GB/T 32905, GB/T 15852.2) over a domain and the id. Names made for different domains cannot
be joined, and a name says which version of the key made it, so that keys can be changed.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

_SHORTEST_KEY = 16
_LETTERS = 26
"""Base-32 letters kept: 130 bits, more than any two of a billion subjects will share."""


def keyed_digest(key: bytes, *parts: str) -> bytes:
    """HMAC-SM3 of the parts (32 bytes); each stands under its length, so no two lists read alike."""
    digest = HMAC(key, hashes.SM3())
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.finalize()


class PseudonymError(ValueError):
    """A key that protects nothing, or a name made with a key we do not hold."""


@dataclass(frozen=True)
class Pseudonyms:
    """Names in one domain (training, statistics ...), made with the current one of several keys."""

    keys: Mapping[str, bytes] = field(repr=False)
    """Secret keys by version (letters and digits)."""
    current: str
    domain: str

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise PseudonymError(f"no key of the current version {self.current!r} is given")
        for version, key in self.keys.items():
            if not version.isalnum():
                raise PseudonymError(f"key version {version!r}: use letters and digits")
            if len(key) < _SHORTEST_KEY:
                raise PseudonymError(f"key {version} has {len(key)} bytes: use at least {_SHORTEST_KEY}")

    def of(self, subject: str) -> str:
        """The subject's name under the current key."""
        return self._made(subject, self.current)

    def names(self, pseudonym: str, subject: str) -> bool:
        """Whether this is the subject's name under the key it was made with; PseudonymError if unheld."""
        version, _, _ = pseudonym.partition(".")
        if version not in self.keys:
            raise PseudonymError(f"made with key version {version!r}, which is not held")
        return hmac.compare_digest(pseudonym, self._made(subject, version))

    def _made(self, subject: str, version: str) -> str:
        digest = HMAC(self.keys[version], hashes.SM3())
        domain = self.domain.encode()
        # The length keeps (domain, id) pairs apart that would read alike when run together.
        digest.update(len(domain).to_bytes(4, "big") + domain + subject.encode())
        letters = base64.b32encode(digest.finalize()).decode().lower()
        return f"{version}.{letters[:_LETTERS]}"
