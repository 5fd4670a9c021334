"""Tells an online store that was filled whole from one that was emptied behind our back.

Whoever fills the store whole writes the epoch last, into the store and into a file beside the registry. A
Redis that was restarted empty, flushed, or restored from an older copy does not hold the epoch of the file;
then what it does not say is not "nobody spoke" but "it forgot", and must not be passed off as unknown.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, Final

from features.registry import StoreLocation

KEY: Final = "qianmian:epoch"
_FILE: Final = "online-epoch"


def epoch_file(location: StoreLocation) -> Path:
    """Where the epoch that the online store must hold is written down."""
    return location.registry.with_name(_FILE)


class Epoch:
    """The epoch of a Redis online store. Raises what the Redis client raises when it does not answer."""

    def __init__(self, location: StoreLocation, patience: float | None = None) -> None:
        """`patience` bounds the wait for an answer, in seconds."""
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._file = epoch_file(location)
        self._client: Any = redis.Redis.from_url(
            location.redis_url or "",
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
        )

    def stands(self) -> bool:
        """Whether the store is the one that was filled whole; True where none was ever written down."""
        try:
            expected = self._file.read_bytes()
        except FileNotFoundError:
            return True
        return bool(self._client.get(KEY) == expected)

    def begin(self) -> None:
        """Write down a new epoch, once everything is in the store."""
        epoch = secrets.token_hex(8).encode()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_name(f"{_FILE}.part")
        part.write_bytes(epoch)
        # First the store: a file without its store would have a good store distrusted until it is refilled.
        self._client.set(KEY, epoch)
        part.replace(self._file)

    def take(self, seconds: int) -> bool:
        """Whether this process is the one to refill the store, for so long."""
        return bool(self._client.set(f"{KEY}:refilling", b"1", nx=True, ex=seconds))

    def release(self) -> None:
        """Let another process refill the store."""
        self._client.delete(f"{KEY}:refilling")

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
