"""What to make of a failure: a store that is away is waited for, anything else is the arrival's own."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
import traceback
from typing import Final

from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from features.guarded import StoreAway
from records.failures import failure_of

MOST_ATTEMPTS: Final = 5
"""After so many failures an arrival is a dead letter."""
FIRST_WAIT: Final = dt.timedelta(seconds=2)
GROWTH: Final = 4
"""Each wait is so many times the one before: two seconds, eight, half a minute, two minutes."""
LONGEST_PAUSE: Final = 15.0
"""Seconds between two tries of a store that is away."""
_OURS: Final = ("catalog", "features", "models", "privacy", "records", "pipelines")


def is_away(error: Exception) -> bool:
    """Whether a store is away, slow, locked or full: nothing is wrong with what came."""
    if isinstance(error, SQLAlchemyError):
        return failure_of(error) != "records_refused"
    return isinstance(error, (StoreAway, RedisError, ConnectionError, TimeoutError, sqlite3.OperationalError))


def reason_of(error: Exception) -> str:
    """The kind of error and the place in our code; never its words, which may quote somebody's data."""
    frames = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    lines = [line for _, line in traceback.walk_tb(error.__traceback__)]
    ours = [
        f"{module}, line {line}"
        for module, line in zip(frames, lines, strict=True)
        if module.partition(".")[0] in _OURS
    ]
    return f"{type(error).__name__} in {ours[-1]}" if ours else type(error).__name__


def next_attempt(attempts: int, at: dt.datetime, chance: random.Random) -> dt.datetime | None:
    """When to try again after so many failures, spread lest many come back together; None: never."""
    if attempts >= MOST_ATTEMPTS:
        return None
    factor = float(GROWTH ** (attempts - 1)) * chance.uniform(0.8, 1.2)
    return at + FIRST_WAIT * factor


def pause(failed: int) -> float:
    """Seconds to wait after a store was away so many times in a row."""
    return min(LONGEST_PAUSE, 0.25 * 2.0 ** min(failed, 10))
