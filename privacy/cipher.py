"""Sealing what identifies a person: SM4-GCM (GB/T 32907) with a data key a value, wrapped by a master key.

A sealed value is bound to its place, so that it cannot be moved to another row or column, and names the
version of the master key it needs, so that master keys can be changed one value at a time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES: Final = 16
"""An SM4 key."""
_FORM: Final = 1
_NONCE: Final = 12
_TAG: Final = 16
_HEAD: Final = 5
"""One byte for the form of what follows, four for the version of the master key."""
_WRAPPED: Final = _NONCE + KEY_BYTES + _TAG


class CipherError(ValueError):
    """A value that was not sealed here, with these keys and for this place."""


def place(*parts: str) -> bytes:
    """Names a place (table, column, row ...) in one way only, whatever its parts hold."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Seals with the current one of several master keys, and opens what any of them sealed."""

    masters: Mapping[int, bytes] = field(repr=False)
    """Master keys of 16 bytes by version."""
    current: int

    def __post_init__(self) -> None:
        if self.current not in self.masters:
            raise CipherError(f"no master key of the current version {self.current} is given")
        wrong = sorted(version for version, key in self.masters.items() if len(key) != KEY_BYTES)
        if wrong:
            raise CipherError(f"master keys {wrong} do not have the {KEY_BYTES} bytes of SM4")

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """The value, readable with the current master key and in this place only."""
        head = bytes([_FORM]) + self.current.to_bytes(4, "big")
        data_key = secrets.token_bytes(KEY_BYTES)
        wrapped = _encrypted(self.masters[self.current], data_key, head + b"key" + bound_to)
        return head + wrapped + _encrypted(data_key, plain, head + b"value" + bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The value again. CipherError when it was changed, moved, or sealed with a key not held."""
        version = version_of(sealed)
        if version not in self.masters:
            raise CipherError(f"sealed with master key {version}, which is not held")
        head, wrapped, value = sealed[:_HEAD], sealed[_HEAD : _HEAD + _WRAPPED], sealed[_HEAD + _WRAPPED :]
        data_key = _decrypted(self.masters[version], wrapped, head + b"key" + bound_to)
        return _decrypted(data_key, value, head + b"value" + bound_to)


def version_of(sealed: bytes) -> int:
    """Which version of the master key a sealed value needs."""
    if len(sealed) < _HEAD + _WRAPPED + _NONCE + _TAG or sealed[0] != _FORM:
        raise CipherError("not a sealed value of a form that is known here")
    return int.from_bytes(sealed[1:_HEAD], "big")


def _encrypted(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    cipher = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(bound_to)
    return nonce + cipher.update(plain) + cipher.finalize() + cipher.tag


def _decrypted(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    nonce, text, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
    cipher = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    cipher.authenticate_additional_data(bound_to)
    try:
        return cipher.update(text) + cipher.finalize()
    except InvalidTag as error:
        raise CipherError("the value was changed, or belongs to another place or key") from error
