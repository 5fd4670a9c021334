"""Seeded randomness: one stream a purpose, so that adding a draw in one place moves nothing elsewhere."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def key_of(*parts: object) -> int:
    """A 64-bit key of the parts, the same on every machine and run."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def stream(*parts: object) -> np.random.Generator:
    """The generator that belongs to these parts (seed, kind, block, purpose)."""
    return np.random.Generator(np.random.PCG64(key_of(*parts)))


def mix(words: Words, key: int) -> Words:
    """A keyed bijection of 64-bit words: distinct indices never collide."""
    with np.errstate(over="ignore"):
        z = (words + np.uint64(key | 1)) * _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31)) ^ np.uint64(key)


def uniforms(index: Ints, *parts: object) -> Floats:
    """One fixed uniform in [0, 1) for each index: the same whenever it is asked for again."""
    words = mix(index.astype(np.uint64), key_of(*parts))
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def opaque_ids(prefix: str, index: Ints, *parts: object) -> npt.NDArray[np.str_]:
    """`prefix` and 16 hexadecimal digits for each index, distinct within the parts.

    >>> opaque_ids("c-", np.arange(2), 7).tolist() == opaque_ids("c-", np.arange(2), 7).tolist()
    True
    """
    words = mix(index.astype(np.uint64), key_of(prefix, *parts))
    raw = words.astype(">u8").view(np.uint8).reshape(-1, 8)
    digits = np.empty((len(words), 16), dtype=np.uint8)
    digits[:, 0::2] = _HEX[raw >> 4]
    digits[:, 1::2] = _HEX[raw & 15]
    text = digits.view("S16").ravel().astype("U16")
    return np.char.add(prefix, text)
