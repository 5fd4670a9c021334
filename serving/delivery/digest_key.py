"""The idempotency key of several rows that go as one message."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def digest_key(keys: Iterable[str]) -> str:
    """The same for the same rows, in whatever order."""
    return hashlib.sha256("\x1f".join(("digest", *sorted(keys))).encode()).hexdigest()[:32]
