"""When to try again: exponential backoff with jitter up to about four hours, then no more."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Final

FIRST: Final = 60.0
"""Seconds before the second attempt; each later wait is twice the one before."""
MOST_FAILURES: Final = 9
"""Waits of 1, 2, 4 ... 128 minutes, 4 h 15 min in all, lie between so many attempts."""
JITTER: Final = 0.2
"""Each wait is up to so much shorter or longer, lest all that failed together come back together."""
MOST_CRASHES: Final = 50
"""Attempts of a row, failed or broken off by a crash, after which it is taken to be the cause."""


def wait_after(failures: int, random: Random, asked: float | None = None) -> dt.timedelta:
    """How long to wait after so many failures; never less than the receiver `asked` for, in seconds."""
    wait = FIRST * 2 ** (min(failures, MOST_FAILURES) - 1) * random.uniform(1 - JITTER, 1 + JITTER)
    return dt.timedelta(seconds=max(wait, asked or 0))


def is_hopeless(failures: int, attempts: int) -> bool:
    """Whether trying is over: it failed for about four hours, or brings the deliverer down."""
    return failures >= MOST_FAILURES or attempts >= MOST_CRASHES
