"""How often one address and one caller may ask; the amounts are in rate_limits.yaml.

Counted within the process, or in Redis where several processes serve. What is counted by is a keyed digest,
so the store learns neither addresses nor who calls.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import Final, Literal, get_args

import msgspec
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter

from privacy.pseudonym import keyed_digest
from records.keys import Secrets
from serving.overload import LimitsUnknown, TooManyRequests
from serving.settings import ServingSettings

Group = Literal["pages", "api", "sign_in", "staff_search", "push"]
Who = Literal["address", "caller"]
LIMITS: Final = Path(__file__).with_name("rate_limits.yaml")
ASK_AGAIN: Final = 5.0
"""Seconds for which a store that failed is left alone."""
_STORE_TIMEOUT: Final = 0.05

logger = logging.getLogger("qianmian.limits")


class _Amounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: tuple[str, ...]
    caller: tuple[str, ...]
    when_unsure: Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class _Rule:
    items: Mapping[Who, tuple[RateLimitItem, ...]]
    closed: bool


class RateLimits:
    """Counts requests by group. Safe to share between threads."""

    def __init__(self, storage: Storage, key: bytes, factor: float = 1, path: Path = LIMITS) -> None:
        self._limiter, self._key = SlidingWindowCounterRateLimiter(storage), key
        self._rules = _load(path, factor)
        self.remote = not isinstance(storage, MemoryStorage)
        """Whether counting goes over the network, and so belongs in a worker thread."""
        self._away_until = -math.inf

    def check(self, group: Group, who: Who, name: str) -> None:
        """Count one request. Raises TooManyRequests, and LimitsUnknown where unsure means closed."""
        rule = self._rules[group]
        named = keyed_digest(self._key, who, name).hex()[:32]
        for item in rule.items[who]:
            if not self._counted(rule, item, (group, who, named)):
                raise TooManyRequests(item.amount, self._wait(item, (group, who, named)))

    def _counted(self, rule: _Rule, item: RateLimitItem, name: tuple[str, ...]) -> bool:
        if monotonic() >= self._away_until:
            try:
                return self._limiter.hit(item, *name)
            except Exception as error:
                # Whatever the store raises, it did not count.
                self._away_until = monotonic() + ASK_AGAIN
                logger.error("requests are not counted: %s", type(error).__name__)
        if rule.closed:
            raise LimitsUnknown("the store of rate limits does not answer")
        return True

    def _wait(self, item: RateLimitItem, name: tuple[str, ...]) -> float:
        try:
            return self._limiter.get_window_stats(item, *name).reset_time - time()
        except Exception:
            # It answered a moment ago; the longest wait is never too short.
            return float(item.get_expiry())


def group_of(path: str) -> Group:
    """Which limits a path is under, unless its route says otherwise."""
    if path.startswith("/v1/"):
        return "api"
    return "sign_in" if path.startswith(("/login", "/logout")) else "pages"


def open_limits(settings: ServingSettings, secrets: Secrets) -> RateLimits:
    """The limits of a server: counted in Redis where the online store is there too, else in the process."""
    storage: Storage
    if settings.online_store == "redis":
        storage = RedisStorage(
            settings.redis_url,
            key_prefix="qianmian:limits",
            socket_timeout=_STORE_TIMEOUT,
            socket_connect_timeout=_STORE_TIMEOUT,
        )
    else:
        storage = MemoryStorage()
    key = secrets["session"]
    return RateLimits(storage, key.derived("rate limits")[key.current], settings.rate_limit_factor)


def _load(path: Path, factor: float) -> Mapping[Group, _Rule]:
    given = msgspec.yaml.decode(path.read_bytes(), type=dict[Group, _Amounts])
    missing = set(get_args(Group)) - set(given)
    if missing:
        raise ValueError(f"{path.name}: no limits for {', '.join(sorted(missing))}")
    return {
        group: _Rule(
            {"address": _items(amounts.address, factor), "caller": _items(amounts.caller, factor)},
            amounts.when_unsure == "closed",
        )
        for group, amounts in given.items()
    }


def _items(written: tuple[str, ...], factor: float) -> tuple[RateLimitItem, ...]:
    parsed = [parse(text) for text in written]
    return tuple(type(item)(max(1, round(item.amount * factor)), item.multiples) for item in parsed)
