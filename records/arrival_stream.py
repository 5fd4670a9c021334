"""The way on which arrivals travel in production: a Redis stream, read by a group of workers.

What travels are ids alone. The table of arrivals stays the truth: what never reached the stream, or was
lost with it, is found there; what the stream tells twice is done once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from features.breaker import Breaker
from records.settings import Settings

STREAM: Final = "qianmian:arrivals"
GROUP: Final = "workers"
LONGEST: Final = 100_000
"""About how many entries the stream keeps; what it drops is still in the table."""
PATIENCE: Final = 0.05
"""Seconds for which whoever hands something in waits for the stream."""
ABANDONED_MS: Final = 10_000
"""After so long an entry that a worker took and did not finish is another's to take."""

logger = logging.getLogger("qianmian.arrivals")


class Bell(Protocol):
    """Tells workers that something came, once it is kept."""

    def ring(self, ids: Sequence[int]) -> None:
        """Say which arrivals; never raises, for what came is kept whether or not anybody hears."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


class Silent:
    """No bell: the worker looks at the table by itself, as it does beside an embedded database."""

    def ring(self, ids: Sequence[int]) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the stream: its own id, and the arrivals it tells of."""

    id: str
    arrivals: tuple[int, ...]


class StreamBell:
    """Adds arrivals to the stream; one that does not answer is left alone for a while."""

    def __init__(self, url: str, clock: Callable[[], float] = monotonic) -> None:
        self._client, self._breaker = _client(url, PATIENCE), Breaker(clock)

    def ring(self, ids: Sequence[int]) -> None:
        """One entry for all of them; where the stream is away, the workers' sweep of the table finds them."""
        if not ids or not self._breaker.admits():
            return
        try:
            self._client.xadd(STREAM, _fields(ids), maxlen=LONGEST, approximate=True)
        except (redis.RedisError, OSError) as error:
            self._breaker.failed()
            logger.warning("the stream of arrivals was not told: %s", type(error).__name__)
        else:
            self._breaker.succeeded()

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


class ArrivalStream:
    """The workers' end of the stream. Raises what the Redis client raises when it does not answer."""

    def __init__(self, url: str, worker: str, patience: float = 2.0) -> None:
        """`worker` is this process among the group; `patience` bounds every wait, in seconds."""
        self._client, self._worker = _client(url, patience), worker

    def read(self, count: int, block_ms: int | None) -> tuple[Entry, ...]:
        """Up to so many entries that no worker has seen; waits so long for the first (None: not at all)."""
        found = self._in_group(
            lambda: self._client.xreadgroup(GROUP, self._worker, {STREAM: ">"}, count=count, block=block_ms)
        )
        return tuple(_entry(entry) for _, entries in (found or ()) for entry in entries)

    def abandoned(self, count: int, idle_ms: int = ABANDONED_MS) -> tuple[Entry, ...]:
        """Up to so many entries that another worker took and did not finish; they are this one's now."""
        found = self._in_group(
            lambda: self._client.xautoclaim(STREAM, GROUP, self._worker, idle_ms, count=count)
        )
        # An entry that the stream has dropped meanwhile has no fields.
        return tuple(_entry(entry) for entry in found[1] if entry[1])

    def finish(self, entries: Sequence[Entry]) -> None:
        """These entries are dealt with: done, or noted in the table for another attempt."""
        if entries:
            ids = [entry.id for entry in entries]
            with self._client.pipeline(transaction=False) as pipe:
                pipe.xack(STREAM, GROUP, *ids)
                pipe.xdel(STREAM, *ids)
                pipe.execute()

    def leave(self) -> None:
        """Let the group forget this worker, if it holds nothing unfinished, and let go of the connection."""
        try:
            mine = self._client.xpending_range(STREAM, GROUP, "-", "+", 1, consumername=self._worker)
            if not mine:
                self._client.xgroup_delconsumer(STREAM, GROUP, self._worker)
        except (redis.RedisError, OSError) as error:
            logger.info("the stream was left without a word: %s", type(error).__name__)
        finally:
            self._client.close()

    def _in_group(self, asked: Callable[[], Any]) -> Any:
        """The answer; a stream that was never there, or was lost, is begun first."""
        try:
            return asked()
        except redis.ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            self._begin()
            return asked()

    def _begin(self) -> None:
        try:
            self._client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise


def open_bell(settings: Settings) -> Bell:
    """The bell of these settings: the stream where Redis is at hand, else none."""
    return StreamBell(settings.redis_url) if settings.online_store == "redis" else Silent()


def _client(url: str, patience: float) -> Any:
    return redis.Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def _fields(ids: Sequence[int]) -> dict[Any, Any]:
    return {"ids": ",".join(map(str, ids))}


def _entry(given: tuple[str, dict[str, str]]) -> Entry:
    """An entry; one that is none of ours tells of nothing."""
    words = given[1].get("ids", "").split(",")
    return Entry(given[0], tuple(int(word) for word in words if word.isdecimal()))
